"""The dates of a case: one clock for each law, act by the earliest; computed anew from the events every time.

What a law has no number for is worked to a target of our own, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from troth.cases.case import Case
from troth.cases.kinds import Kind
from troth.laws import clock, shelf
from troth.laws.due import Clocked, Due
from troth.laws.facts import Fact
from troth.laws.model import Pack

ACTS = ("respond", "respond-or-inform", "comply", "decide", "review-or-delete", "acknowledge")
STOPS = ("stop", "stop-sending")
NOTES = ("confirm-receipt", "acknowledge")
"""What is due beside the answer."""
TARGET = timedelta(days=30)
"""Of our own, where no law of the case gives a number."""
AT_ONCE = timedelta(days=1)
"""Of our own, for what must stop at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """By when a case must be answered."""

    clocks: tuple[Clocked, ...]
    silent: tuple[str, ...]
    """Laws of the case that have no term for it."""
    first: Clocked | None
    """The clock to act by; None where no law gives a day."""
    legal: datetime | None
    """The legal end by that clock; None while the law lets the clock wait."""
    safe: datetime
    """The earliest end that can be defended; a target of our own where no law gives one."""
    own_target: bool = False
    """No law gives the day."""

    @property
    def law(self) -> str:
        """The law to act by."""
        return self.first.pack.law if self.first else ""

    @property
    def waiting(self) -> bool:
        """Tell whether the law lets the clock wait for the person."""
        return self.first is not None and self.legal is None and self.first.legal.word == "waiting"


def dates(case: Case, now: datetime) -> Dates:
    """Compute every clock of a case.

    Raises:
        BadInput: when the events cannot all be true.
    """
    return computed(case.kind, case.laws, case.facts, case.place, now)


def computed(kind: Kind, laws: Sequence[str], facts: Sequence[Fact], place: str, now: datetime) -> Dates:
    """Compute every clock of a request of a kind under some laws."""
    found: list[Clocked] = []
    silent: list[str] = []
    for pack in map(shelf.load, laws):
        own = [clock.compute(question, now) for question in _questions(pack, kind, facts, place)]
        found += own
        if not own:
            silent.append(pack.law)
    answering = [one for one in found if one.event.rpartition(".")[2] in {*ACTS, *STOPS}]
    first = clock.earliest(answering)
    received = next(fact.at for fact in facts if fact.kind == "received")
    if first is None:
        at_once = kind.stops or any(one.legal.word == "at-once" for one in answering)
        safe = received + (AT_ONCE if at_once else TARGET)
        return Dates(
            clocks=tuple(found), silent=tuple(silent), first=None, legal=None, safe=safe, own_target=True
        )
    safe_at = _instant(first.safe, first.zone)
    assert safe_at is not None
    return Dates(
        clocks=tuple(found),
        silent=tuple(silent),
        first=first,
        legal=_instant(first.legal, first.zone),
        safe=safe_at,
    )


def _questions(pack: Pack, kind: Kind, facts: Sequence[Fact], place: str) -> Iterator[clock.Question]:
    """Ask for every act of a law that a request of this kind starts; the first of its names the law knows."""
    for word in kind.named(pack.law):
        acts = dict.fromkeys(term.act for term in pack.terms if word in term.of)
        wanted = [act for act in acts if act in {*ACTS, *STOPS, *NOTES}]
        for act in wanted:
            here = place if _land(place) == _land(pack.places[0]) else ""
            yield clock.Question(pack=pack, event=f"{word}.{act}", facts=tuple(facts), place=here)
        if wanted:
            return


def _land(place: str) -> str:
    return place.upper().partition("-")[0]


def _instant(due: Due, zone: ZoneInfo | None) -> datetime | None:
    found = due.moment(zone)
    return found.astimezone(UTC) if found else None
