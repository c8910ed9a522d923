"""How a value of the manifest is written to be compared with a column of some type; pure.

A store's own columns keep their own type. A value of another store, or of a column of another type, becomes what it
means in the type at hand: the text `17` the number 17, a UUID its usual spellings. What means nothing there has no
spelling and is left out: it can be in no such column.
"""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import product

from troth.catalog.model import Column, ColumnKind, Table
from troth.stores.sql import find_match


class Form(StrEnum):
    """How one column of an entry is written."""

    OWN = "own"
    """As the subject's own column."""
    SPELT = "spelt"
    """In all spellings of its normal form, as text and as number."""
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    UUID = "uuid"
    INET = "inet"
    BYTES = "bytes"


UUID_BYTES = 16
OWN, SPELT = Form.OWN, Form.SPELT
_FORMS = {
    ColumnKind.INTEGER: Form.INTEGER,
    ColumnKind.NUMBER: Form.NUMBER,
    ColumnKind.UUID: Form.UUID,
    ColumnKind.INET: Form.INET,
    ColumnKind.BYTES: Form.BYTES,
}
_SAME = frozenset({ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.UUID, ColumnKind.BYTES})
"""Kinds whose values are comparable however exactly their types are declared."""
_TYPES = {
    "postgresql": {
        Form.TEXT: "text",
        Form.INTEGER: "bigint",
        Form.NUMBER: "numeric",
        Form.UUID: "uuid",
        Form.INET: "inet",
        Form.BYTES: "bytea",
    },
    "sqlite": {
        Form.TEXT: "text",
        Form.INTEGER: "integer",
        Form.NUMBER: "numeric",
        Form.UUID: "text",
        Form.INET: "text",
        Form.BYTES: "blob",
    },
    "mariadb": {
        Form.TEXT: "varchar(768) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        Form.INTEGER: "bigint",
        Form.NUMBER: "decimal(65, 10)",
        Form.UUID: "varchar(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        Form.INET: "varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        Form.BYTES: "varbinary(768)",
    },
}
_UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_HALF = re.compile("[\ud800-\udfff]")
_DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,20})?")


def found(table: Table, name: str) -> Column:
    """Return a column that the planner has seen."""
    column = table.column(name)
    assert column is not None, name
    return column


def element(column: Column) -> Column:
    """Return the elements of a list as a column; their type stands before the brackets of its declaration."""
    declared = column.declared.removesuffix("[]").lower()
    kinds = {"uuid": ColumnKind.UUID, "inet": ColumnKind.INET, "bytea": ColumnKind.BYTES}
    whole = ("smallint", "integer", "bigint", "int2", "int4", "int8")
    kind = kinds.get(declared, ColumnKind.INTEGER if declared in whole else ColumnKind.TEXT)
    return replace(column, kind=kind, declared=declared)


def form(subject: Column | None, own: Column) -> Form:
    """Tell how a subject's column is written to be compared with another one.

    Args:
        subject: The subject's column, where it is in the same store.
        own: The column it is compared with.
    """
    alike = subject is not None and subject.kind is own.kind
    if subject is not None and alike and (own.kind in _SAME or subject.declared == own.declared):
        return Form.OWN
    return _FORMS.get(own.kind, Form.TEXT)


def as_text(one: Form, own: Column) -> bool:
    """Tell whether a column is compared by its text: a type in which nothing is staged as such."""
    return one is Form.TEXT and own.kind is not ColumnKind.TEXT


def declared(dialect: str, one: Form) -> str:
    """Return the type of a temporary column; the subject's own is copied from it instead."""
    return _TYPES[dialect].get(one, "text")


def written(
    dialect: str, forms: tuple[Form, ...], values: tuple[object, ...]
) -> Iterator[tuple[object, ...]]:
    """Write the values of an entry's columns in every spelling the forms have; none where one means nothing."""
    yield from product(
        *(dict.fromkeys(_spellings(dialect, f, v)) for f, v in zip(forms, values, strict=True))
    )


def _spellings(dialect: str, one: Form, value: object) -> Iterable[object]:
    match one:
        case Form.INTEGER:
            whole = [n for n in _numbers(value) if n == n.to_integral_value()]
            return [int(n) for n in whole if abs(n) <= find_match.LARGEST]
        case Form.NUMBER:
            return [n if dialect != "sqlite" else float(n) for n in _numbers(value)]
        case Form.UUID:
            made = _uuid(value)
            return (
                [] if made is None else [made] if dialect == "postgresql" else [str(made), str(made).upper()]
            )
        case Form.INET:
            return _addresses(value)
        case Form.BYTES:
            return _bytes(value)
        case Form.OWN:
            return [value if dialect != "sqlite" else _plain(value)] if storable(value) else []
        case _:
            return [text for text in _texts(value) if storable(text)]


def storable(value: object) -> bool:
    """Tell whether every database takes a value: text without NUL and without half a surrogate pair."""
    return not isinstance(value, str) or ("\0" not in value and not _HALF.search(value))


def _plain(value: object) -> object:
    """Return what SQLite's driver binds."""
    if value is None or isinstance(value, (str, int, float, bytes)):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)


def _texts(value: object) -> list[str]:
    match value:
        case uuid.UUID():
            return [str(value), str(value).upper()]
        case decimal.Decimal() | float():
            plain = format(decimal.Decimal(str(value)), "f")
            short = plain.rstrip("0").rstrip(".") if "." in plain else plain
            return [plain, short]
        case bytes() | bytearray() | memoryview():
            try:
                return [bytes(value).decode()]
            except UnicodeDecodeError:
                return []
        case dt.datetime():
            return [value.isoformat(" "), value.isoformat()]
        case dt.date():
            return [value.isoformat()]
        case str():
            return [value, value.lower(), value.upper()] if _UUID.fullmatch(value) else [value]
        case _:
            return [str(value)]


def _numbers(value: object) -> list[decimal.Decimal]:
    if isinstance(value, bool) or not isinstance(value, (int, float, decimal.Decimal, str)):
        return []
    text = str(value).strip()
    return [decimal.Decimal(text)] if text.isascii() and _DECIMAL.fullmatch(text) else []


def _uuid(value: object) -> uuid.UUID | None:
    if isinstance(value, uuid.UUID):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return uuid.UUID(bytes=bytes(value)) if len(bytes(value)) == UUID_BYTES else None
    text = str(value).strip()
    return uuid.UUID(text) if _UUID.fullmatch(text) else None


def _addresses(value: object) -> list[str]:
    try:
        return [str(ipaddress.ip_address(str(value).strip()))]
    except ValueError:
        return []


def _bytes(value: object) -> list[bytes]:
    match value:
        case bytes() | bytearray() | memoryview():
            return [bytes(value)]
        case uuid.UUID():
            return [value.bytes]
        case str():
            made = _uuid(value)
            return [value.encode("utf-8", "surrogatepass"), *([made.bytes] if made else [])]
        case _:
            return []
