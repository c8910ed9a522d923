"""Which rule ends which fields: the personal fields of a dataset, grouped by retention class.

Every personal field resolves to exactly one class: its own `kept-as`, else the dataset's, else its category. A cap
(`at-most`) ends a class earlier; what a duty's minimal record names is not ended by a cap. A rule whose engine is
not built yet, or whose event nothing dates, makes its group unproven, and the reason is said.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from troth import periods
from troth.catalog.datamap import DataField
from troth.catalog.reach import Hop
from troth.plan import anchors
from troth.plan.anchors import Anchored
from troth.plan.predicates import NEVER, Predicate, both, either
from troth.plan.world import Rank, World
from troth.policy.model import PeriodBy, Retention
from troth.problems import Problem

ENDLESS = "endless"
"""Marks a rule that keeps for ever, which is an answer and no gap."""

UNTIL_NOT_BUILT = {
    "purposes.end": "the end of the last live purpose is not computed yet",
    "contract.agreed": "agreements are not read yet",
}


CHOSEN = frozenset({"opted.out", "consent.withdrawn", "objected"})
"""Ends that people chose: an own interest does not stand against them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What cannot be said of a promise while its rule does its work."""

    promise: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields of one dataset that end together."""

    rule: str
    """Name of the retention rule (the class)."""
    promises: tuple[str, ...]
    """Ids of the rule and of the caps over it."""
    fields: tuple[DataField, ...]
    anchored: Anchored
    """The rule's event, and which rows have outlived it."""
    unproven: str = ""
    """Why nothing can be said or done, for people; empty when the group is alive."""
    code: str = ""
    """The finding behind `unproven`."""
    notes: tuple[Note, ...] = ()
    """Parts of the rule that cannot be carried out, while the rest is."""
    rank: Rank = Rank.EXPIRY
    """Its place in the order of conflicts."""
    cutoff: datetime | None = None
    """The one bound of the rule; None where a cap decides as well."""
    without_person: bool = False
    """The record stays for ever; only the person goes."""
    problems: tuple[Problem, ...] = ()

    @property
    def expired(self) -> Predicate:
        """Say which rows have outlived the rule; none where it is unproven."""
        return NEVER if self.unproven else self.anchored.expired


def promise_id(name: str, rule: Retention) -> str:
    """Return the stable id of a retention promise."""
    return rule.id or f"retention.{name}"


def rule_of(world: World, dataset: str, category: str, field: DataField) -> str | None:
    """Return the retention class of a field, or None where no rule ends it."""
    name = field.kept_as or world.dataset(dataset).kept_as or category
    return name if name in world.policy.retention else None


def of(world: World, dataset: str, *, grace: bool) -> tuple[tuple[Group, ...], tuple[Problem, ...]]:
    """Group a dataset's personal fields; with `grace`, rules end `act-within` later (for checks)."""
    classes: dict[str, list[DataField]] = {}
    problems: list[Problem] = []
    for category, fields in world.dataset(dataset).fields.items():
        for field in fields:
            name = rule_of(world, dataset, category, field)
            if name is None:
                problems.append(_endless(dataset, category, field))
            else:
                classes.setdefault(name, []).append(field)
    groups: list[Group] = []
    for name, members in classes.items():
        for part in _split(world, dataset, name, members):
            groups.append(_group(world, dataset, name, part, grace))
    problems += [p for group in groups for p in group.problems]
    return tuple(groups), tuple(problems)


def _endless(dataset: str, category: str, field: DataField) -> Problem:
    message = f"{dataset}.{field.name} is {category} data, and no retention rule ends that"
    hint = f"Add a rule named {category} under retention, or kept-as: some_rule to the field or dataset."
    return Problem(code="no-retention-class", message=message, hint=hint, about=f"{dataset}.{field.name}")


def _caps(world: World, name: str) -> list[tuple[str, Retention]]:
    rules = world.policy.retention.items()
    return [
        (n, r)
        for n, r in rules
        if r.at_most and r.for_ is None and n != name and (not r.over or name in r.over)
    ]


