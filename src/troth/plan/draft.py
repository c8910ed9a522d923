"""From promises and facts to steps without counts, and to the questions the stores must answer.

`draft` decides everything; `stores.measure` counts what the `Survey`s ask; `seal` joins both into a plan. The
predicates of steps are those of the run (children are gone by then); those of surveys look ahead (children that
will go). Apply asks `draft` again to see whether a plan is stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from troth.plan import readers
from troth.plan.ahead import Ahead, leaving, loose
from troth.plan.groups import Group
from troth.plan.model import Blank, Change, ChangeFields, DeleteRows, Reason, Step, Unproven
from troth.plan.order import Edge, Order, arrange
from troth.plan.predicates import (
    ALWAYS,
    NEVER,
    Always,
    Filled,
    Predicate,
    both,
    either,
    negate,
    replaced,
)
from troth.plan.work import Part, Work, assemble
from troth.plan.world import Rank, World
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
    rank: Rank = Rank.EXPIRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How many rows of each case a step is about, where neither case nor states can tell."""

    step: str
    """Id of the step."""
    where: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Questions about one dataset, answered in one pass over it."""

    dataset: str
    cases: tuple[Case, ...]
    groups: tuple[GroupStates, ...]
    questions: tuple[Question, ...] = ()


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
    assembled = readers.settle(world, assemble(world, grace=grace))
    order = arrange(assembled.of)
    works = {
        name: replace(work, fate="keep") if name in order.stuck and work.fate == "delete" else work
        for name, work in assembled.of.items()
    }
    look = Ahead(works, order)
    names = [n for n in order.names if works[n].groups]
    steps = _steps(works, names, order)
    return Draft(
        steps=tuple(made.step for made in steps),
        surveys=tuple(_survey(works[n], look, [m for m in steps if m.step.dataset == n]) for n in names),
        unproven=tuple(dict.fromkeys(u for n in names for u in _unproven(works[n]))),
        problems=tuple(dict.fromkeys((*world.reaches.problems, *assembled.problems, *order.problems))),
        warnings=tuple(w for n in names for w in _warnings(works[n])),
        works=works,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A step, and the part of a group it comes from."""

    step: Step
    part: Part | None = None
    group: Group | None = None
    closing: bool = False
    """It empties what the row's own end is read from."""


def _steps(works: Mapping[str, Work], names: list[str], order: Order) -> list[_Made]:
    """List the steps: owned rows are emptied while their owners still stand, then references go, then rows."""
    made: list[_Made] = []
    for name in names:
        if works[name].owned:
            made += _changing(works[name])
    for edge in order.broken:
        made += [_Made(step=step) for step in _unlinking(works[edge.child], edge)]
    for name in names:
        work = works[name]
        made += [_Made(step=step) for step in _deleting(work, works)]
        made += [] if work.owned else _changing(work)
        made += _closing(work)
    return [
        replace(m, step=replace(m.step, id=f"{number:02}-{m.step.id}")) for number, m in enumerate(made, 1)
    ]


def _promises(work: Work) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for group in work.groups for p in group.promises))


def _deleting(work: Work, works: Mapping[str, Work]) -> list[Step]:
    if work.fate != "delete" or leaving(work) == NEVER:
        return []
    gone = [negate(d.rows()) for d in work.dependents]
    waits = [negate(wait.rows) for wait in work.waits]
    unread = [negate(r.rows(works[r.dataset].counting(r.rule))) for r in work.readers]
    over = negate(work.dirty()) if work.owned else work.over
    where = both(work.asking(work.rank), over, *gone, *waits, *unread)
    if where == NEVER:
        return []
    return [
        DeleteRows(id=f"delete-{work.dataset}", dataset=work.dataset, where=where, promises=_promises(work))
    ]


def _changing(work: Work) -> list[_Made]:
    made: list[_Made] = []
    for group, parts in zip(work.groups, work.parts, strict=True):
        for part in (p for p in parts if not p.whole):
            where = both(work.asking(group.rank), group.expired, work.guard(part), part.pending)
            if where == NEVER:
                continue
            ident = f"change-{work.dataset}-{group.rule}"
            step = _change(ident, work, part.changes, where, group.promises)
            made.append(_Made(step=replace(step, rule=group.rule), part=part, group=group))
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
    if work.over == NEVER or work.fate != "delete":
        return []
    where = both(work.asking(work.rank), work.over, either(*(Filled(column=c) for c in columns)))
    step = _change(
        f"unlink-{work.dataset}", work, tuple(Blank(column=c) for c in columns), where, _promises(work)
    )
    return [replace(step, why="unlink")]


def _closing(work: Work) -> list[_Made]:
    """Empty, last and together, what says that a row is over and whose it is: its own dates, its links."""
    parts = tuple(part for parts in work.parts for part in parts if part.whole)
    columns = loose(work) if work.fate == "detach" else ()
    if work.over == NEVER or not (parts or columns):
        return []
    where = both(
        work.asking(work.rank), work.over, *_closable(work, parts, columns), _unclosed(parts, columns)
    )
    changes = (*(Blank(column=c) for c in columns), *(c for p in parts for c in p.changes))
    if where == NEVER:
        return []
    why: Literal["detach", "expired"] = "detach" if columns else "expired"
    step = _change(
        f"{'detach' if columns else 'close'}-{work.dataset}", work, changes, where, _promises(work)
    )
    return [_Made(step=replace(step, why=why), closing=True)]


