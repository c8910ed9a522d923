"""Why one row is still here, when it goes, and by which rule.

`ask` turns a dataset's survey into questions about a single row; the store answers them (`stores.sql.why`);
`explain` puts the answer into a structure, `say_row` into sentences. No value of the row is read but its dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from troth import periods
from troth.catalog.reach import Reach
from troth.plan import groups
from troth.plan.dates import NUMBER_LAYOUTS
from troth.plan.draft import Draft, Survey
from troth.plan.groups import Group
from troth.plan.predicates import Predicate
from troth.plan.world import World
from troth.policy.model import Retention

Joins = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""The way to another dataset: its name, and pairs of (column here, column there), one look after the other."""

State = Literal["current", "expired", "gone", "not-started", "unreadable", "unproven"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?![\d-])")


@dataclass(frozen=True, slots=True)
class Source:
    """A dated column an event of the row is read from."""

    dataset: str
    column: str
    joins: Joins = ()

    @property
    def place(self) -> str:
        """Name it as `store.table.column`."""
        return f"{self.dataset}.{self.column}"


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What a store is asked about one row."""

    dataset: str
    truths: Mapping[str, Predicate] = field(default_factory=dict)
    """Predicates by name."""
    sources: tuple[Source, ...] = ()
    """The latest value of each is wanted."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a store said about one row."""

    truths: Mapping[str, bool]
    dates: Mapping[Source, object]
    """As the database gives them; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One rule over some fields of the row, counted from the row's own dates."""

    promise: str
    period: str
    event: str
    began: date | None = None
    """The day of the event."""
    place: str = ""
    """Where that date stands."""
    ends: date | None = None
    """The last day the fields may be there."""
    act_within: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Fields of the row that end together."""

    rule: str
    fields: tuple[str, ...]
    state: State
    terms: tuple[Term, ...]
    """The rule, and the caps over it."""
    unproven: str = ""

    @property
    def ends(self) -> date | None:
        """Return the day the first of its terms ends."""
        return min((t.ends for t in self.terms if t.ends), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A hold over the row."""

    id: str
    ground: str
    review: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Everything that decides about one row."""

    dataset: str
    key: str
    """As the user typed it."""
    at: datetime
    found: bool
    fate: str = ""
    """What a plan made now would do: delete, detach, change, stay, hold, needed-by, …"""
    detail: str = ""
    on_expiry: str = ""
    parts: tuple[Part, ...] = ()
    holds: tuple[Held, ...] = ()
    needed_by: tuple[str, ...] = ()
    goes: date | None = None
    """The last day of the row, where nothing else stands in the way."""


def ask(world: World, draft: Draft, dataset: str) -> Questions:
    """List what must be known about a row of a dataset; nothing where no rule looks at it."""
    survey = _survey(draft, dataset)
    if survey is None:
        return Questions(dataset=dataset)
    work = draft.works[dataset]
    truths = {f"case {i}": case.where for i, case in enumerate(survey.cases)}
    truths |= {f"hold {i}": rows for i, (_, rows) in enumerate(work.holds)}
    for i, group in enumerate(survey.groups):
        states = (group.needs, group.expired, group.not_started, group.unreadable)
        truths |= {f"state {i} {n}": predicate for n, predicate in enumerate(states)}
    found = [
        s for group in work.groups for _, rule in _rules(world, group) for s in _of(world, dataset, rule)
    ]
    return Questions(dataset=dataset, truths=truths, sources=tuple(dict.fromkeys(found)))


def explain(world: World, draft: Draft, dataset: str, key: str, answered: Answered | None) -> Why:
    """Put a store's answer into a structure; without an answer the row is not there."""
    if answered is None:
        return Why(dataset=dataset, key=key, at=world.at, found=False)
    survey = _survey(draft, dataset)
    if survey is None:
        return Why(dataset=dataset, key=key, at=world.at, found=True, fate="stay")
    case = next(c for i, c in enumerate(survey.cases) if answered.truths[f"case {i}"])
    work = draft.works[dataset]
    parts = tuple(_part(world, dataset, g, i, answered) for i, g in enumerate(work.groups))
    held = tuple(
        Held(id=hold.id, ground=hold.ground, review=hold.review)
        for i, (hold, _) in enumerate(work.holds)
        if answered.truths[f"hold {i}"]
    )
    needed = tuple(
        c.detail for i, c in enumerate(survey.cases) if c.fate == "needed-by" and answered.truths[f"case {i}"]
    )
    return Why(
        dataset=dataset,
        key=key,
        at=world.at,
        found=True,
        fate=case.fate,
        detail=case.detail,
        on_expiry=world.dataset(dataset).on_expiry or "",
        parts=parts,
        holds=held,
        needed_by=needed,
        goes=_goes(world, dataset, parts),
    )


def _survey(draft: Draft, dataset: str) -> Survey | None:
    return next((s for s in draft.surveys if s.dataset == dataset), None)


def _rules(world: World, group: Group) -> Iterator[tuple[str, Retention]]:
    """List the rule of a group and the caps over it, by promise."""
    known = {groups.promise_id(name, rule): rule for name, rule in world.policy.retention.items()}
    return ((promise, known[promise]) for promise in group.promises if promise in known)


