"""Dates that other rules count from: they may not go before what counts from them.

Where what counts goes first by itself, nothing is to do; where it can, the dated rows wait for it; where it
cannot, the dated rows stay and a finding names both rules. Stands between `work` and `order`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from troth.catalog.reach import Hop
from troth.plan.anchors import meeting
from troth.plan.groups import Group
from troth.plan.predicates import ALWAYS, Predicate, both, either, negate, through
from troth.plan.work import Reader, Wait, Work, Works
from troth.plan.world import World
from troth.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A rule on one dataset that counts from a column of another."""

    column: str
    source: Work
    group: Group
    reader: Work


def settle(world: World, works: Works) -> Works:
    """Make rows wait, or stay, that date another dataset's rule."""
    kept = dict(works.of)
    problems: list[Problem] = []
    for name, work in works.of.items():
        for group in work.groups:
            for place in sorted(group.anchored.read):
                source, _, column = place.rpartition(".")
                if source == name or source not in kept:
                    continue
                use = _Use(column=column, source=kept[source], group=group, reader=work)
                kept[source], found = _settled(world, kept, use)
                problems += found
            for hop, expired in group.anchored.owners:
                if hop.target in kept:
                    wait = _owned(work, hop, expired)
                    kept[hop.target] = replace(kept[hop.target], waits=(*kept[hop.target].waits, wait))
    return Works(of=kept, problems=tuple(dict.fromkeys((*works.problems, *problems))))


def _settled(world: World, works: Mapping[str, Work], use: _Use) -> tuple[Work, list[Problem]]:
    source, reader = use.source, use.reader
    if use.group.anchored.owners:
        return source, []  # emptied before any owner goes; owners wait below
    if source.fate != "delete" or not source.groups:
        return source, _emptied_first(use)
    if reader.dataset in _before(works, source.dataset):
        return source, []
    outlasts = all(g.rule == use.group.rule for g in source.groups) or _later(use)
    itself = any(place.rpartition(".")[0] == reader.dataset for place in use.group.anchored.read)
    if outlasts and itself:
        return source, []
    if outlasts and source.dataset not in _before(works, reader.dataset):
        ways = [
            Reader(dataset=reader.dataset, rule=use.group.rule, path=meeting(one, other))
            for one in world.ways(source.dataset)
            for other in world.ways(reader.dataset)
            if one.subject == other.subject
        ]
        return replace(source, readers=tuple(dict.fromkeys((*source.readers, *ways)))), []
    return replace(source, fate="keep"), [_names_both(use, "delete")]


def _before(works: Mapping[str, Work], name: str) -> frozenset[str]:
    """Name the datasets whose rows go before the rows of one."""
    seen: set[str] = set()
    open_ = [name]
    while open_:
        work = works.get(open_.pop())
        near = [d.dataset for d in work.dependents] + [r.dataset for r in work.readers] if work else []
        open_ += [dataset for dataset in near if dataset not in seen]
        seen.update(near)
    return frozenset(seen)


def _later(use: _Use) -> bool:
    """Tell whether the dated rows' own rule ends no sooner, counted from the same column."""
    bound = use.group.cutoff
    own = [g for g in use.source.groups if g.anchored.column == use.column and not g.unproven]
    return bound is not None and any(g.cutoff is not None and g.cutoff <= bound for g in own)


def _emptied_first(use: _Use) -> list[Problem]:
    """Find a date that is itself emptied on a row that stays, while another rule counts from it by value."""
    by_key = any(hop.target == use.source.dataset for hop in use.group.anchored.through)
    ends = any(c.column == use.column for parts in use.source.parts for p in parts for c in p.changes)
    return [_names_both(use, "empty")] if ends and not by_key else []


def _names_both(use: _Use, what: str) -> Problem:
    place = f"{use.source.dataset}.{use.column}"
    rules = ", ".join(sorted({g.rule for g in use.source.groups}))
    message = f"{place} dates rule {use.group.rule} on {use.reader.dataset}, but rule {rules} would {what} it earlier"
    hint = "Carry the date into a column of the dataset or its subject and name it under anchors."
    return Problem(code="anchor-goes-first", message=message, hint=hint, about=place)


def _owned(work: Work, hop: Hop, expired: Predicate) -> Wait:
    """Make owners wait for what they own: until it has ended for them, and was emptied where it has for all."""
    match = tuple((there, here) for here, there in hop.match)

    def some(where: Predicate) -> Predicate:
        return through(((work.dataset, match),), where)

    left = [(group, both(group.expired, work.dirty(i))) for i, group in enumerate(work.groups)]
    alive = both(some(ALWAYS), negate(expired))
    return Wait(
        dataset=work.dataset,
        rows=either(alive, some(either(*(rows for _, rows in left)))),
        ahead=either(alive, some(either(*(both(rows, negate(work.free_for(g.rank))) for g, rows in left)))),
    )
