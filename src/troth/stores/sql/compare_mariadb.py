"""Comparisons as MariaDB must be asked for them: no case folded, no blank dropped, no text read as a number.

Left alone, MariaDB compares text by the column's collation (`us` = `US `), and text with numbers as numbers
(`0` = `abc`); two columns of unequal collations it refuses (mariadb.com/kb, "Setting Character Sets and Collations",
"Type Conversion"). A session here casts to text that is compared letter by letter (`open.MARIADB_TEXT`).
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind
from troth.plan.predicates import Value

Truth = ColumnElement[bool]
NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.BOOLEAN})
TEXTS = frozenset({ColumnKind.TEXT, ColumnKind.ENUM, ColumnKind.OTHER, ColumnKind.JSON})
YES, NO = frozenset({"true", "t", "yes", "y", "on"}), frozenset({"false", "f", "no", "n", "off"})
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def compared(column: ColumnElement[Any], declared: Column | None, operator: str, value: Value) -> Truth:
    """Render a comparison with a constant."""
    if operator == "=":
        return one_of(column, declared, (value,))
    found = _numbers(declared, (value,))
    if found is not None:
        return _OPERATORS[operator](column, found[0])  # type: ignore[no-any-return]
    left = text(column) if _is_text(declared) or _is_number(declared) else column
    return _OPERATORS[operator](left, _spelled(value))  # type: ignore[no-any-return]


def one_of(column: ColumnElement[Any], declared: Column | None, values: Sequence[Value]) -> Truth:
    """Render that a column has one of some values; the bare comparison beside the exact one lets an index serve."""
    found = _numbers(declared, values)
    if found is not None:
        return column.in_(found)
    spelled = [_spelled(value) for value in values]
    if _is_number(declared):
        return text(column).in_(spelled)
    return (
        sa.and_(column.in_(spelled), text(column).in_(spelled)) if _is_text(declared) else column.in_(spelled)
    )


def same(
    one: Column | None, other: Column | None, left: ColumnElement[Any], right: ColumnElement[Any]
) -> Truth:
    """Render that two columns have the same value, as a reference between them would mean it."""
    left, right = alike(one, other, left, right)
    return left == right


def alike(
    one: Column | None, other: Column | None, left: ColumnElement[Any], right: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return two columns in a form in which they can be compared: as they are, or both as text."""
    if one is None or other is None or collated_alike(one, other):
        return left, right
    if one.kind in NUMBERS and other.kind in NUMBERS:
        return left, right
    return text(left), text(right)


def collated_alike(one: Column, other: Column) -> bool:
    """Tell whether the server compares two columns without being told how."""
    return one.kind is other.kind and _collation(one) == _collation(other)


def text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Render a value as text that is compared letter by letter."""
    return sa.cast(column, sa.Text)


def shaped(column: ColumnElement[Any], pattern: str) -> Truth:
    """Render that a text fits a regular expression, to its very end and with its case."""
    exact = "(?-i)" + (pattern.removesuffix("$") + r"\z" if pattern.endswith("$") else pattern)
    return column.op("REGEXP", is_comparison=True)(sa.literal(exact))


def _spelled(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numbers(declared: Column | None, values: Sequence[Value]) -> list[Any] | None:
    """Read constants as a column of numbers takes them; None where the column is of another kind, or one is none."""
    if not _is_number(declared):
        return None
    read = [_number(value) for value in values]
    return None if None in read else read


def _number(value: Value) -> int | float | Decimal | None:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in YES or word in NO:
        return int(word in YES)
    try:
        read = Decimal(word)
    except InvalidOperation:
        return None
    if not read.is_finite():
        return None
    return int(read) if read == read.to_integral_value() else read


def _is_number(declared: Column | None) -> bool:
    return declared is not None and declared.kind in NUMBERS


def _is_text(declared: Column | None) -> bool:
    return declared is None or declared.kind in TEXTS


def _collation(column: Column) -> str:
    """Return what a type says of its collation, where that is not the database's own."""
    return column.declared.partition(" collate ")[2].partition(" ")[0]
