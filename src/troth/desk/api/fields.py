"""Types of what other systems send: strict, bounded, and described in the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Strict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from troth.cases import kinds, moves, which
from troth.desk import here
from troth.ledger.kept_plans import STATES
from troth.problems import BadInput

OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
SLACK = timedelta(minutes=2)
"""How far the clock of another system may be ahead."""
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]")


class Given(Schema):
    """What is sent: nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid")


def _instant(value: object) -> datetime:
    """Read an instant as RFC 3339 writes it, of a time in which requests are made."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("instant", "an instant with its zone")
    try:
        found = datetime.fromisoformat(value.upper())
        now = here.place().clock.now()
        fits = OLDEST <= found <= now + SLACK
    except (ValueError, OverflowError):
        fits = False
    if not fits:
        raise PydanticCustomError("instant", "an instant with its zone")
    return min(found, now.astimezone(found.tzinfo))


def _plain(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("plain_text", "text without control characters")
    return value


def _place(value: str) -> str:
    try:
        return which.place(value) if value.strip() else ""
    except BadInput as error:
        [one] = error.problems
        raise PydanticCustomError("place", "a place", {"valid": one.valid, "hint": one.hint}) from None


def _one_of(valid: Collection[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in valid:
            raise PydanticCustomError("unknown_name", "one of the names", {"valid": tuple(valid)})
        return value

    return check


def _text(longest: int, shortest: int = 0) -> tuple[Any, ...]:
    return StringConstraints(min_length=shortest, max_length=longest), AfterValidator(_plain)


def _names(valid: Mapping[str, object] | Collection[str]) -> tuple[Any, ...]:
    return AfterValidator(_one_of(valid)), WithJsonSchema({"type": "string", "enum": list(valid)})


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "RFC 3339, with its zone."}),
]
Line = Annotated[str, *_text(500)]
Words = Annotated[str, *_text(100_000)]
Said = Annotated[str, *_text(100_000, 1)]
Country = Annotated[str, StringConstraints(max_length=20), AfterValidator(_place)]
Right = Annotated[str, *_names(kinds.ALL)]
PlanState = Annotated[str, *_names(STATES)]
State = Annotated[str, *_names(moves.STATES)]
Count = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
