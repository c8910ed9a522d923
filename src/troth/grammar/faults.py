"""What the declaration says against the files, as faults a person can act on.

The declaration is checked by pydantic, all of it at once; here each of its errors gets a code, the place, the
value found, the valid values, the nearest name and what to do. A secret is never repeated: see `masks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from troth import periods
from troth.grammar import blocks, masks
from troth.grammar.declare import LINE, PATTERNS
from troth.grammar.nodes import Path, Place
from troth.problems import Problem, nearest
from troth.spans import Span


class Fault(NamedTuple):
    """A fault and the value it is about, so that the rest can still be looked at."""

    problem: Problem
    path: Path
    """The key or value at fault; for a missing key, the block that lacks it."""


class _Case(NamedTuple):
    """One error of pydantic's, located."""

    error: ErrorDetails
    path: Path
    rest: tuple[str | int, ...]
    """What of pydantic's location is not in the file: a missing key."""
    value: Any
    top: blocks.BlockType
    span: Span


def find(
    top: blocks.BlockType, values: Mapping[str, Any], places: Mapping[Path, Place], main: str
) -> tuple[Any, list[Fault]]:
    """Check values against a declaration; return the block made from them (or None) and every fault."""
    try:
        return top.model_validate(values, by_alias=True, by_name=False), []
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_input=False)
    return None, [_fault(_locate(error, top, values, places, main)) for error in errors]


def without(values: Mapping[str, Any], paths: list[Path]) -> dict[str, Any]:
    """Copy the values without those at the given paths: what is left can still be checked."""
    kept: dict[str, Any] = _copy(values)
    for path in sorted(paths, key=lambda p: [str(part).rjust(9) for part in p], reverse=True):
        _remove(kept, path)
    return kept


def _remove(node: Any, path: Path) -> None:
    while path and isinstance(path[-1], int):  # a list goes as a whole: places are told by position
        path = path[:-1]
    for part in path[:-1]:
        node = node[part] if _has(node, part) else None
    if path and _has(node, path[-1]):
        del node[path[-1]]


def _copy(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _copy(value) for key, value in node.items()}
    return [_copy(value) for value in node] if isinstance(node, list) else node


def _has(node: Any, part: str | int) -> bool:
    if isinstance(node, dict):
        return part in node
    return isinstance(node, list) and isinstance(part, int) and part < len(node)


def _locate(
    error: ErrorDetails,
    top: blocks.BlockType,
    values: Mapping[str, Any],
    places: Mapping[Path, Place],
    main: str,
) -> _Case:
    node: Any = values
    path: Path = ()
    rest: tuple[str | int, ...] = ()
    for part in error["loc"]:
        if _has(node, part):
            path, node, rest = (*path, part), node[part], ()
        else:
            rest = (*rest, part)
    place = places.get(path) or Place(Span(main), Span(main))
    on_key = error["type"] in ("extra_forbidden", "missing") or rest[-1:] == ("[key]",)
    return _Case(error, path, rest, node, top, place.key if on_key else place.value)


def _fault(case: _Case) -> Fault:
    if case.rest[-1:] == ("[key]",):
        return Fault(_bad_name(case, str(case.path[-1]) if case.path else ""), case.path)
    make = _MAKERS.get(case.error["type"], _bad_value)
    return Fault(make(case), case.path)


def _unknown_key(case: _Case) -> Problem:
    key = str(case.path[-1])
    block = blocks.block_at(case.top, case.path[:-1]) or case.top
    valid = blocks.keys(block)
    if key in block.renamed:
        now, how = block.renamed[key]
        message, close = f"`{key}` is not a key here; what it says is said by `{now}`.", now
        hint = f"{how[0].upper()}{how[1:]}."
    else:
        close = nearest(key.lower().replace("_", "-"), valid)
        names = [part for part in case.path[:-1] if isinstance(part, str)]
        where = f"`{names[-1]}`" if names else "the project"
        message = f"`{key}` is not a key of {where}."
        hint = f"Write `{close}`." if close else "Remove it, or use one of the valid keys."
    return Problem(
        code="unknown-key",
        message=message,
        span=case.span,
        found=key,
        valid=valid,
        nearest=close,
        hint=hint,
    )


