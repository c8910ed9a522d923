"""Values inside JSON columns, found and taken out by the store itself.

A path is a chain of keys, as `user.email`; it does not go through lists. What is no document is left alone: SQLite
and MariaDB ask `json_valid`; PostgreSQL has no such question before version 16, and a cast fails the whole statement,
so that texts are parsed by regular expressions first (RFC 8259), down to a depth no record has. `#-` and `#>` are of
its manual's chapter 9.16, `json_remove` and `json_type` SQLite's (sqlite.org/json1.html); MariaDB has the former and
`json_contains_path`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column

DEPTH = 16
"""Lists and documents inside one another that are looked into; what is deeper counts as no document."""
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LETTER = r"\\u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}"
_TEXT = rf'"(?:[^"\\\x01-\x1f]|\\["\\/bfnrt]|{_PAIR}|{_LETTER})*"'
"""A string that `jsonb` takes: no NUL, no half of a surrogate pair (chapter 8.14)."""
_SIMPLE = r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?"
_STRING, _OTHER = "\x01", "\x02"
"""What stands for a string, and for any other value: letters that no document has."""
_NO_LETTERS = r"[\x01-\x08\x0b\x0c\x0e-\x1f]"
_VALUE = f"[{_STRING}{_OTHER}]"
_NESTED = rf"\[(?:{_VALUE}(?:,{_VALUE})*)?\]|\{{(?:{_STRING}:{_VALUE}(?:,{_STRING}:{_VALUE})*)?\}}"


def has(
    dialect: str, column: Column | None, source: ColumnElement[Any], path: tuple[str, ...]
) -> ColumnElement[bool]:
    """Render that the document has a value at the path, be it null."""
    if dialect == "postgresql":
        found = _binary(source).op("#>")(_keys(path)).is_not(None)
        return found if _sure(column) else sa.case((_document(source), found), else_=sa.false())
    there: ColumnElement[bool] = sa.func.json_type(source, _written(path)).is_not(None)
    if dialect == "mariadb":
        there = sa.func.json_contains_path(source, "one", _written(path)) == 1
    return sa.case((sa.func.json_valid(source) == 1, there), else_=sa.false()).is_(sa.true())


def pruned(
    dialect: str, column: Column, source: ColumnElement[Any], paths: Sequence[tuple[str, ...]]
) -> ColumnElement[Any]:
    """Render the document without the values at some paths; what is no document stays as it is."""
    if dialect != "postgresql":
        rest = sa.func.json_remove(source, *map(_written, paths))
        return sa.case((sa.func.json_valid(source) == 1, rest), else_=source)
    whole = _binary(source)
    without = whole
    for path in paths:
        # It refuses a path that runs into a list; no path takes nothing.
        there = whole.op("#>")(_keys(path)).is_not(None)
        without = without.op("#-")(sa.case((there, _keys(path)), else_=_keys(())))
    kinds = {"jsonb": JSONB(), "json": sa.JSON()}
    made = sa.cast(without, kinds.get(column.declared.lower(), sa.Text()))
    # A bare number or text cannot lose anything, and PostgreSQL refuses to try.
    inside = sa.func.jsonb_typeof(whole).in_(("object", "array"))
    if _sure(column):
        return sa.case((inside, made), else_=source)
    return sa.case((sa.case((_document(source), inside), else_=sa.false()), made), else_=source)


def _sure(column: Column | None) -> bool:
    """Tell whether a column holds nothing but what can be looked into: `json` keeps what `jsonb` refuses."""
    return column is not None and column.declared.lower() == "jsonb"


def _document(source: ColumnElement[Any]) -> ColumnElement[bool]:
    """Say of a text on PostgreSQL that it can be cast: strings go, then numbers and blanks, then level by level."""
    left: ColumnElement[Any] = sa.cast(source, sa.Text)
    none_of_ours = sa.not_(left.op("~", is_comparison=True)(_NO_LETTERS))
    parts = ((_TEXT, _STRING), (_SIMPLE, _OTHER), (r"[ \t\n\r]+", ""), *(((_NESTED, _OTHER),) * DEPTH))
    for pattern, put in parts:
        left = sa.func.regexp_replace(left, pattern, put, sa.literal_column("'g'"))
    return sa.and_(none_of_ours, left.in_((_STRING, _OTHER)))


def _binary(source: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.cast(source, JSONB)


def _keys(path: tuple[str, ...]) -> ColumnElement[Any]:
    return sa.cast(sa.literal(list(path), ARRAY(sa.Text)), ARRAY(sa.Text))


def _written(path: tuple[str, ...]) -> str:
    return "$" + "".join(f".{json.dumps(key, ensure_ascii=False)}" for key in path)
