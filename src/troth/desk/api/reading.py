"""What pydantic finds wrong with a call, as faults: in our words, with the place, the shape and what is valid.

Names of keys that nobody knows are not repeated either: somebody may have put an address there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from troth.desk.api import problem
from troth.desk.api.problem import Fault

CODES = {"missing": "missing-key", "extra_forbidden": "unknown-key", "unknown_name": "unknown-name"}
EXPECTED = {
    "missing": "This must be given.",
    "extra_forbidden": "A key here is not known.",
    "string_type": "Text was expected.",
    "string_too_long": "At most {max_length} characters were expected.",
    "string_too_short": "At least {min_length} characters were expected.",
    "string_pattern_mismatch": "Text of another form was expected: {pattern}.",
    "string_unicode": "Text in UTF-8 was expected.",
    "list_type": "A list was expected.",
    "too_long": "At most {max_length} were expected.",
    "too_short": "At least {min_length} were expected.",
    "bool_type": "true or false was expected.",
    "bool_parsing": "true or false was expected.",
    "int_type": "A whole number was expected.",
    "int_parsing": "A whole number was expected.",
    "int_from_float": "A whole number was expected.",
    "int_parsing_size": "A smaller number was expected.",
    "greater_than_equal": "At least {ge} was expected.",
    "less_than_equal": "At most {le} was expected.",
    "literal_error": "One of these was expected: {expected}.",
    "dict_type": "An object was expected.",
    "model_type": "An object was expected.",
    "model_attributes_type": "An object was expected.",
    "union_tag_not_found": "An object with the key `event` was expected.",
    "union_tag_invalid": "The event is one of: {expected_tags}.",
    "instant": "An instant with its zone was expected, as 2026-01-31T10:00:00Z, of this century and not to come.",
    "unknown_name": "One of the names was expected.",
    "place": "A place was expected: a country, and a part of it where laws differ.",
    "plain_text": "Text without control characters was expected.",
}
"""What was expected, for each type of error; with pydantic's own context filled in."""
SHAPELESS = ("missing", "extra_forbidden", "union_tag_invalid", "union_tag_not_found")
TAG = "event"
"""The key that says which of several objects one is."""
OTHER = "Something else was expected."


def faults(source: str, model: type[BaseModel], errors: list[dict[str, Any]]) -> Iterator[Fault]:
    """Yield the faults pydantic found in one part of a call.

    Args:
        source: `body`, `query`, `path` or `header`.
        model: Of that part.
        errors: As pydantic has them, with the value of each.
    """
    for one in errors:
        kind, place = str(one["type"]), list(one["loc"])
        strange = kind == "extra_forbidden"
        place += [TAG] if kind.startswith("union_tag") else []
        context: Mapping[str, Any] = one.get("ctx") or {}
        yield Fault(
            code=CODES.get(kind, "bad-value"),
            message=_said(kind, context),
            where=source,
            at=_place(source, place[:-1] if strange else place),
            found="" if kind in SHAPELESS else problem.shape(one.get("input")),
            valid=_keys(model, place) if strange else tuple(context.get("valid", ())),
            hint=str(context.get("hint", "")),
        )


def _said(kind: str, context: Mapping[str, Any]) -> str:
    try:
        return EXPECTED.get(kind, OTHER).format(**context)
    except (KeyError, IndexError):
        return OTHER


def _place(source: str, place: list[object]) -> str:
    """Return where it is; the first part of a body's place is the name of our own parameter."""
    return problem.pointer(place[1:]) if source == "body" else ".".join(map(str, place))


def _keys(model: type[BaseModel], place: list[object]) -> tuple[str, ...]:
    """Return the keys that are known where a strange one stands; nothing where that is not a plain object."""
    field = model.model_fields.get(str(place[0])) if place else None
    inner = field.annotation if field is not None else None
    if len(place) == 2 and isinstance(inner, type) and issubclass(inner, BaseModel):
        return tuple(inner.model_fields)
    return ()