def _missing_key(case: _Case) -> Problem:
    key = str(case.rest[-1])
    where = f"`{'.'.join(map(str, case.path))}`" if case.path else "The project"
    return Problem(
        code="missing-key",
        message=f"{where} lacks the key `{key}`.",
        span=case.span,
        hint=f"Add `{key}: …` under it.",
    )


def _bad_period(case: _Case) -> Problem:
    found = _found(case)
    words = re.findall(r"[A-Za-z]+", found)
    units = [unit for name in periods.UNITS for unit in (name, f"{name}s")]
    odd = next((word for word in words if word.lower() not in units), "")
    close = nearest(odd.lower(), units)
    reason = str(case.error.get("ctx", {}).get("reason", case.error["msg"]))
    return Problem(
        code="bad-period",
        message=f"{reason[0].upper()}{reason[1:]}.",
        span=case.span,
        found=found,
        valid=periods.VALID,
        nearest=close,
        hint="Write a number and a unit, such as `2 years` or `72 hours`.",
    )


def _literal(case: _Case) -> Problem:
    valid = tuple(re.findall(r"'([^']*)'", str(case.error.get("ctx", {}).get("expected", ""))))
    found = _found(case)
    close = nearest(found.lower().replace("_", "-").replace(" ", "-"), valid)
    return Problem(
        code="bad-value",
        message=f"{_what(case)} is none of its valid values.",
        span=case.span,
        found=found,
        valid=valid,
        nearest=close,
        hint=f"Write `{close}`." if close else "Use one of the valid values.",
    )


def _pattern(case: _Case) -> Problem:
    return _bad_name(case, _found(case))


def _bad_name(case: _Case, found: str) -> Problem:
    pattern = str(case.error.get("ctx", {}).get("pattern", ""))
    wanted = PATTERNS.get(pattern, "text")
    if case.error["type"] == "string_too_long":
        wanted = f"at most {case.error.get('ctx', {}).get('max_length')} characters"
    return Problem(
        code="bad-value",
        message=f"This should be {wanted}.",
        span=case.span,
        found=masks.shown(case.path, found),
        valid=(wanted,),
        hint="Change it to that form.",
    )


_WANTED = {
    "string_type": ("a text", "Put the value in quotes."),
    "model_type": ("a mapping of keys", "Write `key: value` lines under it."),
    "model_attributes_type": ("a mapping of keys", "Write `key: value` lines under it."),
    "dict_type": ("a mapping of names", "Write `name: …` lines under it."),
    "tuple_type": ("a list", "Put the value in brackets: `[value]`."),
    "bad_day": ("a date as YYYY-MM-DD", "Write the date as 2025-05-23."),
    "bad_line": (LINE, "Write what a person would call it, in a few words."),
    "bad_flag": ("`yes` or `no`", "Write `yes` or `no`."),
    "int_type": ("a whole number", "Write digits only."),
    "int_parsing": ("a whole number", "Write digits only."),
    "int_from_float": ("a whole number", "Write digits only."),
    "float_type": ("a number", "Write a number such as 5 or 2.5."),
    "float_parsing": ("a number", "Write a number such as 5 or 2.5."),
    "finite_number": ("a number", "Write a number such as 5 or 2.5."),
}
"""pydantic's error type → what is wanted, and what to do."""


def _bad_value(case: _Case) -> Problem:
    wanted, hint = _WANTED.get(case.error["type"], (case.error["msg"].removeprefix("Input should be "), ""))
    return Problem(
        code="bad-value",
        message=f"{_what(case)} should be {wanted}.",
        span=case.span,
        found=_found(case),
        valid=(wanted,),
        hint=hint or f"Give {wanted}.",
    )


def _what(case: _Case) -> str:
    names = [str(part) for part in case.path if isinstance(part, str)]
    return f"`{names[-1]}`" if names else "The project"


def _found(case: _Case) -> str:
    if isinstance(case.value, Mapping):
        return "a mapping"
    if isinstance(case.value, list):
        return "a list"
    return masks.shown(case.path, "nothing" if case.value is None else str(case.value))


_MAKERS: Mapping[str, Callable[[_Case], Problem]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "bad_period": _bad_period,
    "literal_error": _literal,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _pattern,
}