def _split(world: World, dataset: str, name: str, fields: list[DataField]) -> list[tuple[DataField, ...]]:
    """Part the fields a duty's minimal record names from the rest, where a cap would treat them alike."""
    rule = world.policy.retention[name]
    if not (rule.because and rule.minimal_record and _caps(world, name)):
        return [tuple(fields)]
    columns = world.dataset(dataset).minimal_record
    minimal = {columns[label] for label in rule.minimal_record if label in columns}
    parts = tuple(f for f in fields if f.name in minimal), tuple(f for f in fields if f.name not in minimal)
    return [part for part in parts if part]


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Which rows one rule has ended; else a code and the reason why nothing can be said."""

    anchored: Anchored = dataclasses.field(default_factory=Anchored)
    code: str = ""
    why: str = ""
    cutoff: datetime | None = None


def _group(world: World, dataset: str, name: str, fields: tuple[DataField, ...], grace: bool) -> Group:
    """Join a rule with the caps over it: a cap ends what the rule would keep, or cannot be read, as well."""
    rule = world.policy.retention[name]
    main = _ended(world, dataset, rule, grace)
    caps = [] if _spared(world, dataset, rule, fields) else _caps(world, name)
    promises, notes, ends = [promise_id(name, rule)], [*_inactive(name, rule)], [main]
    for cap_name, cap in caps:
        ended = _ended(world, dataset, cap, grace)
        promises.append(promise_id(cap_name, cap))
        ends.append(ended)
        if ended.code:
            notes.append(Note(promise=promises[-1], code=ended.code, message=ended.why))
    works = [end for end in ends if not end.code]
    anchored = functools.reduce(_sooner, (end.anchored for end in works)) if works else main.anchored
    dead = not works and main.code != ENDLESS
    if works and main.code not in ("", ENDLESS):
        notes.append(Note(promise=promises[0], code=main.code, message=main.why))
    return Group(
        rule=name,
        promises=tuple(promises),
        fields=fields,
        anchored=anchored,
        unproven=main.why if dead else "",
        code=main.code if dead else "",
        notes=() if dead else tuple(notes),
        rank=Rank.GRANTED if rule.until in CHOSEN else Rank.EXPIRY,
        cutoff=main.cutoff if ends == [main] else None,
        without_person=rule.without_person,
        problems=tuple(dict.fromkeys(p for end in ends for p in end.anchored.problems)),
    )


def _spared(world: World, dataset: str, rule: Retention, fields: tuple[DataField, ...]) -> bool:
    """Tell whether a duty stands above the caps: for what it names as minimal record, else for all of it."""
    if not rule.because:
        return False
    columns = world.dataset(dataset).minimal_record
    minimal = {columns[label] for label in rule.minimal_record if label in columns}
    return not rule.minimal_record or all(f.name in minimal for f in fields)


def _inactive(name: str, rule: Retention) -> list[Note]:
    if rule.inactive is None:
        return []
    message = "people who stay away without closing are not ended: notices are not built yet"
    return [Note(promise=promise_id(name, rule), code="form-not-built", message=message)]


def _sooner(one: Anchored, other: Anchored) -> Anchored:
    owners: dict[Hop, Predicate] = {}
    for hop, expired in (*one.owners, *other.owners):
        owners[hop] = either(owners.get(hop, NEVER), expired)
    return Anchored(
        expired=either(one.expired, other.expired),
        not_started=both(one.not_started, other.not_started),
        unreadable=either(one.unreadable, other.unreadable),
        column=one.column or other.column,
        read=one.read | other.read,
        through=one.through | other.through,
        owners=tuple(owners.items()),
        problems=(*one.problems, *other.problems),
    )


def _ended(world: World, dataset: str, rule: Retention, grace: bool) -> _End:
    if rule.for_ == "ever" and not (rule.without_person and rule.after):
        what = "nothing says when the person goes" if rule.without_person else "kept for ever"
        return _End(code="rule-without-end" if rule.without_person else ENDLESS, why=what)
    period, why = _period(world, dataset, rule)
    event = rule.after or rule.until
    if period is None or event is None:
        return _End(code="form-not-built", why=why or "the rule has no event to count from")
    if event in UNTIL_NOT_BUILT:
        return _End(code="form-not-built", why=UNTIL_NOT_BUILT[event])
    zone = world.policy.organisation.timezone
    at = periods.cutoff(world.at, rule.act_within, zone).instant if grace else world.at
    cutoff = periods.cutoff(at, period, zone)
    anchored = anchors.resolve(world, dataset, event, cutoff)
    if anchored.problems:
        return _End(anchored=anchored, code=anchored.problems[0].code, why=anchored.problems[0].message)
    return _End(anchored=anchored, cutoff=cutoff.instant)


def _period(world: World, dataset: str, rule: Retention) -> tuple[periods.Period | None, str]:
    if rule.until is not None or rule.for_ == "ever":
        return periods.ZERO, ""
    if isinstance(rule.for_, PeriodBy):
        return _period_by(world, dataset, rule.for_)
    if rule.for_ == "as-contracted":
        return None, "agreements are not read yet"
    return rule.period, ""


def _period_by(world: World, dataset: str, by: PeriodBy) -> tuple[periods.Period | None, str]:
    """Choose by store and by kind of subject; of several that apply, the shortest."""
    if by.law:
        return None, "the governing law of a row is not read yet"
    store = dataset.partition(".")[0]
    kinds = [reach.subject for reach in world.ways(dataset)]
    fitting = [by.store[store]] if store in by.store else []
    fitting += [by.subject[kind] for kind in kinds if kind in by.subject]
    if fitting:
        return _shortest(fitting), ""
    return by.otherwise, "" if by.otherwise else "no period is given for this store or kind of subject"


def _shortest(found: Sequence[periods.Period]) -> periods.Period:
    return min(found, key=lambda p: (p.months * 30.44 + p.days) * 86_400 + p.seconds)
