"""From promises and facts to steps without counts, and to the questions the stores must answer.

`draft` decides everything; `stores.measure` counts what the `Survey`s ask; `seal` joins both into a plan. The
predicates of steps are those of the run (children are gone by then); those of surveys look ahead (children that
will go). Apply asks `draft` again to see whether a plan is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from troth.plan.model import Blank, Change, ChangeFields, DeleteRows, Reason, Step, Unproven
from troth.plan.order import Edge, Order, arrange
from troth.plan.predicates import (
    ALWAYS,
    NEVER,
    Always,
    Exists,
    Filled,
    Predicate,
    both,
    conjuncts,
    either,
    negate,
)
from troth.plan.work import Dependent, Work, assemble
from troth.plan.world import World
from troth.problems import Problem

Fate = Literal["delete", "detach", "change", "stay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that can be true of a row; the first case that holds decides."""

    fate: Fate | Reason
    detail: str = ""
    where: Predicate = ALWAYS
    review: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStates:
    """What can be true of one group of fields in a row."""

    rule: str
    promises: tuple[str, ...]
    needs: Predicate
    """Outlived, and something is still there that may go."""
    expired: Predicate
    not_started: Predicate
    unreadable: Predicate
    column: str = ""
    """The dated column, for the oldest and newest; empty where it stands elsewhere."""
    unproven: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Questions about one dataset, answered in one pass over it."""

    dataset: str
    cases: tuple[Case, ...]
    groups: tuple[GroupStates, ...]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything decided before a row is looked at."""

    steps: tuple[Step, ...]
    surveys: tuple[Survey, ...]
    unproven: tuple[Unproven, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    works: Mapping[str, Work]


def draft(world: World, *, grace: bool = False) -> Draft:
    """Decide what must happen at `world.at`; with `grace`, only what should have happened already (for checks)."""
    assembled = assemble(world, grace=grace)
    order = arrange(assembled.of)
    works = {
        name: replace(work, fate="keep") if name in order.stuck and work.fate == "delete" else work
        for name, work in assembled.of.items()
    }
    look = _Ahead(works, order)
    names = [n for n in order.names if works[n].groups]
    return Draft(
        steps=_steps(works, names, order),
        surveys=tuple(_survey(works[n], look) for n in names),
        unproven=tuple(u for n in names for u in _unproven(works[n])),
        problems=(*world.reaches.problems, *assembled.problems, *order.problems),
        warnings=tuple(w for n in names for w in _warnings(works[n])),
        works=works,
    )


class _Ahead:
    """Which rows will be gone once the steps before have run."""

    def __init__(self, works: Mapping[str, Work], order: Order) -> None:
        self.works = works
        self.broken = {(e.child, e.parent, e.dependent.match) for e in order.broken}

    def deleted(self, name: str) -> Predicate:
        """Rows of a dataset that the plan deletes."""
        work = self.works[name]
        if work.fate != "delete" or work.over == NEVER:
            return NEVER
        waits = (negate(rows) for _, rows in (*self.needed(work), *work.waits))
        return both(work.free, work.over, *waits)

    def needed(self, work: Work) -> tuple[tuple[str, Predicate], ...]:
        """Rows that some dependent row still needs afterwards, by dependent dataset."""
        found: dict[str, Predicate] = {}
        for dependent in work.dependents:
            stays = negate(_given_over(work, dependent, self._goes(work, dependent)))
            if stays == NEVER:
                continue
            rows = Exists(dataset=dependent.dataset, match=dependent.match, where=stays)
            found[dependent.dataset] = either(found.get(dependent.dataset, NEVER), rows)
        return tuple(found.items())

    def _goes(self, parent: Work, dependent: Dependent) -> Predicate:
        """Rows of a dependent that go, or let go of their reference, before their parent is looked at."""
        child = self.works.get(dependent.dataset)
        if child is None:
            return NEVER
        if (dependent.dataset, parent.dataset, dependent.match) in self.broken:
            return both(child.free, child.over)
        if child.fate == "detach" and dependent.nullable:
            return both(child.free, child.over)
        return self.deleted(child.dataset)


def _given_over(parent: Work, dependent: Dependent, goes: Predicate) -> Predicate:
    """Leave out what is true of dependent rows anyway, because the parent's row they refer to is over.

    Most children end with their parent and ask after the very row at hand; without this the look ahead would
    nest the same question once per table.
    """
    back = frozenset((theirs, own) for own, theirs in dependent.match)
    if frozenset(own for own, _ in dependent.match) not in _keys(parent):
        return goes
    over = frozenset(conjuncts(parent.over))

    def implied(part: Predicate) -> bool:
        same_row = (
            isinstance(part, Exists) and part.dataset == parent.dataset and frozenset(part.match) == back
        )
        return same_row and isinstance(part, Exists) and frozenset(conjuncts(part.where)) <= over

    return both(*(part for part in conjuncts(goes) if not implied(part)))


def _keys(work: Work) -> frozenset[frozenset[str]]:
    keys = (work.table.primary_key, *work.table.uniques)
    return frozenset(frozenset(key) for key in keys if key)


def _steps(works: Mapping[str, Work], names: list[str], order: Order) -> tuple[Step, ...]:
    """List the steps: owned rows are emptied while their owners still stand, then references go, then rows."""
    made: list[Step] = []
    for name in names:
        if works[name].owned:
            made += _changing(works[name])
    made += [step for edge in order.broken for step in _unlinking(works[edge.child], edge)]
    for name in names:
        work = works[name]
        made += _deleting(work)
        made += [] if work.owned else _changing(work)
        made += _detaching(work)
    numbered = (replace(step, id=f"{number:02}-{step.id}") for number, step in enumerate(made, start=1))
    return tuple(numbered)


def _promises(work: Work) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for group in work.groups for p in group.promises))


