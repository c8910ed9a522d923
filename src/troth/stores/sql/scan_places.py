"""Which tables and columns a scan looks at, and which it cannot: never without a reason.

Pure. A column is read as text, or compared as what it is where that is cheaper (addresses, UUIDs, long numbers).
Dates, truth values and short numbers hold nobody's identity; enums hold what the schema says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from troth.catalog.model import Catalog, Column, ColumnKind, Table, TableKind

Read = Literal["text", "bytes", "inet", "uuid", "number"]
_READ: Mapping[ColumnKind, Read] = {
    ColumnKind.TEXT: "text",
    ColumnKind.JSON: "text",
    ColumnKind.ARRAY: "text",
    ColumnKind.OTHER: "text",
    ColumnKind.BYTES: "bytes",
    ColumnKind.INET: "inet",
    ColumnKind.UUID: "uuid",
}
_NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
_SHORT = ("smallint", "integer", "int(", "tinyint", "mediumint", "real", "double", "float", "money", "oid")
"""PostgreSQL and MariaDB: numbers too short for a phone number, or not exact."""
LONGEST_BINARY = 8192
"""Bytes of a binary value that is still read as text, in case it is some."""
VIEW = "a view shows rows of other tables"
OUTSIDE = "its schema is not among those the data map looks at"
HIDDEN = "row security hides rows from the role that looks"
DENIED = "the role may not read it"
BINARY = f"binary values longer than {LONGEST_BINARY} bytes are not read"
WORDS = "an index of words: they are looked for in the table it serves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One dataset that is looked at."""

    dataset: str
    table: Table
    columns: tuple[tuple[Column, Read], ...]

    @property
    def binary(self) -> bool:
        """Tell whether long binary values may be passed over."""
        return any(read == "bytes" for _, read in self.columns)


def places(catalog: Catalog) -> tuple[tuple[Place, ...], tuple[tuple[str, str], ...]]:
    """List what a scan of a store looks at, and what it does not, with the reason."""
    found: list[Place] = []
    unlooked: list[tuple[str, str]] = []
    for name, table in sorted(catalog.tables.items()):
        dataset = f"{catalog.store}.{name}"
        if why := _passed_over(table):
            unlooked += [(dataset, why)] if why != PARTITION else []
            continue
        columns = tuple(_columns(catalog, table))
        found.append(Place(dataset=dataset, table=table, columns=columns))
        unlooked += [(dataset, HIDDEN)] if table.rows_hidden else []
    return tuple(found), tuple(unlooked)


PARTITION = "read with its table"


def _passed_over(table: Table) -> str:
    if table.outside:
        return OUTSIDE
    match table.kind:
        case TableKind.PARTITION:
            return PARTITION if table.partition_of else ""
        case TableKind.SHADOW:
            return "" if table.table.endswith("_content") else WORDS
        case _:
            return ""


def _columns(catalog: Catalog, table: Table) -> Iterator[tuple[Column, Read]]:
    keys = _keys(table)
    for column in table.columns:
        if catalog.dialect == "sqlite":
            # A column holds whatever was put into it, whatever it was declared as (sqlite.org/datatype3).
            if not (column.kind is ColumnKind.INTEGER and column.name in keys):
                yield column, "bytes" if column.kind is ColumnKind.BYTES else "text"
        elif column.kind in _NUMBERS:
            if column.name not in keys and not column.declared.lower().startswith(_SHORT):
                yield column, "number"
        elif column.kind in _READ:
            yield column, _READ[column.kind]


def _keys(table: Table) -> frozenset[str]:
    linked = (key.columns for key in table.foreign_keys)
    return frozenset(name for columns in (table.primary_key, *linked) for name in columns)
