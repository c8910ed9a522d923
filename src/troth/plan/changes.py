"""How one field is emptied or made coarser, with what the schema forbids foreseen.

NOT NULL, UNIQUE, CHECK, generated, narrow and enum columns decide what may stand in a field's place. A field for
which nothing may is a finding with the way out, and its rule is unproven; it is never met in the middle of a run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from troth.catalog.datamap import DataField
from troth.catalog.model import Column, ColumnKind, Table
from troth.plan.model import Blank, Change, Coarsen, Prune, Replace
from troth.plan.predicates import NEVER, Differs, Filled, HasPath, Predicate
from troth.problems import Problem

ERASED = "erased"
_KNOWS_NULL = re.compile(
    r"\b(is\s+not\s+null|coalesce|ifnull|nvl2?|isnull|num_nulls|num_nonnulls|is\s+(not\s+)?distinct)\b|<=>",
    re.I,
)
LONGEST_KEY = 24
"""Room a unique placeholder leaves for the row's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """What is done with one field, and which rows still need it."""

    change: Change | None = None
    pending: Predicate = NEVER
    problem: Problem | None = None


def empty(dataset: str, table: Table, field: DataField) -> Emptied:
    """Choose the change for an expired field: coarser where the map says so, else nothing, else a placeholder."""
    column = table.column(field.name)
    if column is None:
        return _cannot(
            dataset, field.name, "the live schema has no such column", "Mend the data map.", "unknown-column"
        )
    if field.on_expiry == "keep" or column.generated:
        return Emptied()
    if field.path:
        return _pruned(dataset, column, field)
    if _is_key(table, field.name):
        return _cannot(dataset, field.name, "it is part of a key", "Keep the key; declare the other columns.")
    if field.on_expiry != "blank":
        return _coarser(dataset, column, field)
    if field.replace is not None:
        return _placeholder(dataset, table, column, field.replace)
    if column.nullable and not _checked_filled(table, column):
        return Emptied(change=Blank(column=column.name), pending=Filled(column=column.name))
    if column.kind is ColumnKind.TEXT and not _checks(table, column):
        return _placeholder(dataset, table, column, ERASED if _unique(table, column) else "")
    what = "it may not be empty" if not column.nullable else "a CHECK asks for a value"
    hint = "Add replace: some value to the field, let the column be empty, or use on-expiry: delete-row."
    return _cannot(dataset, column.name, what, hint)


def _pruned(dataset: str, column: Column, field: DataField) -> Emptied:
    keys = tuple(field.path.split("."))
    if column.kind not in (ColumnKind.JSON, ColumnKind.TEXT) or not all(keys):
        what = f"{field.path} is no path of keys into a JSON document"
        return _cannot(dataset, column.name, what, "Write path: user.email, on a column that holds JSON.")
    change = Prune(column=column.name, path=keys)
    return Emptied(change=change, pending=HasPath(column=column.name, path=keys))


def _coarser(dataset: str, column: Column, field: DataField) -> Emptied:
    to = field.on_expiry
    fits = {"ip-prefix": {ColumnKind.TEXT, ColumnKind.INET}}.get(
        to, {ColumnKind.TEXT, ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ}
    )
    if column.kind not in fits:
        what = f"{to} does not fit a column of kind {column.kind.value}"
        return _cannot(dataset, column.name, what, "Use on-expiry: blank.")
    assert to in ("ip-prefix", "month", "year")
    change = Coarsen(column=column.name, to=to)
    return Emptied(change=change, pending=Differs(column=column.name, to=to))


def _placeholder(dataset: str, table: Table, column: Column, text: str) -> Emptied:
    unique = _unique(table, column)
    if column.kind is not ColumnKind.TEXT:
        what = f"a text cannot stand in a column of kind {column.kind.value}"
        return _cannot(dataset, column.name, what, "Use on-expiry: delete-row, or let the column be empty.")
    room = (column.length or 10**9) - len(text) - (LONGEST_KEY if unique else 0)
    if room < 0:
        what = f"it takes {column.length} characters, too few for the placeholder"
        return _cannot(dataset, column.name, what, "Declare a shorter replace, or widen the column.")
    change = Replace(column=column.name, text=text, unique=unique)
    mark = f"{'unique' if unique else 'text'}:{text}"
    return Emptied(change=change, pending=Differs(column=column.name, to=mark))


def _cannot(dataset: str, name: str, what: str, hint: str, code: str = "cannot-blank") -> Emptied:
    message = f"{dataset}.{name} cannot be emptied: {what}"
    return Emptied(problem=Problem(code=code, message=message, hint=hint, about=f"{dataset}.{name}"))


def _is_key(table: Table, name: str) -> bool:
    return name in table.primary_key or any(name in key.columns for key in table.foreign_keys)


def _unique(table: Table, column: Column) -> bool:
    return any(column.name in unique for unique in (*table.uniques, *table.partial_uniques))


def _checks(table: Table, column: Column) -> bool:
    return any(column.name in check.columns for check in table.checks)


def _checked_filled(table: Table, column: Column) -> bool:
    """Tell whether a CHECK may refuse NULL: only what makes NULL known can (other checks become unknown)."""
    return any(column.name in c.columns and _KNOWS_NULL.search(c.text) for c in table.checks)
