"""Comparisons of two columns as PostgreSQL must be asked for them: it compares no text with a number, and no list.

Columns of like types are compared as they are, by index where there is one. Unlike ones are compared by their text,
a list by its elements: left alone the server refuses the whole statement (its manual, chapter 10.2, "Operators").
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind

_ALIKE = (
    frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER}),
    frozenset({ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ}),
)
_NAMED = frozenset({ColumnKind.ENUM, ColumnKind.OTHER})
"""Kinds with types of their own each."""


def same(
    one: Column | None, other: Column | None, left: ColumnElement[Any], right: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Render that two columns hold the same value."""
    if one is None or other is None or _alike(one, other):
        return left == right
    if one.kind is ColumnKind.ARRAY:
        return _among(right, left)
    if other.kind is ColumnKind.ARRAY:
        return _among(left, right)
    return sa.cast(left, sa.Text) == sa.cast(right, sa.Text)


def _alike(one: Column, other: Column) -> bool:
    if one.kind is other.kind:
        return one.kind not in _NAMED or one.declared == other.declared
    return any({one.kind, other.kind} <= kinds for kinds in _ALIKE)


def _among(value: ColumnElement[Any], listed: ColumnElement[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = sa.cast(value, sa.Text) == sa.any_(sa.cast(listed, ARRAY(sa.Text)))
    return found
