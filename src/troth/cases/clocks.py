"""The dates of a case: one clock for each law, act by the earliest; computed anew from the events every time.

What a law has no number for is worked to a target of our own, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from troth.cases.case import Case
from troth.cases.kinds import Kind
from troth.cases.which import covers
from troth.laws import calendars, clock, shelf
from troth.laws.due import Clocked, Due, Step
from troth.laws.facts import Fact, checked
from troth.laws.model import Pack

ACTS = ("respond", "respond-or-inform", "comply", "decide", "review-or-delete")
LONGER = "respond-or-inform"
"""An act within whose term the person may be told instead by when it is done (PDPA Regulations 2021 reg. 5)."""
STOPS = ("stop", "stop-sending")
NOTES = ("confirm-receipt", "acknowledge")
"""What is due beside the answer."""
TARGET = timedelta(days=30)
"""Of our own, where no law of the case gives a number."""
AT_ONCE = timedelta(days=1)
"""Of our own, for what must stop at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A later day of which the person was told."""

    at: datetime
    due: date


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
    """No law gives the day by which to act."""
    beside: tuple[Clocked, ...] = ()
    """What is due beside the answer: an acknowledgement."""

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
    notice, stopped = case.last("extension.notice"), case.last("done") is not None
    told = None
    if notice is not None and "due" in notice.body:
        told = Told(at=notice.at, due=date.fromisoformat(str(notice.body["due"])))
    return computed(case.kind, case.laws, case.facts, case.here, now, stopped=stopped, told=told)


def computed(
    kind: Kind,
    laws: Sequence[str],
    facts: Sequence[Fact],
    place: str,
    now: datetime,
    *,
    stopped: bool = False,
    told: Told | None = None,
) -> Dates:
    """Compute every clock of a request of a kind under some laws.

    Args:
        kind: What is asked for.
        laws: Under which laws.
        facts: What happened.
        place: Where we act; empty where unknown: then no day off lengthens anything.
        now: The clock.
        stopped: What must stop at once has stopped: only the answer is left.
        told: What the person was told of a later day; it counts where a law lets us name one.

    Raises:
        BadInput: when the facts cannot all be true.
    """
    known = checked(facts, now)
    found: list[Clocked] = []
    silent: list[str] = []
    for pack in map(shelf.load, laws):
        own = [_named(clock.compute(one, now), told) for one in _questions(pack, kind, known, place)]
        found += own
        if not own:
            silent.append(pack.law)
    beside = tuple(one for one in found if _act(one) not in {*ACTS, *STOPS})
    answering = tuple(one for one in found if one not in beside)
    first = clock.earliest(answering)
    safe = _instant(first.safe, first.zone) if first else None
    target = _target(kind, answering, known[0].at, stopped=stopped)
    own_target = safe is None or (target.at_once and target.safe < safe)
    return Dates(
        clocks=answering,
        silent=tuple(silent),
        first=(target.clock or first) if own_target else first,
        legal=_instant(first.legal, first.zone) if first else None,
        safe=target.safe if safe is None or own_target else safe,
        own_target=own_target,
        beside=beside,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A day of our own."""

    safe: datetime
    at_once: bool
    clock: Clocked | None = None
    """The law that says at once."""


def _target(kind: Kind, clocks: Sequence[Clocked], received: datetime, *, stopped: bool) -> _Target:
    """Return the day by which we act where a law says only how fast, or nothing."""
    fast = None if stopped else next((one for one in clocks if one.legal.word == "at-once"), None)
    quick = fast is not None or (kind.stops and not stopped and not any(one.term for one in clocks))
    return _Target(safe=received + (AT_ONCE if quick else TARGET), at_once=fast is not None, clock=fast)


def local(at: datetime, law: str, here: str) -> date:
    """Return the day of an instant where a law's term ends: by the clock of the place, as the law's days are counted.

    Args:
        at: Any instant.
        law: The law; empty where none gives a day.
        here: Where we act; empty where unknown.
    """
    if not law:
        return at.astimezone(calendars.place(here).zone or UTC).date()
    pack = shelf.load(law)
    place = here if here and covers(pack, here) else pack.places[0]
    return at.astimezone(calendars.place(place).zone or UTC).date()


def _named(one: Clocked, told: Told | None) -> Clocked:
    """Put the day of which the person was told in time in the place of a term within which that may be done."""
    end = one.legal.moment(one.zone)
    if told is None or one.term is None or one.term.act != LONGER or end is None or told.at > end:
        return one
    says = f"The person was told within the term that it is done by {told.due}."
    step = Step(says=says, rule=one.term.id, article=one.term.article, sure=one.term.sure)
    return replace(one, legal=Due(day=told.due), safe=Due(day=told.due), trace=(*one.trace, step))


def _questions(pack: Pack, kind: Kind, facts: Sequence[Fact], place: str) -> Iterator[clock.Question]:
    """Ask for every act of a law that a request of this kind starts; the first of its names the law knows."""
    for word in kind.named(pack.law):
        acts = dict.fromkeys(term.act for term in pack.terms if word in term.of)
        wanted = [act for act in acts if act in {*ACTS, *STOPS, *NOTES}]
        here = place if covers(pack, place) else ""
        for act in wanted:
            yield clock.Question(pack=pack, event=f"{word}.{act}", facts=tuple(facts), place=here, alone=True)
        if wanted:
            return


def _act(one: Clocked) -> str:
    return one.event.rpartition(".")[2]


def _instant(due: Due, zone: ZoneInfo | None) -> datetime | None:
    found = due.moment(zone)
    return found.astimezone(UTC) if found else None
