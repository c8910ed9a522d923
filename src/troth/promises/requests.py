"""Requests of people as checks see them: counts by kind and law, with the first bad request of each fault.

Made at the edge from one row a request (`CaseSum`), a row at a time; nothing here grows with the requests. What the
row alone cannot tell is said to be doubtful, and read off the events of that one request at the edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from troth.promises.faults import FAULTS, TIMELY, Flaw
from troth.promises.results import Offence, Reason, counted

if TYPE_CHECKING:
    from troth.ledger.case_records import CaseSum

SURELY = timedelta(days=9)
"""Within so many days nothing can have been acknowledged late: no law's term is shorter (11 CCR 7021(a))."""
DECIDED_AWAY = frozenset({"withdrawn", "referred"})
"""Ends without an answer of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What a check must know of a kind of request."""

    stops: bool = False
    """It only ends some use."""
    certified: bool = False
    """Done, it has a certificate."""
    packaged: bool = False
    """Done, it has a package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """How many requests have a fault, and the first of them."""

    count: int
    reference: str
    day: date | None = None
    rule: str = ""

    def says(self, code: str) -> str:
        """Say it in words."""
        fault = FAULTS[code]
        by = f" ({self.rule})" if self.rule else ""
        due = f", due {self.day.isoformat()}{by}" if self.day else by
        return f"{self.count:,} {fault.one if self.count == 1 else fault.many}, first {self.reference}{due}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Some requests, counted."""

    opened: int = 0
    open: int = 0
    answered: int = 0
    away: int = 0
    """Withdrawn, or passed on to whoever decides."""
    done: int = 0
    kept: int = 0
    """Done, with something kept."""
    last: date | None = None
    """Of the last answer."""
    bad: Mapping[str, Bad] = field(default_factory=dict)

    def offences(self, codes: Iterable[str]) -> Iterator[Offence]:
        """Yield those of some faults that break a promise."""
        for code in codes:
            found = self.bad.get(code)
            if found and FAULTS[code].breaks:
                text = found.says(code)
                yield Offence(
                    dataset=found.reference, rows=found.count, oldest=found.day, noun="request", says=text
                )

    def reasons(self, codes: Iterable[str]) -> Iterator[Reason]:
        """Yield those of some faults that leave a promise unproven."""
        for code in codes:
            found = self.bad.get(code)
            if found and not FAULTS[code].breaks:
                yield Reason(code=code, message=found.says(code), rows=found.count)

    @property
    def says(self) -> str:
        """Say how it stands, where nothing is wrong."""
        if not self.opened:
            return "no request was ever made"
        late = any(code in self.bad for code in TIMELY)
        in_time, and_in_time = ("", "") if late else (" in time", " and in time")
        parts = [
            f"{self.answered:,} answered{in_time}" if self.answered else "",
            f"{self.open:,} open{and_in_time}" if self.open else "",
            f"{self.away:,} withdrawn or passed on" if self.away else "",
        ]
        told = [part for part in parts if part]
        last = f"; last {self.last.isoformat()}" if self.last else ""
        if self.answered == self.opened:
            every = "" if self.opened == 1 else "all "
            return f"{counted(self.opened, 'request')}, {every}answered{in_time}{last}"
        return f"{counted(self.opened, 'request')}: {', '.join(told)}{last}"


