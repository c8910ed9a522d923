"""The events a clock is computed from: append-only facts, each with its instant, and whether they can all be true.

Nothing here counts days. A fact is never changed; what comes later is one more fact, and the clock is computed
again from all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from troth.problems import BadInput, Problem, nearest

PAIRS: dict[str, tuple[str, str]] = {
    "identity": ("identity.asked", "identity.received"),
    "fee": ("fee.asked", "fee.paid"),
    "clarification": ("clarification.asked", "clarification.answered"),
    "cost": ("cost.told", "cost.confirmed"),
}
"""What is asked for, and how the asking and the coming are called."""

RECEIVED = "received"
EXTENSION = "extension.notice"
ANSWERED = "answered"
KINDS = (RECEIVED, *(name for pair in PAIRS.values() for name in pair), EXTENSION, ANSWERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened at an instant."""

    kind: str
    at: datetime
    justified: bool = True
    """For what was asked: whether the law allowed to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Something asked for, and its coming."""

    asked: Fact
    came: Fact | None


def checked(facts: Iterable[Fact], now: datetime) -> tuple[Fact, ...]:
    """Return the facts in order of time.

    Raises:
        BadInput: with every reason why they cannot all be true.
    """
    given = tuple(facts)
    problems = [
        *(p for fact in given for p in _alone(fact)),
    ]
    if problems:
        raise BadInput(problems)
    ordered = tuple(sorted(given, key=lambda fact: (fact.at, KINDS.index(fact.kind))))
    problems += _together(ordered, now)
    if problems:
        raise BadInput(problems)
    return ordered


def pairs(facts: Sequence[Fact], on: str) -> tuple[Pair, ...]:
    """Return what was asked for of one kind, each with the first coming after it."""
    ask, come = PAIRS[on]
    comings = [fact for fact in facts if fact.kind == come]
    found: list[Pair] = []
    for asked in (fact for fact in facts if fact.kind == ask):
        came = next((fact for fact in comings if fact.at >= asked.at), None)
        found.append(Pair(asked=asked, came=came))
    return tuple(found)


def _alone(fact: Fact) -> Iterator[Problem]:
    if fact.kind not in KINDS:
        close = nearest(fact.kind, KINDS)
        yield _bad("No event of a clock is called so.", fact.kind, "Use one of the names.", KINDS, close)
    if fact.at.tzinfo is None:
        yield _bad(
            f"The event `{fact.kind}` has no zone.",
            fact.at.isoformat(),
            "Write the offset of the place: 2026-01-31T10:00+01:00, or Z.",
        )


def _together(facts: Sequence[Fact], now: datetime) -> Iterator[Problem]:
    received = [fact for fact in facts if fact.kind == RECEIVED]
    if len(received) != 1:
        hint = "Give the instant at which the request or the knowledge came in, once."
        yield _bad(f"A clock has one event `received`, and here are {len(received)}.", "", hint)
    for fact in facts:
        if fact.at > now:
            hint = "Correct its instant, or ask at a later one."
            yield _bad(f"The event `{fact.kind}` lies in the future.", fact.at.isoformat(), hint)
        elif received and fact.at < received[0].at:
            hint = "Correct one of the two instants."
            yield _bad(f"The event `{fact.kind}` is before `received`.", fact.at.isoformat(), hint)
    for ask, come in PAIRS.values():
        first = min((fact.at for fact in facts if fact.kind == ask), default=None)
        for fact in facts:
            if fact.kind == come and (first is None or fact.at < first):
                hint = f"Add the event `{ask}` with its instant, or correct the order."
                yield _bad(f"There is a `{come}` and no `{ask}` before it.", fact.at.isoformat(), hint)


def _bad(message: str, found: str, hint: str, valid: tuple[str, ...] = (), close: str = "") -> Problem:
    return Problem(code="bad-event", message=message, found=found, hint=hint, valid=valid, nearest=close)