def _of(world: World, dataset: str, rule: Retention) -> tuple[Source, ...]:
    """Name the columns that date a rule's event for rows of a dataset."""
    event = rule.after or rule.until
    if event is None:
        return ()
    here = world.dataset(dataset).anchors
    if event in here:
        return (Source(dataset, here[event]),)
    if event in world.datamap.events:
        places = (p.rpartition(".") for p in world.datamap.events[event].latest_of)
        found = [s for owner, _, column in places for s in _beside(world, dataset, owner, column)]
    else:
        found = [s for reach in world.ways(dataset) for s in _above(world, reach, event)]
    return tuple(s for s in dict.fromkeys(found) if _exists(world, s))


def _exists(world: World, source: Source) -> bool:
    table = world.table(source.dataset)
    return table is not None and table.column(source.column) is not None


def _above(world: World, reach: Reach, event: str) -> Iterator[Source]:
    """Find the first dataset on the way to the subject that dates the event."""
    for length, hop in enumerate(reach.hops, start=1):
        there = world.datamap.datasets.get(hop.target)
        if there is not None and event in there.anchors:
            joins = tuple((h.target, h.match) for h in reach.hops[:length])
            yield Source(hop.target, there.anchors[event], joins)
            return


def _beside(world: World, dataset: str, owner: str, column: str) -> Iterator[Source]:
    """Go up to the subject and down again to a dataset that dates the event for the same subject."""
    if owner == dataset:
        yield Source(owner, column)
    for reach in world.ways(dataset):
        for other in world.ways(owner):
            if other.subject != reach.subject:
                continue
            up = [(hop.target, hop.match) for hop in reach.hops]
            back = [(h.source, tuple((there, own) for own, there in h.match)) for h in reversed(other.hops)]
            yield Source(owner, column, (*up, *back))


def _part(world: World, dataset: str, group: Group, index: int, answered: Answered) -> Part:
    return Part(
        rule=group.rule,
        fields=tuple(field.name for field in group.fields),
        state="unproven" if group.unproven else _state(index, answered),
        terms=tuple(_term(world, dataset, p, rule, answered) for p, rule in _rules(world, group)),
        unproven=group.unproven,
    )


def _state(index: int, answered: Answered) -> State:
    states: tuple[State, ...] = ("expired", "gone", "not-started", "unreadable")
    true = (state for n, state in enumerate(states) if answered.truths[f"state {index} {n}"])
    return next(true, "current")


def _term(world: World, dataset: str, promise: str, rule: Retention, answered: Answered) -> Term:
    period, _ = groups._period(world, dataset, rule)
    dated = [(day, s) for s in _of(world, dataset, rule) if (day := _day(world, s, answered.dates[s]))]
    began, source = max(dated, key=lambda d: (d[0], d[1].place), default=(None, None))
    return Term(
        promise=promise,
        period="" if rule.until or period is None else str(period),
        event=rule.after or rule.until or "",
        began=began,
        place=source.place if source else "",
        ends=_end(world, source, answered, period, began) if source and period and began else None,
        act_within=str(rule.act_within),
    )


def _end(
    world: World, source: Source, answered: Answered, period: periods.Period, began: date
) -> date | None:
    moment = _moment(world, source, answered.dates[source])
    if period.exact and isinstance(moment, datetime):
        zone = ZoneInfo(world.policy.organisation.timezone)
        return (moment + timedelta(seconds=period.seconds)).astimezone(zone).date()
    try:
        return periods.end(began, period)
    except (ValueError, OverflowError):
        return None


def _day(world: World, source: Source, value: object) -> date | None:
    """Return the day of an event in the organisation's calendar."""
    moment = _moment(world, source, value)
    if isinstance(moment, datetime):
        return moment.astimezone(ZoneInfo(world.policy.organisation.timezone)).date()
    return moment


def _moment(world: World, source: Source, value: object) -> date | datetime | None:
    """Read a stored date; None where there is none or it cannot be read."""
    zone = ZoneInfo(world.zone(source.dataset) or "UTC")
    layout = world.facts.layouts.get(source.place, "")
    try:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=zone)
        if isinstance(value, date):
            return value
        if layout in NUMBER_LAYOUTS and value is not None:
            return datetime.fromtimestamp(float(str(value)) / NUMBER_LAYOUTS[layout], UTC)
        if not isinstance(value, str) or not _DAY.match(value):
            return None
        if len(value) == 10:
            return date.fromisoformat(value)
        read = datetime.fromisoformat(value)
        return read if read.tzinfo else read.replace(tzinfo=zone)
    except (ValueError, OverflowError, OSError):
        return None


def _goes(world: World, dataset: str, parts: tuple[Part, ...]) -> date | None:
    """Return the row's last day: that of its last field, where the row goes with it."""
    if world.dataset(dataset).on_expiry != "delete-row" or any(part.state == "unproven" for part in parts):
        return None
    ends = [part.ends for part in parts]
    return max(end for end in ends if end) if ends and all(ends) else None
