"""Sample the values of a live store for the detectors: a few rows per table, one statement each.

Values are shortened in the database, turned into shares by `detect.profile` at once, and never logged or kept.
Comparing columns (`overlaps`) happens wholly in the store: only counts come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from troth.catalog.detect import Profile, profile
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
