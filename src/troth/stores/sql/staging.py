"""Stage the people at hand for a connection: as temporary tables, or few of them as parameters.

Values are those of the sealed manifest. Few people are read about by parameters, where the server writes none
(`given`). Reads nothing of the datasets themselves, but for what others have too (`common_values`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog
from troth.errors import StoreError
from troth.people import normal
from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.stores.sql import coarse, common_values, find_match, find_ranges, given, staging_values
from troth.stores.sql.borrow import borrowed, reading
from troth.stores.sql.find_ranges import Range
from troth.stores.sql.staged_people import TABLE, Needed, Shape, StagedPeople, clause, name, types
from troth.stores.sql.staging_tables import fill, make
from troth.stores.sql.staging_values import SPELT
from troth.stores.sql.trouble import Trouble, classify, explain

BY_INDEX = "SET LOCAL random_page_cost = 0.1; SET LOCAL jit = off"
"""Rows of few people are found by index, not by reading tables whole: costs of reading as no old disk has them
(PostgreSQL, chapter 20.7.2); and compiling such questions costs more than it saves."""
_WRITING = {
    "postgresql": "SET TRANSACTION READ WRITE",
    "mariadb": "SET SESSION TRANSACTION READ WRITE",
}
_READING = {
    "postgresql": f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; {BY_INDEX}",
    "mariadb": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


def stage(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    needed: Needed,
    *,
    drop: bool = True,
    first: str = "",
    by_index: bool = False,
) -> StagedPeople:
    """Make and fill the temporary tables of a connection.

    Args:
        connection: On PostgreSQL in a transaction that may write.
        catalog: The store at hand.
        people: Who is staged.
        needed: What `asked` listed.
        drop: Let the tables go with the transaction; on SQLite `unstage` drops them.
        first: Sent to PostgreSQL along with the commands that make the tables.
        by_index: Find rows of today by their spelling, where an index can (`find_ranges`).

    Raises:
        SQLAlchemyError: the store does not answer, or lets the role make no temporary table.
    """
    staged = _outlined(connection, catalog, people, needed, by_index=by_index)
    teach(connection)
    if not needed.shapes:
        if first and catalog.dialect == "postgresql":
            connection.exec_driver_sql(first)
        return staged
    make(connection, staged, drop=drop, first=first)
    for wanted in staged.shapes:
        fill(connection, clause(catalog, staged.shapes, wanted), _rows(staged, people, wanted))
    if catalog.dialect == "postgresql":
        names = ", ".join(f"pg_temp.{TABLE}{n}" for n in range(len(staged.shapes)))
        connection.exec_driver_sql(f"ANALYZE {names}")
    for one in staged.commons:
        common_values.fill(connection, staged, one)
    return staged


def _outlined(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    needed: Needed,
    *,
    by_index: bool,
) -> StagedPeople:
    """Say what is staged, before any value is."""
    matcher = find_match.ask(connection)
    return StagedPeople(
        catalog=catalog,
        matcher=matcher,
        entries={entry.number: entry for entry in people.entries},
        shapes=needed.shapes,
        ranged=_ranged(catalog, people, needed.shapes) if by_index and matcher.ranges else {},
        commons=needed.commons,
    )


def _ranged(
    catalog: Catalog, people: Manifest, shapes: tuple[Shape, ...]
) -> Mapping[int, Mapping[str, tuple[Range, ...]]]:
    """List the ranges of all spellings of an entry; none where reading every row is cheaper, or needed."""
    found: dict[int, Mapping[str, tuple[Range, ...]]] = {}
    for one in people.entries:
        subject = catalog.dataset(one.dataset)
        if one.family is not Family.EMAIL or Shape(one.number, (SPELT,)) not in shapes:
            continue
        spelt = (s for _, values in people.rows(one.number) for s in _spellings(one, values[0]))
        if ranges := find_ranges.all_of(spelt, subject.rows if subject else None):
            found[one.number] = ranges
    return found


def in_memory(connection: sa.Connection) -> None:
    """Let SQLite keep temporary tables in memory; it only takes that before a transaction has begun."""
    raw: object = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.execute("PRAGMA temp_store = MEMORY")


def teach(connection: sa.Connection) -> None:
    """Give a connection the functions it lacks."""
    find_match.teach(connection)
    coarse.teach(connection)


def by_value(
    connection: sa.Connection, catalog: Catalog, people: Manifest, needed: Needed
) -> StagedPeople | None:
    """Give the people's values as parameters; None for many people, and where parameters will not do.

    Raises:
        SQLAlchemyError: the store does not answer.
    """
    if len(people.people) > given.FEW or needed.commons or not given.quiet(connection):
        return None
    staged = _outlined(connection, catalog, people, needed, by_index=True)
    values: dict[str, str] = {}
    for wanted in staged.shapes:
        kinds = types(staged, wanted)
        if kinds is None:
            return None
        values |= given.values(name(staged.shapes, wanted), len(kinds), _rows(staged, people, wanted))
    return replace(staged, given=values)


@contextmanager
def opened(
    engine: sa.Engine,
    catalog: Catalog,
    people: Manifest,
    needed: Needed,
    *,
    parameters: bool = False,
    settings: str = "",
    within: sa.Connection | None = None,
) -> Iterator[tuple[sa.Connection, StagedPeople]]:
    """Open a store for reading about the people at hand; everything read is of one moment.

    PostgreSQL and MariaDB refuse CREATE of any table in a read-only transaction, so the tables are made in a short
    one before. Where the caller hands on `StagedPeople.given`, few people need no tables (`given`).

    Args:
        engine: The store.
        catalog: Its structure.
        people: Who is staged.
        needed: What `asked` listed.
        parameters: The caller's statements are given `StagedPeople.given`.
        settings: What PostgreSQL is told besides, where there are tables.
        within: A session of the store that reads what is of one moment (`borrow.reading`) and is closed afterwards:
            left as it is where few people need no tables. Else its moment ends, and the tables are made in it: a role
            may have no second session.

    Raises:
        StoreError: the store does not answer, or lets nobody make a temporary table.
    """
    try:
        if within is not None and (staged := by_value(within, catalog, people, needed)):
            yield within, staged
            return
        with _session(engine, within) as connection:
            staged = by_value(connection, catalog, people, needed) if parameters and within is None else None
            connection.rollback()
            if staged is not None:
                reading(connection)
                yield connection, staged
                return
            in_memory(connection)
            with _making(catalog.store):
                if catalog.dialect in _WRITING:
                    connection.exec_driver_sql(_WRITING[catalog.dialect])
                staged = stage(connection, catalog, people, needed, drop=False, by_index=True)
                if catalog.dialect in _READING:
                    connection.commit()
                    connection.exec_driver_sql(
                        ";\n".join(filter(None, (_READING[catalog.dialect], settings)))
                    )
            yield connection, staged
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error


@contextmanager
def _session(engine: sa.Engine, within: sa.Connection | None) -> Iterator[sa.Connection]:
    """Open a session, or take one that read of one moment until now."""
    if within is None:
        with borrowed(engine) as connection:
            yield connection
        return
    within.rollback()
    yield within.execution_options(isolation_level=within.default_isolation_level)


@contextmanager
def _making(store: str) -> Iterator[None]:
    """Say what a role needs that may not make temporary tables."""
    try:
        yield
    except SQLAlchemyError as error:
        if classify(error) not in (Trouble.DENIED, Trouble.READ_ONLY):
            raise
        raise StoreError(
            f"Store `{store}`: work on people needs temporary tables, and the database lets this role make none.",
            hint="GRANT TEMPORARY ON DATABASE … TO the role (MariaDB: CREATE TEMPORARY TABLES ON …); a read-only "
            "standby of PostgreSQL cannot have any, so name its primary, or a copy.",
        ) from error


def _rows(staged: StagedPeople, people: Manifest, wanted: Shape) -> Iterator[tuple[object, ...]]:
    """Write an entry's values as a table holds them, each once for each person."""
    entry = staged.entries[wanted.entry]
    seen: set[tuple[object, ...]] = set()
    for person, values in people.rows(wanted.entry):
        if entry.family is not None:
            found = _spelt(staged, entry, person, values[0])
        else:
            written = staging_values.written(staged.catalog.dialect, wanted.forms, values)
            found = ((person, *one) for one in written)
        for row in found:
            key = (*row, *map(type, row))
            if key not in seen:
                seen.add(key)
                yield row


def _spelt(staged: StagedPeople, entry: Entry, person: int, value: object) -> Iterator[tuple[object, ...]]:
    ranged = staged.ranged.get(entry.number, {})
    with_ranges = staged.catalog.dialect == "postgresql"
    for spelling in _spellings(entry, value):
        number = find_match.number(spelling) if spelling else None
        for lo, hi in ((None, None), *ranged.get(spelling, ())):
            yield (person, spelling, number, lo, hi) if with_ranges else (person, spelling, number)


def _spellings(entry: Entry, value: object) -> Iterator[str]:
    assert entry.family is not None
    text = find_match.text(value)
    form = normal.normal(entry.family, text, entry.region)
    # What has no normal form is somebody's all the same: it is compared as it stands.
    plain = (text.strip().lower(),) if form is None else normal.spellings(entry.family, form, entry.region)
    return (spelling for spelling in plain if staging_values.storable(spelling))
