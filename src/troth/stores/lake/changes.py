"""What becomes of a value, in DuckDB's SQL: emptied, replaced, made coarser, a part of a document taken out.

Pure. Documents are JSON text, structs and maps; a field of a struct cannot be taken out of one row alone, so it is
emptied. `json_merge_patch` takes members out that a patch names with null (RFC 7396).
"""

from __future__ import annotations

import json
from typing import assert_never

from troth.catalog.model import ColumnKind
from troth.plan.model import Blank, Change, Coarsen, Prune, Replace
from troth.stores.lake.fragment import FALSE, Piece, piece, quoted, value
from troth.stores.lake.sheets import kind

_DATED = frozenset({ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ})
_MONTH = r"^\d{4}-\d\d"
_IP4 = r"^\d{1,3}(\.\d{1,3}){3}$"
_IP6 = r"^[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){2}:"
_IP6_SHORT = "^[0-9A-Fa-f:.]*::[0-9A-Fa-f:.]*$"


def changed(declared: str, own: Piece, change: Change) -> Piece:
    """Render what a change makes of a column of a type."""
    match change:
        case Blank():
            return Piece(f"CAST(NULL AS {declared})")
        case Replace(text=text):
            return piece("TRY_CAST({} AS {})", value(text), Piece(declared))
        case Coarsen(to=to):
            return piece("TRY_CAST({} AS {})", _coarser(declared, own, to), Piece(declared))
        case Prune(path=path):
            return _pruned(declared, own, path)
        case _:
            assert_never(change)


def alters(declared: str, own: Piece, change: Change) -> Piece:
    """Render that a change would make something else of a value."""
    if isinstance(change, Prune):
        return has_path(declared, own, change.path)
    return piece("({} IS NOT NULL AND {} IS DISTINCT FROM {})", own, own, changed(declared, own, change))


def differs(declared: str, own: Piece, to: str) -> Piece:
    """Render that a value is not yet what a change would make of it."""
    form, _, text = to.partition(":")
    if form == "text":
        return piece("coalesce({} <> TRY_CAST({} AS {}), false)", own, value(text), Piece(declared))
    if form == "unique":
        return piece("coalesce(NOT starts_with(CAST({} AS VARCHAR), {}), false)", own, value(f"{text}-"))
    coarser = piece("TRY_CAST({} AS {})", _coarser(declared, own, to), Piece(declared))
    return piece("({} IS NOT NULL AND {} IS DISTINCT FROM {})", own, own, coarser)


def has_path(declared: str, own: Piece, path: tuple[str, ...]) -> Piece:
    """Render that a document has a value at a path of keys."""
    if declared.startswith("STRUCT"):
        return piece(
            "({} IS NOT NULL)", Piece(own.sql + "".join(f".{quoted(key)}" for key in path), own.given)
        )
    if declared.startswith("MAP"):
        return (
            piece("coalesce(map_contains({}, {}), false)", own, value(path[0])) if len(path) == 1 else FALSE
        )
    text = piece("TRY_CAST({} AS JSON)", own)
    return piece("coalesce(json_exists({}, {}), false)", text, value(_pointer(path)))


def _pruned(declared: str, own: Piece, path: tuple[str, ...]) -> Piece:
    if declared.startswith("STRUCT"):
        return piece("CAST({} AS {})", _without(own, path), Piece(declared))
    if declared.startswith("MAP"):
        kept = "map_from_entries(list_filter(map_entries({}), lambda one: one.key <> {}))"
        return piece(kept, own, value(path[0])) if len(path) == 1 else own
    patch: object = None
    for key in reversed(path):
        patch = {key: patch}
    merged = "CAST(json_merge_patch(TRY_CAST({} AS JSON), CAST({} AS JSON)) AS {})"
    return piece(merged, own, value(json.dumps(patch, ensure_ascii=False)), Piece(declared))


def _without(own: Piece, path: tuple[str, ...]) -> Piece:
    """Empty a field of a struct, however deep."""
    name = quoted(path[0])
    inside = Piece(f"{own.sql}.{name}", own.given)
    new = Piece("NULL") if len(path) == 1 else _without(inside, path[1:])
    made = piece(f"struct_update({{}}, {name} := {{}})", own, new)
    return piece("CASE WHEN {} IS NOT NULL THEN {} END", own, made)


def _pointer(path: tuple[str, ...]) -> str:
    """Write a path of keys as JSON pointer (RFC 6901)."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def _coarser(declared: str, own: Piece, to: str) -> Piece:
    if to == "ip-prefix":
        return _network(own)
    if kind(declared) in _DATED:
        return piece(f"date_trunc('{to}', {{}})", own)
    length, tail = (7, "-01") if to == "month" else (4, "-01-01")
    text = piece("CAST({} AS VARCHAR)", own)
    return piece(
        f"CASE WHEN regexp_matches({{}}, {{}}) THEN substr({{}}, 1, {length}) || '{tail}' END",
        text,
        value(_MONTH),
        text,
    )


def _network(own: Piece) -> Piece:
    """Keep 24 bits of IPv4 and 48 of IPv6, by pattern."""
    text = piece("CAST({} AS VARCHAR)", own)
    last = value(r"\.\d+$")
    four = piece(
        "WHEN regexp_matches({}, {}) THEN regexp_replace({}, {}, '.0')", text, value(_IP4), text, last
    )
    six = piece(
        "WHEN regexp_matches({}, {}) THEN regexp_replace({}, {}, {})",
        text,
        value(_IP6),
        text,
        value("^(([0-9A-Fa-f]{1,4}:){3}).*$"),
        value(r"\1:"),
    )
    short = piece(
        "WHEN regexp_matches({}, {}) THEN regexp_replace({}, '::.*$', '::')", text, value(_IP6_SHORT), text
    )
    return piece("CASE {} {} {} END", four, six, short)
