"""Values inside JSON columns, found and taken out by the store itself.

A path is a chain of keys, as `user.email`; it does not go through lists. On SQLite documents are text, so what is
no document is left alone; PostgreSQL refuses such a value when it is written. `#-` and `#>` are PostgreSQL's
(manual, chapter 9.16), `json_remove` and `json_type` are SQLite's (sqlite.org/json1.html); MariaDB has the former and
`json_contains_path`.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column


def has(dialect: str, source: ColumnElement[Any], path: tuple[str, ...]) -> ColumnElement[bool]:
    """Render that the document has a value at the path, be it null."""
    if dialect == "postgresql":
        return _binary(source).op("#>")(_keys(path)).is_not(None)
    there: ColumnElement[bool] = sa.func.json_type(source, _written(path)).is_not(None)
    if dialect == "mariadb":
        there = sa.func.json_contains_path(source, "one", _written(path)) == 1
    return sa.case((sa.func.json_valid(source) == 1, there), else_=sa.false()).is_(sa.true())


def pruned(
    dialect: str, column: Column, source: ColumnElement[Any], path: tuple[str, ...]
) -> ColumnElement[Any]:
    """Render the document without the value at the path; what is no document stays as it is."""
    if dialect == "postgresql":
        without = _binary(source).op("#-")(_keys(path))
        return sa.cast(without, JSONB) if column.declared.lower() == "jsonb" else sa.cast(without, sa.JSON)
    rest = sa.func.json_remove(source, _written(path))
    return sa.case((sa.func.json_valid(source) == 1, rest), else_=source)


def _binary(source: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.cast(source, JSONB)


def _keys(path: tuple[str, ...]) -> ColumnElement[Any]:
    return sa.cast(sa.literal(list(path), ARRAY(sa.Text)), ARRAY(sa.Text))


def _written(path: tuple[str, ...]) -> str:
    return "$" + "".join(f".{json.dumps(key, ensure_ascii=False)}" for key in path)
