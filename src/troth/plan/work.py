"""What is to be done with each dataset: which rows are over, which fields change, what stands in the way.

`assemble` joins the rules' groups, the changes the schema allows, the holds and the datasets that still need a
row. Order and counts come later (`order`, `survey`); nothing here looks at a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from troth.catalog.model import Table
from troth.catalog.reach import Hop
from troth.plan import changes, grounds, groups
from troth.plan.groups import Group
from troth.plan.model import Change
from troth.plan.predicates import NEVER, Exists, Predicate, both, either, negate
from troth.plan.world import Hold, Rank, World
from troth.problems import Problem

Fate = Literal["delete", "keep", "detach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Changes of one group that are made together."""

    changes: tuple[Change, ...]
    pending: Predicate
    """Rows on which at least one of them is still to do."""
    guard: Predicate
    """Rows on which they may be done already."""


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
    waits: tuple[tuple[str, Predicate], ...] = ()
    """Rows that must wait for another reason, with the dataset it lies in."""
    owned: bool = False
    """Its rows are owned by rows that point at them."""
    links: tuple[tuple[str, ...], ...] = ()
    """Own columns that lead to the person."""

    @property
    def over(self) -> Predicate:
        """Rows in which every personal field has outlived its rule; none while a group is unproven."""
        alive = any(group.unproven for group in self.groups)
        return NEVER if alive or not self.groups else both(*(group.expired for group in self.groups))

    @property
    def held(self) -> Predicate:
        """Rows a hold keeps."""
        return either(*(rows for _, rows in self.holds))

    @property
    def free(self) -> Predicate:
        """Rows that are ours and not held."""
        return both(self.ours, negate(self.held))

    def pending(self, index: int) -> Predicate:
        """Rows of which a group's fields still hold something that may go."""
        return either(*(both(part.guard, part.pending) for part in self.parts[index]))

    @property
    def dirty(self) -> Predicate:
        """Rows in which any personal field still holds something, allowed to go or not."""
        return either(*(part.pending for parts in self.parts for part in parts))


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
    grouped = {name: groups.of(world, name, grace=grace) for name in names}
    for name in names:
        own, own_problems = grouped[name]
        problems += own_problems
        work, more = _work(world, name, own)
        problems += more
        found[name] = work
    guarded = _keep_anchors(found)
    return Works(of=guarded.of, problems=tuple(dict.fromkeys([*problems, *guarded.problems])))


def _work(world: World, name: str, own: tuple[Group, ...]) -> tuple[Work, list[Problem]]:
    table = world.table(name)
    assert table is not None
    problems: list[Problem] = []
    over = both(*(g.expired for g in own)) if own and not any(g.unproven for g in own) else NEVER
    tied = _ties(world, name)
    parts: list[tuple[Part, ...]] = []
    for group in own:
        made, wrong = _parts(name, table, group, over, tied)
        parts.append(made)
        problems += wrong
    fate, wrong = _fate(world, name, own)
    ways = world.ways(name)
    work = Work(
        dataset=name,
        table=table,
        ours=grounds.ours(world, name),
        unknown=grounds.nobody_s(world, name),
        groups=own,
        parts=tuple(parts),
        fate=fate,
        holds=grounds.holding(world, name, _rank(world, own)),
        dependents=_dependents(world, name),
        links=tuple(dict.fromkeys(w.hops[0].columns for w in ways if w.hops and not w.hops[0].many)),
        owned=bool(ways) and all(w.hops and w.hops[0].many and _points_here(world, w.hops[0]) for w in ways),
    )
    return work, problems + wrong


def _rank(world: World, own: tuple[Group, ...]) -> Rank:
    """An end that people chose (opt-out, `until`) outranks an own interest; expiry does not."""
    chosen = own and all(world.policy.retention[g.rule].until == "opted.out" for g in own)
    return Rank.GRANTED if chosen else Rank.EXPIRY


def _points_here(world: World, hop: Hop) -> bool:
    table = world.table(hop.target)
    bare = hop.source.partition(".")[2]
    return table is not None and any(
        key.target == bare and key.columns == hop.target_columns for key in table.foreign_keys
    )


