"""Requests of one person that came before: which count, and whether a law counts them. Pure.

A law that lets so many a year be free says so in its pack; nothing is refused for being a repetition by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from troth.cases import kinds
from troth.cases.case import Case
from troth.laws import shelf
from troth.laws.model import Free
from troth.periods import end, parse

YEAR = parse("12 months")


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A request of the same person."""

    id: int
    kind: str
    received: date
    outcome: str
    laws: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a law says of how often something was asked for."""

    law: str
    free: Free
    number: int
    """Which of its kind this is, within the law's period."""

    @property
    def above(self) -> bool:
        """Tell whether it is one more than the law lets be free."""
        return self.number > self.free.times


def within_a_year(case: Case, others: Iterable[Earlier]) -> tuple[Earlier, ...]:
    """Return the requests of the twelve months before this one."""
    day = case.received.date()
    return tuple(one for one in others if _before(one, case) and day <= end(one.received, YEAR))


def counted(case: Case, others: Sequence[Earlier]) -> tuple[Counted, ...]:
    """Say for each law of a request that counts, which request of its kind this is."""
    day = case.received.date()
    found = []
    for law in case.laws:
        right = case.kind.right(shelf.load(law), day)
        if right is None or right.free is None:
            continue
        before = [
            one
            for one in others
            if law in one.laws
            and _counts(one, law)
            and one.outcome not in {"withdrawn", "referred"}
            and _before(one, case)
            and day <= end(one.received, right.free.within)
        ]
        found.append(Counted(law=law, free=right.free, number=len(before) + 1))
    return tuple(found)


def _before(one: Earlier, case: Case) -> bool:
    return (one.received, one.id) < (case.received.date(), case.id)


def _counts(one: Earlier, law: str) -> bool:
    """Tell whether a law counts a request: asking for categories and for pieces are counted together."""
    right = kinds.kind(one.kind).right(shelf.load(law))
    return right is not None and right.free is not None
