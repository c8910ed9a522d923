"""What time it is, and whether that is a test's word.

`TROTH_TEST_CLOCK` (ISO 8601) stands in for the clock in tests and demonstrations. Under it simulations may be
applied; everything written then says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from troth.problems import BadInput, Problem

VARIABLE = "TROTH_TEST_CLOCK"
NOW = timedelta(minutes=5)
"""How far an instant may lie from the clock and still be now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Where the time comes from."""

    now: Callable[[], datetime]
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The instant a command is about."""

    at: datetime
    simulation: bool = False
    """The instant is not now: what comes of it is for looking at only."""


def moment(clock: Clock, text: str = "") -> Moment:
    """Return the instant a person asked for; now when they asked for none.

    Raises:
        BadInput: when the text is not an instant.
    """
    now = clock.now()
    if not text:
        return Moment(at=now)
    at = instant(text)
    return Moment(at=at, simulation=abs(at - now) > NOW)


def of(environment: Mapping[str, str]) -> Clock:
    """Return the machine's clock, or the one a test has set.

    Raises:
        BadInput: when the variable is set and is not an instant.
    """
    value = environment.get(VARIABLE, "")
    if not value:
        return Clock(now=lambda: datetime.now(UTC))
    fixed = instant(value, VARIABLE)
    return Clock(now=lambda: fixed, test=True)


def instant(text: str, what: str = "--at") -> datetime:
    """Read an instant: `2026-06-01`, `2026-06-01T12:00`, with or without an offset; UTC where none is given.

    Raises:
        BadInput: when the text is not an instant.
    """
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as bad:
        problem = Problem(
            code="bad-value",
            message=f"{what} is not an instant.",
            found=text,
            valid=("2026-06-01", "2026-06-01T12:00", "2026-06-01T12:00:00+02:00"),
            hint="Write a date, or a date and a time, as ISO 8601 does.",
        )
        raise BadInput([problem]) from bad
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
