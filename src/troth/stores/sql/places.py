"""The order in which an engine keeps a table's rows, as numbered places a batch can cover.

PostgreSQL: disk pages (`ctid`, chapter 5.5 "System Columns"; range scans on it since version 14), per partition.
SQLite: stretches of `rowid`; a table without rowids is one place. MariaDB: see
`places_mariadb`. Going in this order touches each page once and needs no index; a row that moves while the work goes
on is met by the next pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.apply.ports import Span
from troth.catalog.model import Table, TableKind
from troth.stores.sql import places_mariadb
from troth.stores.sql.places_mariadb import Edge
from troth.stores.sql.render import table_clause

ROWS_A_PLACE = 100
"""SQLite: rowids that count as one place."""

ROWIDS = ("rowid", "_rowid_", "oid")
"""SQLite's names for a row's number; a column of the same name hides one (sqlite.org/lang_createtable §5)."""

_LEAVES = sa.text(
    """
    WITH RECURSIVE tree AS (
        SELECT CAST(:name AS regclass)::oid AS oid
        UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN tree ON i.inhparent = tree.oid)
    SELECT n.nspname, c.relname, pg_relation_size(c.oid) / current_setting('block_size')::bigint
    FROM tree JOIN pg_class AS c ON c.oid = tree.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' ORDER BY n.nspname, c.relname
    """
)
"""A table with its partitions, or with the heirs of plain inheritance: each keeps rows of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One table that really holds rows."""

    source: sa.TableClause
    low: int
    high: int
    """One past the last place when it was looked at."""
    edges: tuple[Edge, ...] = ()
    """MariaDB: where places begin, for a key that is no whole number."""


def leaves(connection: sa.Connection, table: Table) -> tuple[Leaf, ...]:
    """List the tables that hold a dataset's rows, each with its extent."""
    source = table_clause(table)
    if connection.dialect.name == "sqlite":
        return (_sqlite_leaf(connection, table, source),)
    if connection.dialect.name == "mariadb":
        return (_mariadb_leaf(connection, table, source),)
    name = as_value(connection, source)
    rows = connection.execute(_LEAVES, {"name": name}).all()
    return tuple(
        Leaf(source=_renamed(table, schema, leaf), low=0, high=int(pages)) for schema, leaf, pages in rows
    )


def as_value(connection: sa.Connection, source: sa.TableClause) -> str:
    """Write a table's name to be passed as a value: in a statement the driver would have `%` doubled."""
    return connection.dialect.identifier_preparer.format_table(source).replace("%%", "%")


def _renamed(table: Table, schema: str, name: str) -> sa.TableClause:
    columns: list[Any] = [sa.column(sa.sql.quoted_name(c.name, quote=True)) for c in table.columns]
    return sa.table(sa.sql.quoted_name(name, quote=True), *columns, schema=schema)


def _sqlite_leaf(connection: sa.Connection, table: Table, source: sa.TableClause) -> Leaf:
    rowid: ColumnElement[Any] | None = _rowid(table)
    if rowid is None:
        return Leaf(source=source, low=0, high=1)
    ends: sa.Select[Any] = sa.select(sa.func.min(rowid), sa.func.max(rowid)).select_from(source)
    low, high = connection.execute(ends).one()
    if low is None:
        return Leaf(source=source, low=0, high=0)
    return Leaf(source=source, low=low // ROWS_A_PLACE, high=high // ROWS_A_PLACE + 1)


def _mariadb_leaf(connection: sa.Connection, table: Table, source: sa.TableClause) -> Leaf:
    ends = places_mariadb.numbers(connection, table, source) if places_mariadb.numbered(table) else None
    if ends is not None:
        return Leaf(source=source, low=ends[0], high=ends[1])
    if not places_mariadb.key(table):
        return Leaf(source=source, low=0, high=1)
    edges = places_mariadb.edges(connection, table, source)
    return Leaf(source=source, low=0, high=len(edges), edges=edges)


def inside(dialect: str, table: Table, span: Span, leaf: Leaf | None = None) -> ColumnElement[bool]:
    """Render that a row lies in a span of its leaf."""
    if dialect == "mariadb":
        return _inside_mariadb(table, span, leaf)
    if dialect == "sqlite":
        rowid = _rowid(table)
        if rowid is None:
            return sa.true()
        return sa.and_(rowid >= span.low * ROWS_A_PLACE, rowid < span.high * ROWS_A_PLACE)
    ctid: ColumnElement[Any] = sa.literal_column("ctid")
    return sa.and_(
        ctid >= sa.literal_column(f"'({span.low},0)'::tid"),
        ctid < sa.literal_column(f"'({span.high},0)'::tid"),
    )


def _inside_mariadb(table: Table, span: Span, leaf: Leaf | None) -> ColumnElement[bool]:
    if leaf is not None and leaf.edges:
        return places_mariadb.between(table, leaf.edges, span.low, span.high)
    if not places_mariadb.numbered(table):
        return sa.true()
    number: ColumnElement[Any] = sa.column(sa.sql.quoted_name(table.primary_key[0], quote=True))
    size = places_mariadb.ROWS_A_PLACE
    return sa.and_(number >= span.low * size, number < span.high * size)


def address(dialect: str, table: Table, source: sa.FromClause) -> tuple[ColumnElement[Any], ...]:
    """Name what tells a row from all others, for a batch of so many rows; partitions number theirs each."""
    if dialect == "postgresql":
        names = ("tableoid", "ctid") if table.kind is TableKind.PARTITIONED else ("ctid",)
        return tuple(sa.literal_column(name) for name in names)
    rowid = _rowid(table) if dialect == "sqlite" else None
    if rowid is None:
        return tuple(source.c[name] for name in table.primary_key or table.column_names)
    return (rowid,)


def _rowid(table: Table) -> ColumnElement[int] | None:
    """Name a row's number on SQLite; nothing where the table has none, or its columns hide every name of it."""
    taken = {c.name.lower() for c in table.columns}
    free = [] if table.without_rowid else [name for name in ROWIDS if name not in taken]
    return sa.literal_column(free[0]) if free else None


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
