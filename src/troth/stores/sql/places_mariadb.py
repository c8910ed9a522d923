"""Places of a MariaDB table: stretches of the key by which InnoDB keeps the rows.

InnoDB is one tree in the order of the primary key, or of the first unique key without NULL (mariadb.com/kb, "InnoDB
Row Formats"); a hidden number orders the rest, and cannot be asked for. A key that is one whole number is cut into
stretches of numbers, as rowids are on SQLite. Any other key is cut at the values of every so many rows, looked up
in one pass over the key when a walk begins; their numbers are all that leaves this module. A table without a key is
one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind, Table

ROWS_A_PLACE = 100
MOST_PLACES = 100_000
"""From this many on, places of an uneven key grow instead."""
SPARSE = 50
"""Numbers for each row from which on a key of numbers is cut by rows, so that no walk goes through empty places."""
_UNORDERED = frozenset(
    {ColumnKind.ENUM, ColumnKind.OTHER, ColumnKind.JSON, ColumnKind.ARRAY, ColumnKind.TIME}
)
"""Kinds whose constants compare otherwise than their rows are ordered."""

Edge = tuple[Any, ...]


def key(table: Table) -> tuple[str, ...]:
    """Name the columns that order a table's rows, as far as their values can be compared."""
    keys = [table.primary_key] if table.primary_key else [*table.uniques]
    for names in keys:
        columns = [column for name in names if (column := table.column(name)) is not None]
        if any(column.nullable for column in columns):
            continue
        ordered = []
        for column in columns:
            if not _is_ordered(column):
                break
            ordered.append(column.name)
        return tuple(ordered)
    return ()


def numbered(table: Table) -> bool:
    """Tell whether one whole number is the key."""
    names = table.primary_key
    column = table.column(names[0]) if len(names) == 1 else None
    return column is not None and column.kind is ColumnKind.INTEGER


def numbers(connection: sa.Connection, table: Table, source: sa.TableClause) -> tuple[int, int] | None:
    """Return the first place and one past the last of a key of numbers; None where numbers lie far apart."""
    column = source.c[table.primary_key[0]]
    ends: sa.Select[Any] = sa.select(sa.func.min(column), sa.func.max(column)).select_from(source)
    low, high = connection.execute(ends).one()
    if low is None:
        return 0, 0
    if high - low > max(MOST_PLACES * ROWS_A_PLACE, SPARSE * (table.rows or 0)):
        return None
    return int(low) // ROWS_A_PLACE, int(high) // ROWS_A_PLACE + 1


def edges(connection: sa.Connection, table: Table, source: sa.TableClause) -> tuple[Edge, ...]:
    """Return the key of the first row of every place; nothing for an empty table."""
    columns = [source.c[name] for name in key(table)]
    number = sa.func.row_number().over(order_by=columns).label("troth_number")
    rows = sa.select(*columns, number).select_from(source).subquery("troth_rows")
    size = max(ROWS_A_PLACE, (table.rows or 0) // MOST_PLACES)
    first = (rows.c.troth_number - 1) % sa.literal_column(str(size)) == 0
    found = sa.select(*(rows.c[c.name] for c in columns)).where(first).order_by(rows.c.troth_number)
    return tuple(dict.fromkeys(tuple(row) for row in connection.execute(found)))


def between(table: Table, found: Sequence[Edge], low: int, high: int) -> ColumnElement[bool]:
    """Render that a row lies from one edge up to another; the first and last place are open to what comes."""
    columns: list[ColumnElement[Any]] = [
        sa.column(sa.sql.quoted_name(name, quote=True)) for name in key(table)
    ]
    parts: list[ColumnElement[bool]] = []
    if 0 < low < len(found):
        parts.append(_beyond(columns, found[low], upwards=True))
    if 0 < high < len(found):
        parts.append(_beyond(columns, found[high], upwards=False))
    return sa.and_(sa.true(), *parts)


def _beyond(columns: Sequence[ColumnElement[Any]], edge: Edge, *, upwards: bool) -> ColumnElement[bool]:
    """Compare column by column: the server finds no range in a comparison of whole rows."""
    column, bound = columns[0], sa.literal(edge[0])
    past = column > bound if upwards else column < bound
    if len(columns) == 1:
        return column >= bound if upwards else past
    rest = sa.and_(column == bound, _beyond(columns[1:], edge[1:], upwards=upwards))
    return sa.and_(column >= bound if upwards else column <= bound, sa.or_(past, rest))


def _is_ordered(column: Column) -> bool:
    rounded = column.kind is ColumnKind.NUMBER and not column.declared.startswith("decimal")
    return column.kind not in _UNORDERED and not rounded
