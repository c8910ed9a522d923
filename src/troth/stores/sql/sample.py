"""Sample the values of a live store for the detectors: a few rows per table, one statement each.

Values are shortened in the database, turned into shares by `detect.profile` at once, and never logged or kept.
Comparing columns (`overlaps`) happens wholly in the store: only counts come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from troth.catalog import detect
from troth.catalog.detect import Overlap, Pair, Profile, Survey, profile
from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.stores.sql.trouble import Trouble, classify, explain

ROWS = 200
SHORTENED = 400
"""Characters read of each value."""
LARGE = 20_000
"""From this many rows on, PostgreSQL picks random pages instead of the first ones."""
ROWS_PER_PAGE = 20

_LOOKED_AT = (
    *(ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.JSON, ColumnKind.DATE),
    *(ColumnKind.DATETIME, ColumnKind.OTHER, ColumnKind.ENUM, ColumnKind.ARRAY),
)


COMPARED = 300
"""Different values looked up per pair, out of the first ten times as many rows."""


def survey(engine: sa.Engine, catalog: Catalog) -> Survey:
    """Look at a store for a draft: what each column probably holds, and which repeat another table's values.

    Raises:
        StoreError: The store stops answering.
    """
    seen = profiles(engine, catalog)
    guesses, settings = detect.guess(catalog, seen), detect.settings(catalog, seen)
    found = overlaps(engine, catalog, detect.pairs(catalog, guesses, settings))
    return Survey(catalog=catalog, guesses=guesses, settings=settings, overlaps=found)


def overlaps(engine: sa.Engine, catalog: Catalog, pairs: Sequence[Pair]) -> tuple[Overlap, ...]:
    """Compare columns in the store, one statement a pair; those that share too little are left out.

    Raises:
        StoreError: The store stops answering.
    """
    found: list[Overlap] = []
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for pair in pairs:
                overlap = _compared(connection, catalog, pair)
                if overlap.counts:
                    found.append(overlap)
    except sa.exc.SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
    return tuple(found)


def profiles(engine: sa.Engine, catalog: Catalog) -> Mapping[tuple[str, str], Profile]:
    """Describe every column of every table with rows, by (table, column).

    Tables the role may not read are left out, so that a draft can still be made from names and types.

    Raises:
        StoreError: The store stops answering.
    """
    found: dict[tuple[str, str], Profile] = {}
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in catalog.tables.values():
                if table.writable:
                    found.update(_profiled(connection, catalog.dialect, table))
    except sa.exc.SQLAlchemyError as error:
        raise explain(error, catalog.store) from error
    return found


def _profiled(
    connection: sa.Connection, dialect: str, table: Table
) -> Iterator[tuple[tuple[str, str], Profile]]:
    columns = [column for column in table.columns if column.kind in _LOOKED_AT]
    try:
        rows = _rows(connection, dialect, table, columns) if columns else []
    except sa.exc.SQLAlchemyError as error:
        if classify(error) in (Trouble.DENIED, Trouble.SCHEMA, Trouble.OTHER):
            return
        raise
    for at, column in enumerate(columns):
        yield (table.name, column.name), profile([row[at] for row in rows])


def _rows(
    connection: sa.Connection, dialect: str, table: Table, columns: Sequence[Column]
) -> Sequence[sa.Row[Any]]:
    source: sa.FromClause = sa.table(table.table, *(sa.column(c.name) for c in columns), schema=table.schema)
    names = list(source.c)
    if dialect == "postgresql" and (table.rows or 0) > LARGE:
        percent = min(100.0, 100.0 * ROWS * ROWS_PER_PAGE / (table.rows or 1))
        source = sa.tablesample(source, sa.func.system(percent))
        names = list(source.c)
    shortened = [sa.func.substr(sa.cast(name, sa.Text), 1, SHORTENED) for name in names]
    return connection.execute(sa.select(*shortened).select_from(source).limit(ROWS)).all()


def _compared(connection: sa.Connection, catalog: Catalog, pair: Pair) -> Overlap:
    """Count how many of a column's first different values the other column has; values stay in the store."""
    own = _column(catalog, pair.table, pair.column)
    other = _column(catalog, pair.target, pair.target_column)
    some = sa.select(own.label("v")).where(own.is_not(None)).limit(COMPARED * 10).subquery()
    values = sa.select(some.c.v).distinct().limit(COMPARED).cte("some_values")
    asked = sa.select(sa.func.count()).select_from(values).scalar_subquery()
    answered = sa.select(sa.func.count(other.distinct())).where(other.in_(sa.select(values.c.v)))
    try:
        sampled, matched = connection.execute(sa.select(asked, answered.scalar_subquery())).one()
    except sa.exc.SQLAlchemyError as error:
        if classify(error) in (Trouble.DENIED, Trouble.SCHEMA, Trouble.OTHER):
            return Overlap(pair=pair, sampled=0, found=0)
        raise
    return Overlap(pair=pair, sampled=sampled, found=matched)


def _column(catalog: Catalog, table: str, column: str) -> sa.ColumnElement[Any]:
    """Name a column; text is compared without regard to case, types of other kinds as text."""
    found = catalog.tables[table]
    name = sa.table(found.table, sa.column(column), schema=found.schema).c[column]
    kind = next(c.kind for c in found.columns if c.name == column)
    if kind in (ColumnKind.INTEGER, ColumnKind.UUID):
        return name
    return sa.func.lower(sa.cast(name, sa.Text))
