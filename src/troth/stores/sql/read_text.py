"""How the columns of a row are read: one by one, or on PostgreSQL as a JSON object that the database writes itself.

PostgreSQL writes instants by ISO 8601 and documents as they stand (manual, chapter 9.16, `row_to_json`). Decimals
become text, so that no reader rounds them; bytes become base64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind, Table
from troth.rights.export_text import AsText

_NUMERIC = ("numeric", "decimal")


def plain(table: Table, names: tuple[str, ...], rows: sa.FromClause) -> list[ColumnElement[Any]]:
    """Select columns one by one."""
    del table
    return [rows.c[name] for name in names]


def named(names: tuple[str, ...], row: tuple[Any, ...], start: int) -> Mapping[str, object]:
    """Read columns that were selected one by one."""
    return dict(zip(names, row[start:], strict=True))


def columns(table: Table, names: tuple[str, ...], rows: sa.FromClause) -> list[ColumnElement[Any]]:
    """Select columns as the text of one JSON object."""
    found = [_column(column, rows.c[column.name]) for column in table.columns if column.name in names]
    row = sa.select(*found).correlate(rows).subquery("troth_row")
    whole = sa.select(sa.func.row_to_json(row.table_valued())).scalar_subquery()
    return [sa.cast(whole, sa.Text)]


def written(row: tuple[Any, ...], start: int) -> Mapping[str, object]:
    """Read a row that was selected as JSON."""
    return AsText(row[start])


def _column(column: Column, value: ColumnElement[Any]) -> ColumnElement[Any]:
    name = sa.sql.quoted_name(column.name, quote=True)
    if column.kind is ColumnKind.BYTES:
        text = sa.func.translate(sa.func.encode(value, "base64"), "\n", "")
        made = sa.case((value.is_not(None), sa.func.json_build_object("base64", text)))
        return made.label(name)
    if column.declared.lower().startswith(_NUMERIC) and not column.declared.endswith("[]"):
        return sa.cast(value, sa.Text).label(name)
    return value.label(name)