def _deleting(work: Work) -> list[Step]:
    if work.fate != "delete" or work.over == NEVER:
        return []
    gone = [negate(Exists(dataset=d.dataset, match=d.match)) for d in work.dependents]
    waits = [negate(rows) for _, rows in work.waits]
    over = negate(work.dirty) if work.owned else work.over
    where = both(work.free, over, *gone, *waits)
    return [
        DeleteRows(id=f"delete-{work.dataset}", dataset=work.dataset, where=where, promises=_promises(work))
    ]


def _changing(work: Work) -> list[Step]:
    made: list[Step] = []
    for group, parts in zip(work.groups, work.parts, strict=True):
        for part in parts:
            where = both(work.free, group.expired, part.guard, part.pending)
            if where == NEVER or NEVER in getattr(where, "of", ()):
                continue
            ident = f"change-{work.dataset}-{group.rule}"
            step = _change(ident, work, part.changes, where, group.promises)
            made.append(replace(step, rule=group.rule))
    return made


def _change(
    ident: str, work: Work, changes: tuple[Change, ...], where: Predicate, promises: tuple[str, ...]
) -> ChangeFields:
    return ChangeFields(
        id=ident, dataset=work.dataset, why="expired", changes=changes, where=where, promises=promises
    )


def _unlinking(work: Work, edge: Edge) -> list[Step]:
    """Empty the reference that closes a circle, on rows that are over."""
    columns = edge.dependent.columns
    filled = either(*(Filled(column=c) for c in columns))
    where = both(work.free, work.over, filled)
    if work.over == NEVER or work.fate != "delete":
        return []
    step = _change(
        f"unlink-{work.dataset}", work, tuple(Blank(column=c) for c in columns), where, _promises(work)
    )
    return [replace(step, why="unlink")]


def _detaching(work: Work) -> list[Step]:
    """Cut the link to the person on rows that stay without them."""
    columns = loose(work)
    if work.fate != "detach" or work.over == NEVER or not columns:
        return []
    where = both(work.free, work.over, either(*(Filled(column=c) for c in columns)))
    step = _change(
        f"detach-{work.dataset}", work, tuple(Blank(column=c) for c in columns), where, _promises(work)
    )
    return [replace(step, why="detach")]


def loose(work: Work) -> tuple[str, ...]:
    """Name the columns that lead to the person and may be empty."""
    names = dict.fromkeys(c for link in work.links for c in link)
    return tuple(n for n in names if (column := work.table.column(n)) is not None and column.nullable)


def _survey(work: Work, look: _Ahead) -> Survey:
    groups = tuple(
        GroupStates(
            rule=group.rule,
            promises=group.promises,
            needs=both(group.expired, work.pending(index)),
            expired=group.expired,
            not_started=NEVER if group.unproven else group.anchored.not_started,
            unreadable=NEVER if group.unproven else group.anchored.unreadable,
            column=group.anchored.column,
            unproven=group.unproven,
        )
        for index, group in enumerate(work.groups)
    )
    return Survey(dataset=work.dataset, cases=_cases(work, look, groups), groups=groups)


def _cases(work: Work, look: _Ahead, groups: tuple[GroupStates, ...]) -> tuple[Case, ...]:
    """List what can be true of a row, first match first: whose it is, holds, what needs it, what happens."""
    some = either(*(group.needs for group in groups))
    made = [Case(fate="unknown-controller", where=work.unknown)] if work.unknown != NEVER else []
    if work.ours != Always():
        made.append(Case(fate="other-controller", where=negate(work.ours)))
    leaving = work.over if work.fate != "keep" else NEVER
    concerned = either(leaving, some)
    for hold, rows in work.holds:
        made.append(Case(fate="hold", detail=hold.id, where=both(concerned, rows), review=hold.review))
    if work.fate == "delete" and work.over != NEVER:
        for dataset, rows in (*look.needed(work), *work.waits):
            made.append(Case(fate="needed-by", detail=dataset, where=both(work.over, rows)))
        made.append(Case(fate="delete", where=work.over))
    columns = loose(work)
    if work.fate == "detach" and columns and work.over != NEVER:
        attached = either(*(Filled(column=c) for c in columns))
        made.append(Case(fate="detach", where=both(work.over, attached)))
    if some != NEVER:
        made.append(Case(fate="change", where=some))
    made.append(Case(fate="stay"))
    return tuple(made)


def _unproven(work: Work) -> list[Unproven]:
    return [
        Unproven(promise=group.promises[0], dataset=work.dataset, code=group.code, message=group.unproven)
        for group in work.groups
        if group.unproven
    ]


def _warnings(work: Work) -> list[str]:
    return [f"{work.dataset}: trigger {name} fires on what the plan does" for name in work.table.triggers]
