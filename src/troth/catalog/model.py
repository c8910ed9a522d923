"""The live schema of one store as plain data: tables, columns, keys, constraints.

Made by `stores` from a real database, read by the planner. No I/O; no statistics that change by themselves take
part in `fingerprint`. A dataset is named `store.table`, or `store.schema.table` outside the default schema.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property


class ColumnKind(StrEnum):
    """What a column can hold, as far as a planner must know."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    """Without time zone: the data map must say which zone is meant."""
    DATETIME_TZ = "datetime-tz"
    TIME = "time"
    UUID = "uuid"
    INET = "inet"
    JSON = "json"
    BYTES = "bytes"
    ARRAY = "array"
    ENUM = "enum"
    OTHER = "other"


class TableKind(StrEnum):
    """What stands behind the name."""

    TABLE = "table"
    VIEW = "view"
    PARTITIONED = "partitioned"
    PARTITION = "partition"
    VIRTUAL = "virtual"
    """SQLite: a module such as FTS5 answers for it; its rows rest in shadow tables."""
    SHADOW = "shadow"
    """SQLite: where a virtual table keeps its rows; changed only through that table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    kind: ColumnKind
    declared: str = ""
    """The type as the database spells it."""
    nullable: bool = True
    length: int | None = None
    """Longest text it takes, where limited."""
    generated: bool = False
    """Computed by the database: cannot be written."""
    has_default: bool = False
    choices: tuple[str, ...] = ()
    """The values of an enum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A reference from some columns to the key of another table of the same store."""

    columns: tuple[str, ...]
    target: str
    """The target's name within the store (`table` or `schema.table`)."""
    target_columns: tuple[str, ...]
    on_delete: str = "no action"
    """One of: no action, restrict, cascade, set null, set default."""
    deferrable: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A CHECK constraint: its text and the columns it mentions."""

    text: str
    columns: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table or view of a store."""

    name: str
    """Name within the store: `customers`, or `crm.customers` outside the default schema."""
    table: str
    """The bare name, exactly as the database spells it."""
    schema: str | None = None
    """The schema, or None for the default one."""
    kind: TableKind = TableKind.TABLE
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    """Columns by which at most one row is found."""
    partial_uniques: tuple[tuple[str, ...], ...] = ()
    """Unique only among some rows, by an expression or by exclusion: may refuse a change, finds no single row."""
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    triggers: tuple[str, ...] = ()
    """What fires on UPDATE or DELETE, as `name (event)`."""
    partition_of: str = ""
    row_security: bool = False
    """PostgreSQL: policies may hide rows from some roles."""
    rows_hidden: bool = False
    """PostgreSQL: policies may hide rows from the very role that looked; not part of the structure."""
    unreadable: bool = False
    """PostgreSQL: there are columns that the very role that looked may not read; not part of the structure."""
    heirs: bool = False
    """PostgreSQL: other tables inherit from it, and its keys may stand in those again (its manual, chapter 5.10.1);
    not part of the structure."""
    outside: bool = False
    """In none of the schemas that are looked at; read only because it refers into one of them."""
    without_rowid: bool = False
    """SQLite: the table has no rowid."""
    transactional: bool = True
    """MariaDB: false where the engine (MyISAM, Aria, …) cannot take a change back, so that nothing is changed."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """Leading columns of each index; not part of the structure."""
    bytewise: tuple[tuple[str, str], ...] = ()
    """PostgreSQL: columns that lead an index which sorts them by bytes, each with how a question names that order
    (`own`, `C` or `pattern`); not part of the structure."""
    rows: int | None = None
    """The database's own estimate; not part of the structure."""

    def column(self, name: str) -> Column | None:
        """Return the column of that name, if there is one."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def column_names(self) -> tuple[str, ...]:
        """List the columns in the order of the table."""
        return tuple(c.name for c in self.columns)

    @property
    def writable(self) -> bool:
        """Tell whether rows are stored here: views and single partitions are reached through their table."""
        return self.kind in (TableKind.TABLE, TableKind.PARTITIONED)


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The structure of one store at one moment."""

    store: str
    dialect: str
    """`sqlite`, `postgresql` or `mariadb`."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """By name within the store."""

    def dataset(self, name: str) -> Table | None:
        """Return the table behind a dataset name such as `app.customers`."""
        prefix, _, rest = name.partition(".")
        return self.tables.get(rest) if prefix == self.store else None

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the structure: equal for equal structure, never moved by data."""
        tables = {name: _structure(table) for name, table in sorted(self.tables.items())}
        text = json.dumps({"dialect": self.dialect, "tables": tables}, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def referrers(self) -> Mapping[str, tuple[tuple[str, ForeignKey], ...]]:
        """Map each table to the foreign keys that point at it, as (child table, key)."""
        found: dict[str, list[tuple[str, ForeignKey]]] = {}
        for name, table in sorted(self.tables.items()):
            for key in table.foreign_keys:
                found.setdefault(key.target, []).append((name, key))
        return {name: tuple(keys) for name, keys in found.items()}


def _structure(table: Table) -> dict[str, object]:
    whole = asdict(table)
    for volatile in ("rows", "indexes", "bytewise", "rows_hidden", "unreadable", "heirs"):
        del whole[volatile]
    if table.transactional:
        del whole["transactional"]
    return whole
