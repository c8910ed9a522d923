"""Every request summed up for a check: one pass over rows the database adds up; the doubtful ones by their events.

Says what kinds of request there are to `promises.requests`, which judges; nothing is decided here but which law's
clock a doubtful request is held to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from troth import periods
from troth.app.project import Project
from troth.cases import clocks, kinds, which
from troth.cases.case import UNKNOWN, Case
from troth.cases.clocks import Dates
from troth.cases.events import Event
from troth.laws import shelf
from troth.laws.facts import Fact
from troth.ledger.case_records import CaseSum, EventRecord
from troth.ledger.ledger import Ledger
from troth.periods import Period
from troth.promises import requests as judging
from troth.promises.faults import Flaw
from troth.promises.requests import Requests, Tallying, Trait
from troth.sharing import register as recipients

CARRIED = frozenset({"comply", "review-or-delete", *clocks.STOPS})
"""Acts that are over once something was done, whenever the answer goes out."""
PACKAGED = frozenset({"access", "know", "know-specific", "portability"})
"""Kinds that are done by handing out a package: `casework.planning.EXPORTS`, which a check need not load."""
PAGE = 500
"""Requests whose events are read at a time."""
OTHERS = frozenset({"processor", "unknown"})

Ends: TypeAlias = tuple[tuple[datetime, str], ...]
Alike: TypeAlias = tuple[str, tuple[str, ...], str]
"""Kind, laws, and where we act."""

TRAITS: Mapping[str, Trait] = {
    name: Trait(stops=kind.stops, certified=name == "erase", packaged=name in PACKAGED)
    for name, kind in kinds.ALL.items()
}


def requests(ledger: Ledger, project: Project, at: datetime, now: datetime) -> Requests:
    """Sum up every request that had come in by an instant."""
    summing = _Summing(ledger=ledger, project=project, at=at, now=now)
    for one in ledger.case_sums.each():
        if one.received_at <= at:
            summing.add(one)
    summing.flush()
    return summing.made()


@dataclass(kw_only=True)
class _Summing:
    ledger: Ledger
    project: Project
    at: datetime
    now: datetime
    kinds: defaultdict[str, Tallying] = field(default_factory=lambda: defaultdict(Tallying))
    within: defaultdict[str, Tallying] = field(default_factory=lambda: defaultdict(Tallying))
    scope: defaultdict[str, Tallying] = field(default_factory=lambda: defaultdict(Tallying))
    routed: Tallying = field(default_factory=Tallying)
    papers: Tallying = field(default_factory=Tallying)
    waiting: list[CaseSum] = field(default_factory=list)
    """Requests of which the events must be read."""
    zones: dict[Alike, tuple[tzinfo, ...]] = field(default_factory=dict)
    """Whose days count for requests that are alike."""
    confirming: dict[tuple[Alike, tuple[date, ...]], Ends] = field(default_factory=dict)
    """By when laws want the arrival confirmed."""
    covering: dict[tuple[str, bool], frozenset[str]] = field(default_factory=dict)

    def add(self, one: CaseSum) -> None:
        """Count a request; one that only its events tell of waits until there are some to be read at once."""
        if judging.doubtful(one, TRAITS[one.kind], self.at) or (one.moved and self._past_term(one)):
            self.waiting.append(one)
            if len(self.waiting) == PAGE:
                self.flush()
        else:
            self._count(one, None)

    def flush(self) -> None:
        """Read the events of the requests that wait, and count them."""
        waiting, self.waiting = self.waiting, []
        events: defaultdict[int, list[EventRecord]] = defaultdict(list)
        for event in self.ledger.cases.events([one.id for one in waiting]):
            events[event.case].append(event)
        for one in waiting:
            self._count(one, _case(one, events[one.id]))

    def _count(self, one: CaseSum, case: Case | None) -> None:
        trait = TRAITS[one.kind]
        found = list(judging.flaws(one, trait, self.at))
        if case is not None and judging.doubtful(one, trait, self.at):
            found += _times(case, self.at)
        else:
            found += judging.times(one, trait, self.at)
        if judging.unacknowledged(one, self.at):
            found += self._acknowledged(one)
        self.kinds[one.kind].add(one, found)
        if one.role in OTHERS or one.referred_at or one.customer_asked:
            self.routed.add(one, found)
        for law, period in self.terms.items():
            if law in one.laws:
                self.within[law].add(one, self._within(one, law, period, case))
        for law in self._covers(one):
            self.scope[law].add(one, () if law in one.laws else [Flaw(code="law-missing", rule=law)])
        if one.id in self.standing_papers and judging.proven_now(one):
            self.papers.flaw(Flaw(code="paper-kept"), f"case:{one.id}")

    @cached_property
    def terms(self) -> Mapping[str, Period]:
        rights = self.project.policy.rights
        return rights.answer_within if rights else {}

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.project.policy.organisation.timezone or "UTC")

    @cached_property
    def standing_papers(self) -> frozenset[int]:
        return self.ledger.case_sums.with_papers()

    def _acknowledged(self, one: CaseSum) -> Iterator[Flaw]:
        """Yield that a request was acknowledged late, where a law wants that by a day."""
        met = min(filter(None, (one.acknowledged_at, one.answered_at)), default=self.at)
        missed = [(end, law) for end, law in self._confirm_by(one) if met > end]
        if missed:
            end, law = min(missed)
            yield Flaw(code="acknowledged-late", day=end.date(), rule=law)

    def _confirm_by(self, one: CaseSum) -> Ends:
        """Return by when laws want the arrival confirmed: it follows from the day it came, and nothing moves it."""
        here = one.place or ("" if one.residence == UNKNOWN else one.residence)
        alike = one.kind, one.laws, here
        zones = self.zones.get(alike)
        days = tuple(one.received_at.astimezone(zone).date() for zone in zones or ())
        if zones is None or (alike, days) not in self.confirming:
            came = Fact(kind="received", at=one.received_at)
            beside = clocks.computed(kinds.kind(one.kind), one.laws, [came], here, self.now).beside
            self.zones[alike] = tuple(own.zone or UTC for own in beside)
            days = tuple(one.received_at.astimezone(zone).date() for zone in self.zones[alike])
            ends = ((own.legal.moment(own.zone), own.pack.law) for own in beside)
            self.confirming[alike, days] = tuple((end, law) for end, law in ends if end is not None)
        return self.confirming[alike, days]

    def _covers(self, one: CaseSum) -> Iterator[str]:
        """Yield the laws of the policy that a request must be under."""
        key = one.residence, one.child
        if key not in self.covering:
            from troth.app.requests.opening import (
                located,  # brings letters along; only where there is a request
            )

            claimed = self.project.policy.organisation.laws
            chosen = which.choose(one.residence, claimed, located(self.project), child=one.child)
            self.covering[key] = frozenset(one.law for one in chosen) & frozenset(claimed)
        kind, day = kinds.kind(one.kind), one.received_at.date()
        for law in self.covering[key]:
            gives = kind.right(shelf.load(law), day) is not None
            if law in one.laws or (gives and one.residence != UNKNOWN):
                yield law

    def _past_term(self, one: CaseSum) -> bool:
        """Tell whether a request is past a term the policy gives."""
        return any(law in one.laws and self._missed(one, period) for law, period in self.terms.items())

    def _missed(self, one: CaseSum, period: Period) -> date | None:
        """Return the day of a term that was missed."""
        if one.answered_at is None and not judging.is_open(one):
            return None
        end = self._end(one.received_at, period)
        met = one.answered_at or self.at
        return end if met.astimezone(self.zone).date() > end else None

    def _within(self, one: CaseSum, law: str, period: Period, case: Case | None) -> Iterator[Flaw]:
        """Hold a request to the term the policy gives; to the law's own where that was moved."""
        end = self._missed(one, period)
        if end is None:
            return
        if case is not None and one.moved:
            met = one.answered_at or self.at
            ends = [o.legal.moment(o.zone) for o in _dates(case, self.at).clocks if o.pack.law == law]
            if not ends or any(each is None or met <= each for each in ends):
                return
        code = "overdue" if one.answered_at is None else "answered-late"
        yield Flaw(code=code, day=end, rule=f"{law} {period}")

    def _end(self, received: datetime, period: Period) -> date:
        whole = -(-period.seconds // 86_400)
        day = received.astimezone(self.zone).date()
        return periods.end(day, Period(months=period.months, days=period.days + whole))

    def made(self) -> Requests:
        ledger, day = self.ledger, self.at.date()
        late = ledger.papers.overdue(day)
        if late:
            first = min(late, key=lambda paper: paper.due)
            self.papers.flaw(Flaw(code="paper-overdue", day=first.due), first.reference, len(late))
        left = ledger.papers.left()
        if left:
            self.papers.flaw(Flaw(code="paper-left"), left[0].reference, len(left))
        self.papers.opened = ledger.case_sums.papers()
        told = recipients.read(ledger, self.project.policy, on=day)
        return Requests(
            kinds={name: one.tally() for name, one in self.kinds.items()},
            rights=_rights(),
            within={law: one.tally() for law, one in self.within.items()},
            scope={law: one.tally() for law, one in self.scope.items()},
            papers=self.papers.tally(),
            routed=self.routed.tally(),
            erasures_apart=ledger.case_sums.erasures_apart(),
            recipients=len(told) + ledger.case_sums.disclosures(),
            unreachable=tuple(one.promise or f"recipient:{one.id}" for one in told if not one.contact),
        )


def _rights() -> Mapping[str, tuple[str, ...]]:
    """Say which kinds of request each right of a policy is."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, kind in kinds.ALL.items():
        for right in kind.offered:
            found[right].append(name)
    return {right: tuple(names) for right, names in found.items()}


def _case(one: CaseSum, found: Iterable[EventRecord]) -> Case:
    events = tuple(
        Event(kind=e.kind, at=e.at, by=e.by, body=e.body, number=e.number, has_text=e.has_text) for e in found
    )
    return Case(
        id=one.id,
        kind=kinds.kind(one.kind),
        whom=one.whom,  # type: ignore[arg-type]  # rows are text
        role=one.role,  # type: ignore[arg-type]  # rows are text
        residence=one.residence,
        place=one.place,
        child=one.child,
        together_with=None,
        laws=one.laws,
        events=events,
    )


def _dates(case: Case, at: datetime) -> Dates:
    """Return the dates of a request as they stood when it was first answered."""
    return clocks.dates(_until_answer(case), max(at, case.events[-1].at))


def _until_answer(case: Case) -> Case:
    answered = next((n for n, event in enumerate(case.events) if event.kind == "answered"), None)
    return case if answered is None else replace(case, events=case.events[:answered])


def _first(case: Case, kind: str) -> datetime | None:
    return min((event.at for event in case.events if event.kind == kind), default=None)


def _times(case: Case, at: datetime) -> Iterator[Flaw]:
    """Yield what is wrong with the times of a request, clock by clock; the day missed longest ago only."""
    answered, done = _first(case, "answered"), _first(case, "done")
    dates = _dates(case, at)
    waits = answered is None and case.open and case.state not in {"answered", "referred"}
    missed: list[tuple[datetime, str]] = []
    for one in dates.clocks:
        end = one.legal.moment(one.zone)
        carried = one.event.rpartition(".")[2] in CARRIED
        met = min(filter(None, (answered, done if carried else None)), default=at if waits else None)
        if end is not None and met is not None and met > end:
            missed.append((end, one.pack.law))
    if missed:
        end, law = min(missed)
        yield Flaw(code="overdue" if answered is None else "answered-late", day=end.date(), rule=law)
    elif waits and dates.own_target and at > dates.safe and not (case.kind.stops and done):
        yield Flaw(code="past-own-day", day=dates.safe.date())
    elif again := _again(case, at):
        yield again
    if answered is None and not case.open and not _ended_without(case):
        yield Flaw(code="unanswered")


def _ended_without(case: Case) -> bool:
    """Tell whether a request may end without an answer of ours."""
    return case.outcome in judging.DECIDED_AWAY or case.last("customer.asked") is not None


def _again(case: Case, at: datetime) -> Flaw | None:
    """Return that a request that was opened again waits longer than we let any wait."""
    again = case.last("reopened")
    if again is None or not case.open or case.state == "answered" or at <= again.at + clocks.TARGET:
        return None
    return Flaw(code="past-own-day", day=(again.at + clocks.TARGET).date())
