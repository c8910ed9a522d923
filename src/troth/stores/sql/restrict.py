"""Restrict, lift and prove in one database: one transaction each, by the means its engine offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.rights.restrict import Order, Placed, Proof
from troth.stores.sql import (
    restrict_postgresql,
    restrict_quarantine,
    restrict_reading,
    staged_people,
    staging,
    staging_tables,
)
from troth.stores.sql.trouble import explain

Ways = Mapping[str, tuple[Way, ...]]


def place(
    engine: sa.Engine,
    catalog: Catalog,
    people: Manifest,
    ways: Ways,
    order: Order,
    markers: Mapping[str, str],
) -> tuple[Placed, ...]:
    """Put an obstacle before the rows of people, in one transaction; done again it takes in what came since.

    Args:
        engine: Open for writing.
        catalog: The store's structure.
        people: Who is restricted.
        ways: By which rows are theirs.
        order: Which restriction.
        markers: By dataset, the column that tells the application.

    Raises:
        Refused: it cannot be done without hindering others, or Troth itself; nothing is changed.
        StoreError: the database refuses; nothing is changed.
    """
    own = {name: listed for name, listed in ways.items() if catalog.dataset(name) is not None}
    if catalog.dialect == "postgresql":
        with _begun(engine, catalog) as connection:
            return restrict_postgresql.place(connection, catalog, people, own, order)
    with _begun(engine, catalog) as connection:
        restrict_quarantine.prepare(connection, catalog, tuple(own), markers)
    with _begun(engine, catalog) as connection:
        staged = staging.stage(connection, catalog, people, staged_people.asked(catalog, people, own))
        done = restrict_quarantine.Moving(connection, staged, order, markers).place(own)
        staging_tables.unstage(connection, staged)
    with _begun(engine, catalog) as connection:
        restrict_quarantine.tidy(connection)
    return done


def lift(engine: sa.Engine, catalog: Catalog, id: str, heir: str = "") -> int:
    """Take an obstacle away, exactly; return how many entries or rows it was about, 0 when it is gone already.

    Raises:
        StoreError: the database refuses; nothing is changed.
    """
    if catalog.dialect == "postgresql":
        with _begun(engine, catalog) as connection:
            return restrict_postgresql.lift(connection, id)
    with _begun(engine, catalog) as connection:
        moved = restrict_quarantine.lift(connection, catalog, id, heir)
    with _begun(engine, catalog) as connection:
        restrict_quarantine.tidy(connection)
    return moved


def prove(engine: sa.Engine, catalog: Catalog, people: Manifest, ways: Ways, order: Order) -> Proof:
    """Read as each reader there is, and change nothing.

    Raises:
        StoreError: the database does not answer.
    """
    own = {name: listed for name, listed in ways.items() if catalog.dataset(name) is not None}
    try:
        with engine.connect() as connection:
            staging.in_memory(connection)
            secured = catalog.dialect == "postgresql"
            look = restrict_reading.prove if secured else restrict_quarantine.prove
            found = look(connection, catalog, people, own, order)
            connection.rollback()
            return found
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error


@contextmanager
def _begun(engine: sa.Engine, catalog: Catalog) -> Iterator[sa.Connection]:
    try:
        with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            staging.in_memory(connection)
            with connection.begin():
                yield connection
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
