"""Reasons that outrank an action: which rows of a dataset a hold keeps, and for whom rows are held at all.

A hold on rows of one dataset covers every dataset whose rows lead to them, by a path to the subject or by
foreign keys. Whether it wins is decided by rank alone (the order of conflicts).
"""

from __future__ import annotations

from collections.abc import Iterable

from troth.catalog.datamap import Controller
from troth.plan.predicates import (
    NEVER,
    Always,
    Compare,
    Exists,
    Null,
    OneOf,
    Path,
    Predicate,
    Step,
    Value,
    either,
    replaced,
    through,
)
from troth.plan.predicates import (
    Any as AnyOf,
)
from troth.plan.world import Hold, Rank, World

LONGEST = 6


def ours(world: World, dataset: str) -> Predicate:
    """Say which rows are held for ourselves; all of them where the map names no controller."""
    controller = world.dataset(dataset).controller
    if controller is None:
        return Always()
    if isinstance(controller, Controller):
        return OneOf(column=controller.column, values=controller.ours)
    return Always() if controller == "us" else NEVER


def nobody_s(world: World, dataset: str) -> Predicate:
    """Say which rows name no controller: a person decides about those."""
    controller = world.dataset(dataset).controller
    return Null(column=controller.column) if isinstance(controller, Controller) else NEVER


def holding(world: World, dataset: str, action: Rank) -> tuple[tuple[Hold, Predicate], ...]:
    """List the holds that outrank an action on a dataset, with the rows each keeps."""
    pairs = ((hold, covered(world, dataset, hold)) for hold in world.facts.holds if hold.rank < action)
    return tuple((hold, rows) for hold, rows in pairs if rows != NEVER)


def filled(world: World, dataset: str, where: Predicate) -> Predicate:
    """Put into a step's predicate the rows that the holds of `world` are about."""
    return replaced(where, lambda rank: together(rows for _, rows in holding(world, dataset, Rank(rank))))


def together(rows: Iterable[Predicate]) -> Predicate:
    """Join what several holds cover, looking at each other dataset once however many they are."""
    looks: dict[Path, list[Predicate]] = {}
    for part in rows:
        for one in part.of if isinstance(part, AnyOf) else (part,):
            path, end = _unwound(one)
            looks.setdefault(path, []).append(end)
    return either(*(through(path, _listed(found)) for path, found in looks.items()))


def _unwound(part: Predicate) -> tuple[Path, Predicate]:
    path: list[Step] = []
    while isinstance(part, Exists):
        path.append((part.dataset, part.match))
        part = part.where
    return tuple(path), part


def _listed(found: list[Predicate]) -> Predicate:
    """Put one list in place of many comparisons with one key."""
    keys: dict[str, dict[Value, None]] = {}
    rest: list[Predicate] = []
    for part in found:
        if isinstance(part, Compare) and part.operator == "=":
            keys.setdefault(part.column, {})[part.value] = None
        else:
            rest.append(part)
    lists = (
        OneOf(column=c, values=tuple(v))
        if len(v) > 1
        else Compare(column=c, operator="=", value=next(iter(v)))
        for c, v in keys.items()
    )
    return either(*rest, *lists)


def covered(world: World, dataset: str, hold: Hold) -> Predicate:
    """Say which rows of a dataset a hold is about: its own rows, and those that lead to them.

    A hold on a person keeps every row of which nobody can tell whose it is.
    """
    target = hold.dataset
    where = hold.where or Always()
    if dataset == target:
        return where
    if hold.subject and world.reaches.lost(dataset):
        return Always()
    paths = [*_by_reach(world, dataset, target, where), *_by_keys(world, dataset, target, where, LONGEST)]
    return either(*paths)


def _by_reach(world: World, dataset: str, target: str, where: Predicate) -> list[Predicate]:
    found: list[Predicate] = []
    for reach in world.ways(dataset):
        for length, hop in enumerate(reach.hops, start=1):
            if hop.target != target:
                continue
            rows = where
            for step in reversed(reach.hops[:length]):
                rows = Exists(dataset=step.target, match=step.match, where=rows)
            found.append(rows)
    return found


def _by_keys(world: World, dataset: str, target: str, where: Predicate, depth: int) -> list[Predicate]:
    """Follow foreign keys up to the rows held; a hold on an order keeps its items."""
    table = world.table(dataset)
    store = dataset.partition(".")[0]
    if depth == 0 or table is None or not target.startswith(store + "."):
        return []
    found: list[Predicate] = []
    for key in table.foreign_keys:
        parent = f"{store}.{key.target}"
        match = tuple(zip(key.columns, key.target_columns, strict=True))
        if parent == target:
            found.append(Exists(dataset=parent, match=match, where=where))
        elif parent != dataset:
            above = _by_keys(world, parent, target, where, depth - 1)
            found += [Exists(dataset=parent, match=match, where=rows) for rows in above]
    return found
