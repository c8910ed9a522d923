"""Holds in rights plans: put into a step's predicate where its own store can ask, else asked of the people.

Pure. A hold on a person also covers rows of that person in other stores; those cannot be asked about a row that
rests elsewhere. So the people a hold is about are left out of what such stores get to do.
"""

from __future__ import annotations

from troth.people.entries import Way
from troth.plan import grounds
from troth.plan.predicates import NEVER, Held, Predicate, both, datasets, either, replaced
from troth.plan.world import Rank, World


def filled(world: World, dataset: str, where: Predicate) -> Predicate:
    """Put into a predicate the rows that holds are about, as far as the dataset's own store can tell."""
    return replaced(where, lambda rank: _here(world, dataset, Rank(rank)))


def held(world: World, ways: dict[str, tuple[Way, ...]], subject: str, rank: Rank) -> Predicate:
    """Say which of the people at hand a hold above `rank` is about, as rows of their subject's dataset."""
    dataset = world.datamap.subjects[subject].dataset
    mine = either(*(way.where for way in ways.get(dataset, ()) if way.subject == subject))
    rows = filled(world, dataset, Held(rank=int(rank)))
    return NEVER if rows == NEVER else both(mine, rows)


def _here(world: World, dataset: str, rank: Rank) -> Predicate:
    store = dataset.partition(".")[0]
    found = (rows for _, rows in grounds.holding(world, dataset, rank))
    return grounds.together(r for r in found if all(d.partition(".")[0] == store for d in datasets(r)))
