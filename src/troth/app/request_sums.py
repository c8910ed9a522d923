"""Every request summed up for a check: one pass over rows the database adds up; the doubtful ones by their events.

Says what kinds of request there are to `promises.requests`, which judges; nothing is decided here but which law's
clock a doubtful request is held to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from troth import periods
from troth.app.project import Project
from troth.cases import clocks, kinds, register, which
from troth.cases.case import UNKNOWN, Case
from troth.cases.clocks import Dates
from troth.laws import shelf
from troth.laws.facts import Fact
from troth.ledger.case_records import CaseSum
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
OTHERS = frozenset({"processor", "unknown"})

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
    acknowledged: dict[tuple[str, tuple[str, ...]], bool] = field(default_factory=dict)
    covering: dict[tuple[str, bool], frozenset[str]] = field(default_factory=dict)

    def add(self, one: CaseSum) -> None:
        trait = TRAITS[one.kind]
        case: Case | None = None
        found = list(judging.flaws(one, trait, self.at))
        if judging.doubtful(one, trait, self.at):
            case = register.read(self.ledger, one.id)
            found += _times(case, self.at)
        else:
            found += judging.times(one, trait, self.at)
        if judging.unacknowledged(one, self.at) and self._wants_word(one):
            found += _acknowledged(case or register.read(self.ledger, one.id), self.at)
        self.kinds[one.kind].add(one, found)
        if one.role in OTHERS or one.referred_at or one.customer_asked:
            self.routed.add(one, found)
        for law, period in self.terms.items():
            if law in one.laws:
                self.within[law].add(one, self._within(one, law, period))
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

    def _wants_word(self, one: CaseSum) -> bool:
        """Tell whether a law of a request wants its arrival confirmed."""
        key = one.kind, one.laws
        if key not in self.acknowledged:
            came = Fact(kind="received", at=one.received_at)
            dates = clocks.computed(kinds.kind(one.kind), one.laws, [came], "", self.now)
            self.acknowledged[key] = bool(dates.beside)
        return self.acknowledged[key]

    def _covers(self, one: CaseSum) -> Iterator[str]:
        """Yield the laws of the policy that a request must be under."""
        key = one.residence, one.child
        if key not in self.covering:
            from troth.app.requests import located  # brings letters along; only where there is a request

            claimed = self.project.policy.organisation.laws
            chosen = which.choose(one.residence, claimed, located(self.project), child=one.child)
            self.covering[key] = frozenset(one.law for one in chosen) & frozenset(claimed)
        kind, day = kinds.kind(one.kind), one.received_at.date()
        for law in self.covering[key]:
            gives = kind.right(shelf.load(law), day) is not None
            if law in one.laws or (gives and one.residence != UNKNOWN):
                yield law

    def _within(self, one: CaseSum, law: str, period: Period) -> Iterator[Flaw]:
        """Hold a request to the term the policy gives; to the law's own where that was moved."""
        if one.answered_at is None and not judging.is_open(one):
            return
        met = one.answered_at or self.at
        end = self._end(one.received_at, period)
        if not _after(met, end, self.zone):
            return
        if one.moved or one.reopened:
            case = register.read(self.ledger, one.id)
            moved = [own for own in _dates(case, self.at).clocks if own.pack.law == law]
            ends = [own.legal.moment(own.zone) for own in moved]
            if not moved or any(e is None or met <= e for e in ends):
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
    if answered is None and not case.open and not _ended_without(case):
        yield Flaw(code="unanswered")
    yield from _again(case, at)


def _ended_without(case: Case) -> bool:
    """Tell whether a request may end without an answer of ours."""
    return case.outcome in judging.DECIDED_AWAY or case.last("customer.asked") is not None


def _again(case: Case, at: datetime) -> Iterator[Flaw]:
    """Yield that a request that was opened again waits longer than we let any wait."""
    again = case.last("reopened")
    if again is not None and case.open and case.state != "answered" and at > again.at + clocks.TARGET:
        yield Flaw(code="past-own-day", day=(again.at + clocks.TARGET).date())


def _acknowledged(case: Case, at: datetime) -> Iterator[Flaw]:
    """Yield that a request was acknowledged late, where a law wants that by a day."""
    ended = case.closed_at
    told = [_first(case, "acknowledged"), _first(case, "answered"), ended]
    met = min(filter(None, told), default=at)
    beside = _dates(case, at).beside
    ends = [(end, one.pack.law) for one in beside if (end := one.legal.moment(one.zone)) is not None]
    missed = [(end, law) for end, law in ends if met > end]
    if missed:
        end, law = min(missed)
        yield Flaw(code="acknowledged-late", day=end.date(), rule=law)


def _after(met: datetime, end: date, zone: ZoneInfo) -> bool:
    return met.astimezone(zone).date() > end
