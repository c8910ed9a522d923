"""A person's full names, as free text may have them, from the name columns of the person's row. Pure.

Only full names are looked for in text: a first name alone is shared by too many. Which columns hold names is told
by their own names, as `troth init` tells it.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.catalog.detect import names
from troth.catalog.detect.kinds import Kind
from troth.catalog.model import ColumnKind, Table

NAMES = (Kind.FIRST_NAME, Kind.LAST_NAME, Kind.FULL_NAME)


def columns(table: Table, personal: frozenset[str]) -> Mapping[str, Kind]:
    """Map the columns that hold parts of a name to the part; declared personal ones only."""
    found: dict[str, Kind] = {}
    for column in table.columns:
        if column.name not in personal or column.kind is not ColumnKind.TEXT:
            continue
        kind = next((hit.kind for hit in names.hits(column.name) if hit.kind in NAMES), None)
        if kind is not None:
            found[column.name] = kind
    return found


def full(parts: Mapping[str, Kind], values: Mapping[str, object]) -> tuple[str, ...]:
    """Write the full names of a row: as stored, given name first, and family name first."""
    by_kind: dict[Kind, str] = {}
    for name, kind in parts.items():
        text = " ".join(str(values.get(name) or "").split())
        if text:
            by_kind.setdefault(kind, text)
    first, last = by_kind.get(Kind.FIRST_NAME), by_kind.get(Kind.LAST_NAME)
    found = [by_kind[Kind.FULL_NAME]] if " " in by_kind.get(Kind.FULL_NAME, "") else []
    if first and last:
        found += [f"{first} {last}", f"{last}, {first}", f"{last} {first}"]
    return tuple(dict.fromkeys(found))