def _fate(world: World, name: str, own: tuple[Group, ...]) -> tuple[Fate, list[Problem]]:
    said = world.dataset(name).on_expiry
    if said is None and own:
        message = f"{name} does not say what becomes of a row once all its personal fields have expired"
        hint = (
            "Add on-expiry: delete-row, keep-row or keep-without-person; until then fields are only emptied."
        )
        return "keep", [Problem(code="no-on-expiry", message=message, hint=hint, about=name)]
    fates: dict[str | None, Fate] = {"delete-row": "delete", "keep-without-person": "detach"}
    return fates.get(said, "keep"), []


def _ties(world: World, name: str) -> tuple[frozenset[str], dict[str, tuple[Dependent, ...]]]:
    """Name own columns that reach or date something, and own columns by which others reach their subject."""
    own = {c for way in world.ways(name) for c in (way.hops[0].columns if way.hops else ())}
    own |= set(world.dataset(name).anchors.values())
    own |= {run.column for run in world.dataset(name).open_while.values()}
    others: dict[str, list[Dependent]] = {}
    for hop in world.reaches.hops():
        if hop.target == name:
            back = tuple((there, here) for here, there in hop.match)
            for column in hop.target_columns:
                others.setdefault(column, []).append(Dependent(dataset=hop.source, match=back))
    return frozenset(own), {column: tuple(deps) for column, deps in others.items()}


def _parts(
    name: str,
    table: Table,
    group: Group,
    over: Predicate,
    tied: tuple[frozenset[str], dict[str, tuple[Dependent, ...]]],
) -> tuple[tuple[Part, ...], list[Problem]]:
    """Make the changes of one group; a field that others still need waits behind a guard."""
    made: dict[Predicate, list[changes.Emptied]] = {}
    problems: list[Problem] = []
    own, others = tied
    for field in group.fields:
        emptied = changes.empty(name, table, field)
        if emptied.problem:
            problems.append(emptied.problem)
        if emptied.change is None:
            continue
        needed = either(*(Exists(dataset=d.dataset, match=d.match) for d in others.get(field.name, ())))
        guard = both(over if field.name in own else both(), negate(needed))
        made.setdefault(guard, []).append(emptied)
    parts = tuple(
        Part(
            changes=tuple(e.change for e in all_ if e.change is not None),
            pending=either(*(e.pending for e in all_)),
            guard=guard,
        )
        for guard, all_ in made.items()
    )
    return parts, problems


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


def _keep_anchors(found: dict[str, Work]) -> Works:
    """Keep rows that date another rule, where their own rule would end them earlier."""
    problems: list[Problem] = []
    kept = dict(found)
    for name, work in found.items():
        for group in work.groups:
            for place in sorted(group.anchored.read):
                source = place.rpartition(".")[0]
                other = found.get(source)
                if source == name or other is None or not _goes_first(other, group, work):
                    continue
                problems.append(_names_both(place, group, other, name))
                kept[source] = _staying(kept[source])
            for hop, expired in group.anchored.owners:
                if hop.target in kept:
                    needs = both(
                        Exists(dataset=name, match=tuple((t, h) for h, t in hop.match)), negate(expired)
                    )
                    kept[hop.target] = _waiting(kept[hop.target], name, needs)
    return Works(of=kept, problems=tuple(problems))


def _goes_first(source: Work, group: Group, needing: Work) -> bool:
    """Tell whether rows that date a rule are deleted by another rule, and nothing makes them wait."""
    if source.fate != "delete" or not source.groups:
        return False
    waits_already = any(d.dataset == needing.dataset for d in source.dependents)
    return not waits_already and any(g.rule != group.rule for g in source.groups)


def _names_both(place: str, group: Group, other: Work, name: str) -> Problem:
    rules = ", ".join(sorted({g.rule for g in other.groups} - {group.rule}))
    message = f"{place} dates rule {group.rule} on {name}, but rule {rules} would delete it earlier"
    hint = "Carry the date into a column of the dataset or its subject and name it under anchors."
    return Problem(code="anchor-goes-first", message=message, hint=hint, about=place)


def _staying(work: Work) -> Work:
    return replace(work, fate="keep")


def _waiting(work: Work, dataset: str, needs: Predicate) -> Work:
    return replace(work, waits=(*work.waits, (dataset, needs)))
