"""What is to be done with each dataset: which rows are over, which fields change, what stands in the way.

`assemble` joins the rules' groups, the changes the schema allows, the holds and the datasets that still need a
row. Order and counts come later (`order`, `survey`); nothing here looks at a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from troth.catalog.model import Table
from troth.catalog.reach import Hop
from troth.plan import changes, grounds, groups
from troth.plan.groups import Group
from troth.plan.model import Change
from troth.plan.predicates import ALWAYS, NEVER, Held, Path, Predicate, both, either, negate, through
from troth.plan.world import Hold, Rank, World
from troth.problems import Problem

Fate = Literal["delete", "keep", "detach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """Rows that need a row of this dataset: by foreign key, or as the way to their subject."""

    dataset: str
    match: tuple[tuple[str, str], ...]
    """Pairs of (own column, their column)."""
    nullable: bool = False
    """Their reference may be emptied."""
    columns: tuple[str, ...] = ()
    """Their columns that refer here."""

    def rows(self, where: Predicate = ALWAYS) -> Predicate:
        """Say that such rows exist which satisfy a predicate."""
        return through(((self.dataset, self.match),), where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Rows of a dataset that are dated by a row of this one, and would lose their date with it."""

    dataset: str
    rule: str
    path: Path

    def rows(self, where: Predicate = ALWAYS) -> Predicate:
        """Say that such rows exist which satisfy a predicate."""
        return through(self.path, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Rows that must wait for what they own."""

    dataset: str
    rows: Predicate
    """Which rows, when their turn comes; says nothing of what a hold is about."""
    ahead: Predicate
    """The same before anything is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Changes of one group that are made together."""

    changes: tuple[Change, ...]
    pending: Predicate
    """Rows on which at least one of them is still to do."""
    whole: bool = False
    """Only once the whole row is over: it is the row's own date or way."""
    needed: tuple[Dependent, ...] = ()
    """Rows that must be gone first: they reach, or date, something by these columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One dataset, seen by the planner."""

    dataset: str
    table: Table
    ours: Predicate
    unknown: Predicate
    """Rows that name no controller."""
    groups: tuple[Group, ...]
    parts: tuple[tuple[Part, ...], ...]
    """Changes per group, in the order of `groups`."""
    fate: Fate
    holds: tuple[tuple[Hold, Predicate], ...]
    dependents: tuple[Dependent, ...]
    waits: tuple[Wait, ...] = ()
    """Rows that must wait for another reason."""
    readers: tuple[Reader, ...] = ()
    """Rows that are to go first, because they count from a date of this dataset."""
    followers: tuple[Dependent, ...] = ()
    """Rows that reach their subject through the links of this dataset."""
    carriers: frozenset[str] = frozenset()
    """Own columns that some path to a subject runs through."""
    endless: bool = False
    """Some personal field has no rule that ends it: no row is ever over."""
    problems: tuple[Problem, ...] = ()
    """What of its rules the schema forbids."""
    owned: bool = False
    """Its rows are owned by rows that point at them."""
    links: tuple[tuple[str, ...], ...] = ()
    """Own columns that lead to the person."""

    @property
    def over(self) -> Predicate:
        """Rows in which every personal field has outlived its rule; none while a rule says nothing."""
        alive = self.endless or any(group.unproven for group in self.groups)
        return NEVER if alive or not self.groups else both(*(group.expired for group in self.groups))

    @property
    def free(self) -> Predicate:
        """Rows that are ours and held by nothing that outranks the end of the row."""
        return self.free_for(self.rank)

    @property
    def rank(self) -> Rank:
        """The place of what ends the row as a whole: as weak as the weakest of its rules."""
        return max((group.rank for group in self.groups), default=Rank.EXPIRY)

    def free_for(self, rank: Rank) -> Predicate:
        """Rows that are ours, and held by nothing that outranks an action."""
        return both(self.ours, negate(self.held_above(rank)))

    def held_above(self, rank: int) -> Predicate:
        """Rows held by something that outranks an action."""
        return grounds.together(rows for hold, rows in self.holds if hold.rank < rank)

    def asking(self, rank: Rank) -> Predicate:
        """Say the same without saying what the holds are about: for steps, which stand in a plan for all to read."""
        return both(self.ours, negate(Held(rank=int(rank))))

    def guard(self, part: Part, stays: Callable[[Dependent], Predicate] = lambda _: ALWAYS) -> Predicate:
        """Rows on which a part may be changed: nothing that stays needs it."""
        needed = either(*(d.rows(stays(d)) for d in part.needed))
        return both(self.over if part.whole else ALWAYS, negate(needed))

    def counting(self, rule: str) -> Predicate:
        """Rows that count by one rule: until they go, or until its fields are empty where they stay."""
        if self.fate == "delete":
            return ALWAYS
        return either(*(self.dirty(i) for i, group in enumerate(self.groups) if group.rule == rule))

    def dirty(self, index: int | None = None) -> Predicate:
        """Rows in which fields, of one group or of any, still hold something, allowed to go or not."""
        chosen = self.parts if index is None else (self.parts[index],)
        return either(*(part.pending for parts in chosen for part in parts))

    @property
    def emptiable(self) -> bool:
        """Tell whether a row shows by its fields that it was emptied."""
        return bool(self.parts) and all(self.parts) and not self.problems


@dataclass(frozen=True, kw_only=True)
class Works:
    """Every dataset with a rule, and what could not be worked out."""

    of: Mapping[str, Work]
    problems: tuple[Problem, ...]


def assemble(world: World, *, grace: bool) -> Works:
    """Describe the work on every mapped dataset that has a live table with rows of its own."""
    found: dict[str, Work] = {}
    problems: list[Problem] = []
    names = [n for n in world.datamap.datasets if (t := world.table(n)) is not None and t.writable]
    for name in names:
        own, endless = groups.of(world, name, grace=grace)
        work = _work(world, name, own)
        without_class = any(problem.code == "no-retention-class" for problem in endless)
        found[name] = replace(work, endless=without_class)
        problems += [*endless, *work.problems]
    return Works(of=found, problems=tuple(dict.fromkeys(problems)))


def _work(world: World, name: str, own: tuple[Group, ...]) -> Work:
    table = world.table(name)
    assert table is not None
    ways = world.ways(name)
    fate, wrong = _fate(world, name, own)
    work = Work(
        dataset=name,
        table=table,
        ours=grounds.ours(world, name),
        unknown=grounds.nobody_s(world, name),
        groups=own,
        parts=(),
        fate=fate,
        holds=grounds.holding(world, name, max((g.rank for g in own), default=Rank.EXPIRY)),
        dependents=_dependents(world, name),
        links=tuple(dict.fromkeys(w.hops[0].columns for w in ways if w.hops and not w.hops[0].many)),
        owned=any(g.anchored.owners for g in own)
        and all(w.hops and w.hops[0].many and _points_here(world, w.hops[0]) for w in ways),
        followers=_followers(world, name),
        carriers=frozenset(c for hop in world.reaches.hops() if hop.source == name for c in hop.columns),
    )
    if not table.transactional:
        return replace(work, fate="keep", parts=tuple(() for _ in own), problems=(_unsafe(name),))
    tied = _ties(world, name)
    made = [_parts(work, group, tied) for group in own]
    problems = (*wrong, *(p for _, found in made for p in found))
    return replace(work, parts=tuple(parts for parts, _ in made), problems=problems)


def _unsafe(name: str) -> Problem:
    message = f"{name} is kept by an engine without transactions: a batch that fails half-way could not be taken back"
    hint = "Move it to InnoDB (ALTER TABLE … ENGINE=InnoDB); until then nothing is planned in it."
    return Problem(code="no-transactions", message=message, hint=hint, about=name)


def _points_here(world: World, hop: Hop) -> bool:
    table = world.table(hop.target)
    bare = hop.source.partition(".")[2]
    return table is not None and any(
        key.target == bare and key.columns == hop.target_columns for key in table.foreign_keys
    )


def _fate(world: World, name: str, own: tuple[Group, ...]) -> tuple[Fate, list[Problem]]:
    said = world.dataset(name).on_expiry
    if own and (said == "keep-without-person" or any(group.without_person for group in own)):
        return "detach", _tight(world, name)
    if said is None and own:
        message = f"{name} does not say what becomes of a row once all its personal fields have expired"
        hint = (
            "Add on-expiry: delete-row, keep-row or keep-without-person; until then fields are only emptied."
        )
        return "keep", [Problem(code="no-on-expiry", message=message, hint=hint, about=name)]
    return "delete" if said == "delete-row" else "keep", []


def _tight(world: World, name: str) -> list[Problem]:
    """Name what leads to the person and may not be emptied."""
    table = world.table(name)
    links = {c for way in world.ways(name) for c in (way.hops[0].columns if way.hops else ())}
    made = []
    for link in sorted(links):
        column = table.column(link) if table else None
        if column is None or column.nullable or any(w.hops and w.hops[0].many for w in world.ways(name)):
            continue
        message = f"{name}.{link} leads to the person and may not be empty, so no row can stay without them"
        hint = "Let the column be empty, or use on-expiry: delete-row or keep-row."
        made.append(Problem(code="cannot-detach", message=message, hint=hint, about=f"{name}.{link}"))
    return made


def _ties(world: World, name: str) -> tuple[frozenset[str], dict[str, tuple[Dependent, ...]]]:
    """Name own columns that reach or date something, and own columns by which others reach their subject."""
    own = {c for way in world.ways(name) for c in (way.hops[0].columns if way.hops else ())}
    own |= set(world.dataset(name).anchors.values())
    own |= {run.column for run in world.dataset(name).open_while.values()}
    dating = set(world.dataset(name).anchors.values())
    others: dict[str, list[Dependent]] = {}
    for hop in world.reaches.hops():
        if hop.target == name:
            back = tuple((there, here) for here, there in hop.match)
            for column in (*hop.target_columns, *sorted(dating)):
                others.setdefault(column, []).append(
                    Dependent(dataset=hop.source, match=back, columns=hop.columns)
                )
    return frozenset(own), {column: tuple(dict.fromkeys(deps)) for column, deps in others.items()}


def _parts(
    work: Work, group: Group, tied: tuple[frozenset[str], dict[str, tuple[Dependent, ...]]]
) -> tuple[tuple[Part, ...], list[Problem]]:
    """Make the changes of one group; a field that others still need waits behind a guard."""
    made: dict[tuple[bool, tuple[Dependent, ...]], list[changes.Emptied]] = {}
    problems: list[Problem] = []
    own, others = tied
    for field in group.fields:
        emptied = changes.empty(work.dataset, work.table, field)
        if emptied.problem and not _goes_whole(work, group, emptied.problem):
            problems.append(emptied.problem)
        if emptied.change is not None:
            made.setdefault((field.name in own, others.get(field.name, ())), []).append(emptied)
    parts = tuple(
        Part(
            changes=tuple(e.change for e in all_ if e.change is not None),
            pending=either(*(e.pending for e in all_)),
            whole=whole,
            needed=needed,
        )
        for (whole, needed), all_ in made.items()
    )
    return parts, problems


def _goes_whole(work: Work, group: Group, problem: Problem) -> bool:
    """Tell whether a field that cannot be emptied never has to be: its row always goes at once."""
    alone = work.groups == (group,) and not work.dependents and work.fate == "delete"
    return alone and problem.code == "cannot-blank"


def _followers(world: World, name: str) -> tuple[Dependent, ...]:
    """List whose rows come to their subject by way of this dataset's own links."""
    found: dict[Dependent, None] = {}
    for reaches in world.reaches.of.values():
        for reach in reaches:
            for here, onward in pairwise(reach.hops):
                if onward.source == name and not onward.many:
                    back = tuple((there, own) for own, there in here.match)
                    found[Dependent(dataset=here.source, match=back, columns=here.columns)] = None
    return tuple(found)


def _dependents(world: World, name: str) -> tuple[Dependent, ...]:
    """List what needs a row of this dataset: references in the schema, and declared ways to a subject."""
    store, _, bare = name.partition(".")
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Dependent] = {}
    for child, key in world.catalogs[store].referrers.get(bare, ()):
        table = world.catalogs[store].tables[child]
        dataset = f"{store}.{child}"
        if not table.writable or (key.on_delete == "set null" and dataset not in world.datamap.datasets):
            continue
        match = tuple(zip(key.target_columns, key.columns, strict=True))
        nullable = all((c := table.column(n)) is not None and c.nullable for n in key.columns)
        found[dataset, match] = Dependent(
            dataset=dataset, match=match, nullable=nullable, columns=key.columns
        )
    for hop in world.reaches.hops():
        match = tuple((there, here) for here, there in hop.match)
        if hop.target == name and not _points_here(world, hop) and (hop.source, match) not in found:
            found[hop.source, match] = Dependent(dataset=hop.source, match=match, columns=hop.columns)
    return tuple(found.values())