def _closable(work: Work, parts: Sequence[Part], columns: Sequence[str]) -> list[Predicate]:
    followed = [negate(either(*(d.rows() for d in work.followers)))] if columns else []
    return [*followed, *(work.guard(part) for part in parts)]


def _unclosed(parts: Sequence[Part], columns: Sequence[str]) -> Predicate:
    return either(*(Filled(column=c) for c in columns), *(part.pending for part in parts))


def _survey(work: Work, look: Ahead, made: Sequence[_Made]) -> Survey:
    groups = tuple(
        GroupStates(
            rule=group.rule,
            promises=group.promises,
            needs=both(group.expired, either(*(both(look.guard(work, p), p.pending) for p in parts))),
            expired=group.expired,
            not_started=_open(work, index, group.anchored.not_started),
            unreadable=_open(work, index, group.anchored.unreadable),
            column=group.anchored.column,
            unproven=group.unproven,
            rank=group.rank,
        )
        for index, (group, parts) in enumerate(zip(work.groups, work.parts, strict=True))
    )
    return Survey(
        dataset=work.dataset,
        cases=_cases(work, look, groups),
        groups=groups,
        questions=tuple(_questions(work, look, made)),
    )


def _open(work: Work, index: int, rows: Predicate) -> Predicate:
    """Leave out rows in which nothing of the group is left: their date no longer matters."""
    if work.groups[index].unproven:
        return NEVER
    fields = work.groups[index].fields
    changed = sum(len(part.changes) for part in work.parts[index])
    return both(rows, work.dirty(index)) if changed == len(fields) else rows


def _questions(work: Work, look: Ahead, made: Sequence[_Made]) -> Iterator[Question]:
    """Ask about steps that share a group, and about references emptied beforehand."""
    for each in made:
        if isinstance(each.step, ChangeFields) and each.step.why == "unlink":
            yield Question(step=each.step.id, where=replaced(each.step.where, work.held_above))
        elif each.closing:
            yield Question(step=each.step.id, where=_closed(work, look))
        elif each.part and each.group and len(work.parts[work.groups.index(each.group)]) > 1:
            guard = look.guard(work, each.part)
            yield Question(step=each.step.id, where=both(guard, each.part.pending))


def _closed(work: Work, look: Ahead) -> Predicate:
    """Rows whose own dates and links will be emptied."""
    parts = tuple(part for parts in work.parts for part in parts if part.whole)
    columns = loose(work) if work.fate == "detach" else ()
    guards = (look.guard(work, part) for part in parts)
    followed = look.followed(work) if columns else NEVER
    return both(work.over, negate(followed), *guards, _unclosed(parts, columns))


def _cases(work: Work, look: Ahead, groups: tuple[GroupStates, ...]) -> tuple[Case, ...]:
    """List what can be true of a row, first match first: whose it is, holds, what needs it, what happens."""
    some = either(*(group.needs for group in groups))
    over = leaving(work) if work.fate != "keep" else NEVER
    made = [Case(fate="unknown-controller", where=work.unknown)] if work.unknown != NEVER else []
    if work.ours != Always():
        made.append(Case(fate="other-controller", where=negate(work.ours)))
    holds = [(hold, rows) for hold, rows in work.holds if hold.rank < work.rank]
    if holds:
        made.append(Case(fate="stay", where=negate(either(over, some))))
    made += [Case(fate="hold", detail=hold.id, where=rows, review=hold.review) for hold, rows in holds]
    if work.fate == "delete" and over != NEVER:
        for dataset, rows in look.needed(work):
            made.append(Case(fate="needed-by", detail=dataset, where=both(work.over, rows)))
        made.append(Case(fate="delete", where=over))
    columns = loose(work)
    if work.fate == "detach" and columns and over != NEVER:
        attached = either(*(Filled(column=c) for c in columns))
        free = both(work.over, negate(look.followed(work)))
        made.append(Case(fate="detach", where=both(free, attached)))
    if some != NEVER:
        made.append(Case(fate="change", where=some))
    made.append(Case(fate="stay"))
    return tuple(made)


def _unproven(work: Work) -> list[Unproven]:
    """List what of the rules is not carried out: whole groups, parts of a rule, fields the schema protects."""
    made = [
        Unproven(promise=group.promises[0], dataset=work.dataset, code=group.code, message=group.unproven)
        for group in work.groups
        if group.unproven
    ]
    for group in work.groups:
        made += [
            Unproven(promise=n.promise, dataset=work.dataset, code=n.code, message=n.message)
            for n in group.notes
        ]
        names = {f"{work.dataset}.{field.name}" for field in group.fields}
        made += [
            Unproven(promise=group.promises[0], dataset=work.dataset, code=p.code, message=p.message)
            for p in work.problems
            if p.about in names or p.code in ("cannot-detach", "no-transactions")
        ]
    return made


def _warnings(work: Work) -> list[str]:
    return [f"{work.dataset}: trigger {name} fires on what the plan does" for name in work.table.triggers]
