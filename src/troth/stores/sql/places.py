"""The order in which an engine keeps a table's rows, as numbered places a batch can cover.

PostgreSQL: disk pages (`ctid`, chapter 5.5 "System Columns"; range scans on it since version 14), per partition.
SQLite: stretches of `rowid`; a table without rowids is one place. Going in this order touches each page once and
needs no index; a row that moves while the work goes on is met by the next pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.apply.ports import Span
from troth.catalog.model import Table, TableKind
from troth.stores.sql.render import table_clause

ROWS_A_PLACE = 100
"""SQLite: rowids that count as one place."""

_LEAVES = sa.text(
    """
    SELECT n.nspname, c.relname, c.oid::bigint,
           pg_relation_size(c.oid) / current_setting('block_size')::bigint
    FROM pg_partition_tree(CAST(:name AS regclass)) AS t
    JOIN pg_class AS c ON c.oid = t.relid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE t.isleaf ORDER BY n.nspname, c.relname
    """
)
_SIZE = sa.text("SELECT pg_relation_size(CAST(:name AS regclass)) / current_setting('block_size')::bigint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One table that really holds rows."""

    source: sa.TableClause
    low: int
    high: int
    """One past the last place when it was looked at."""


def leaves(connection: sa.Connection, table: Table) -> tuple[Leaf, ...]:
    """List the tables that hold a dataset's rows, each with its extent."""
    source = table_clause(table)
    if connection.dialect.name == "sqlite":
        return (_sqlite_leaf(connection, table, source),)
    name = connection.dialect.identifier_preparer.format_table(source)
    if table.kind is not TableKind.PARTITIONED:
        pages = connection.execute(_SIZE, {"name": name}).scalar_one()
        return (Leaf(source=source, low=0, high=int(pages)),)
    rows = connection.execute(_LEAVES, {"name": name}).all()
    return tuple(
        Leaf(source=_renamed(table, schema, leaf), low=0, high=int(pages))
        for schema, leaf, _oid, pages in rows
    )


def _renamed(table: Table, schema: str, name: str) -> sa.TableClause:
    columns: list[Any] = [sa.column(sa.sql.quoted_name(c.name, quote=True)) for c in table.columns]
    return sa.table(sa.sql.quoted_name(name, quote=True), *columns, schema=schema)


def _sqlite_leaf(connection: sa.Connection, table: Table, source: sa.TableClause) -> Leaf:
    if table.without_rowid:
        return Leaf(source=source, low=0, high=1)
    rowid: ColumnElement[Any] = sa.literal_column("rowid")
    ends: sa.Select[Any] = sa.select(sa.func.min(rowid), sa.func.max(rowid)).select_from(source)
    low, high = connection.execute(ends).one()
    if low is None:
        return Leaf(source=source, low=0, high=0)
    return Leaf(source=source, low=low // ROWS_A_PLACE, high=high // ROWS_A_PLACE + 1)


def inside(dialect: str, table: Table, span: Span) -> ColumnElement[bool]:
    """Render that a row lies in a span of its leaf."""
    if dialect == "sqlite":
        if table.without_rowid:
            return sa.true()
        rowid: ColumnElement[int] = sa.literal_column("rowid")
        return sa.and_(rowid >= span.low * ROWS_A_PLACE, rowid < span.high * ROWS_A_PLACE)
    ctid: ColumnElement[Any] = sa.literal_column("ctid")
    return sa.and_(
        ctid >= sa.literal_column(f"'({span.low},0)'::tid"),
        ctid < sa.literal_column(f"'({span.high},0)'::tid"),
    )


def address(dialect: str, table: Table, source: sa.FromClause) -> ColumnElement[Any]:
    """Name what identifies a row to the engine itself, for a batch of so many rows."""
    if dialect == "sqlite" and table.without_rowid:
        return source.c[table.primary_key[0]]
    return sa.literal_column("rowid" if dialect == "sqlite" else "ctid")


class PlaceWalk:
    """Goes through the leaves of a dataset, in order, from behind a span."""

    def __init__(self, found: Sequence[Leaf], after: Span | None) -> None:
        self.found = found
        self.leaf = after.leaf if after else 0
        self.low = after.high if after else (found[0].low if found else 0)

    @property
    def total(self) -> int:
        """How many places there are."""
        return sum(leaf.high - leaf.low for leaf in self.found)

    def next(self, size: int) -> Span | None:
        """Return the next span of so many places, or None at the end."""
        while self.leaf < len(self.found):
            here = self.found[self.leaf]
            if self.low < here.high:
                high = min(self.low + size, here.high)
                span = Span(leaf=self.leaf, low=max(self.low, here.low), high=high)
                self.low = high
                return span
            self.leaf += 1
            self.low = self.found[self.leaf].low if self.leaf < len(self.found) else 0
        return None