@dataclass(slots=True, kw_only=True)
class Tallying:
    """A tally while it is being made."""

    opened: int = 0
    open: int = 0
    answered: int = 0
    away: int = 0
    done: int = 0
    kept: int = 0
    last: date | None = None
    bad: dict[str, Bad] = field(default_factory=dict)

    def add(self, one: CaseSum, flaws: Iterable[Flaw] = ()) -> None:
        """Count a request with its flaws."""
        self.opened += 1
        self.open += is_open(one)
        self.answered += one.answered_at is not None and not is_open(one)
        self.away += one.answered_at is None and (one.state == "referred" or one.outcome in DECIDED_AWAY)
        self.done += one.done is not None
        self.kept += one.kept is not None and one.kept == one.done
        if one.answered_at is not None:
            day = one.answered_at.date()
            self.last = day if self.last is None or day > self.last else self.last
        for flaw in flaws:
            self.flaw(flaw, f"case:{one.id}")

    def flaw(self, flaw: Flaw, reference: str, count: int = 1) -> None:
        """Count a fault; the first is the one whose day was missed longest ago, else the lowest number."""
        had = self.bad.get(flaw.code)
        new = Bad(count=count, reference=reference, day=flaw.day, rule=flaw.rule)
        if had is None:
            self.bad[flaw.code] = new
            return
        first = min(had, new, key=lambda bad: (bad.day or date.max, int(bad.reference.partition(":")[2])))
        self.bad[flaw.code] = Bad(
            count=had.count + count, reference=first.reference, day=first.day, rule=first.rule
        )

    def tally(self) -> Tally:
        """Return what was counted."""
        return Tally(
            opened=self.opened,
            open=self.open,
            answered=self.answered,
            away=self.away,
            done=self.done,
            kept=self.kept,
            last=self.last,
            bad=dict(self.bad),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Every request there ever was, counted; made when the ledger was looked at."""

    kinds: Mapping[str, Tally] = field(default_factory=dict)
    """By kind of request."""
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which kinds of request each right of a policy is."""
    within: Mapping[str, Tally] = field(default_factory=dict)
    """By law, held to the term the policy gives."""
    scope: Mapping[str, Tally] = field(default_factory=dict)
    """By law, whether the requests it covers have it."""
    papers: Tally = field(default_factory=Tally)
    """Papers given as proof; `opened` counts them."""
    routed: Tally = field(default_factory=Tally)
    """Those about data held for somebody else, or for nobody known."""
    erasures_apart: int = 0
    """Erasures that were done without a request being followed."""
    recipients: int = 0
    """Recipients there are, and disclosures that were written down."""
    unreachable: tuple[str, ...] = ()
    """Recipients nobody knows how to tell, by the key of their promise or by number."""

    def of(self, *kinds: str) -> Tally:
        """Return the requests of some kinds, counted together; all of them where none is named."""
        return joined(tally for kind, tally in self.kinds.items() if not kinds or kind in kinds)

    def of_right(self, right: str) -> Tally:
        """Return the requests for a right."""
        return self.of(*self.rights[right])


def joined(tallies: Iterable[Tally]) -> Tally:
    """Count several tallies as one."""
    made = Tallying()
    for one in tallies:
        made.opened += one.opened
        made.open += one.open
        made.answered += one.answered
        made.away += one.away
        made.done += one.done
        made.kept += one.kept
        made.last = max(filter(None, (made.last, one.last)), default=None)
        for code, bad in one.bad.items():
            made.flaw(Flaw(code=code, day=bad.day, rule=bad.rule), bad.reference, bad.count)
    return made.tally()


def is_open(one: CaseSum) -> bool:
    """Tell whether we still owe something."""
    return one.state not in {"answered", "closed", "referred"}


def flaws(one: CaseSum, trait: Trait, at: datetime) -> Iterator[Flaw]:
    """Yield what is wrong with a request, its times apart."""
    yield from _decided(one)
    yield from _identified(one, trait)
    yield from _done(one, trait, at)
    yield from _routed(one, at)


def times(one: CaseSum, trait: Trait, at: datetime) -> Iterator[Flaw]:
    """Yield what is wrong with the times of a request that is not doubtful."""
    if one.answered_at is not None:
        if one.legal_due is not None and one.answered_at > one.legal_due:
            yield Flaw(code="answered-late", day=one.legal_due.date(), rule=one.due_law)
    elif is_open(one):
        if one.legal_due is not None and at > one.legal_due:
            yield Flaw(code="overdue", day=one.legal_due.date(), rule=one.due_law)
        elif one.own_target and at > one.safe_due and not (trait.stops and one.done is not None):
            yield Flaw(code="past-own-day", day=one.safe_due.date())
    elif one.state == "closed" and one.outcome not in DECIDED_AWAY and not one.customer_asked:
        yield Flaw(code="unanswered")


def doubtful(one: CaseSum, trait: Trait, at: datetime) -> bool:
    """Tell whether only the events say if a request was in time.

    A request that was opened again had another end when it was first answered; what must stop may have stopped in
    time while the answer came after.
    """
    if one.reopened:
        return True
    late = one.legal_due is not None and (one.answered_at or at) > one.legal_due
    return trait.stops and one.done is not None and late


def proven_now(one: CaseSum) -> bool:
    """Tell whether it is proven who asks, and the proof was not taken back."""
    return one.proven is not None and (one.failed is None or one.failed < one.proven)


def unacknowledged(one: CaseSum, at: datetime) -> bool:
    """Tell whether a request may have been acknowledged late."""
    told = [when for when in (one.acknowledged_at, one.answered_at) if when is not None]
    if not told and not is_open(one):
        return False
    return min(told, default=at) - one.received_at > SURELY


def _decided(one: CaseSum) -> Iterator[Flaw]:
    if one.refusing is not None and one.refusing == one.decided and one.reasoned != one.decided:
        yield Flaw(code="no-reasons")
    if one.unsigned:
        yield Flaw(code="unsigned")


def _identified(one: CaseSum, trait: Trait) -> Iterator[Flaw]:
    if trait.stops and one.asked:
        yield Flaw(code="asked")
    if one.granted is None or one.granted_first is None:
        return
    instructed = one.instructed is not None and one.instructed < one.granted_first
    if not trait.stops and not instructed and not _proven(one, one.granted_first, one.granted):
        yield Flaw(code="no-proof")
    if one.whom != "self" and (one.authority is None or one.authority > one.granted_first):
        yield Flaw(code="no-authority")


def _done(one: CaseSum, trait: Trait, at: datetime) -> Iterator[Flaw]:
    if one.done is None:
        return
    if one.residues == one.done:
        yield Flaw(code="residues")
    missing = (trait.certified and one.certified is None) or (trait.packaged and one.packaged is None)
    if one.granted is not None and missing:
        yield Flaw(code="not-rechecked")
    if (
        trait.certified
        and one.answered_at is None
        and (not is_open(one) or at > (one.legal_due or one.safe_due))
    ):
        yield Flaw(code="not-confirmed", day=(one.legal_due or one.safe_due).date(), rule=one.due_law)
    if trait.certified and one.answered_at is not None and not one.told:
        yield Flaw(code="not-told")


def _proven(one: CaseSum, first: int, last: int) -> bool:
    """Tell whether a proof came before every decision that grants, and none was taken back before the last."""
    if one.proven_first is None or one.proven is None or one.proven_first > first:
        return False
    return one.failed is None or not one.proven < one.failed < last


def _routed(one: CaseSum, at: datetime) -> Iterator[Flaw]:
    if one.role == "processor":
        acted = [number for number in (one.granted_first, one.done_first) if number is not None]
        if acted and (one.instructed is None or one.instructed > min(acted)):
            yield Flaw(code="no-instruction")
        due = one.legal_due or one.safe_due
        passed = one.referred_at or (None if is_open(one) else due)
        if one.instructed is None and (passed or at) > due:
            yield Flaw(code="passed-on-late", day=due.date(), rule=one.due_law)
    elif (
        one.role == "unknown"
        and one.state == "closed"
        and not one.customer_asked
        and one.outcome != "withdrawn"
    ):
        yield Flaw(code="not-asked")
