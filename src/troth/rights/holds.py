"""Which rows holds keep from an erasure, also where the rows lie in another store than what is held.

Pure. Within a store a hold becomes a predicate. Across stores nobody can look: there a hold on a person keeps every
row about the people at hand as soon as one of them is held, which the store of the hold is asked beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.people.entries import Way
from troth.plan import grounds
from troth.plan.predicates import ALWAYS, NEVER, Predicate, both, datasets, either, replaced
from troth.plan.predicates import (
    Any as AnyOf,
)
from troth.plan.world import Hold, Rank, World
from troth.rights.model import SpareReason

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How many rows of a dataset satisfy a predicate about the people at hand."""

    dataset: str
    where: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Whether anybody at hand is under a hold, asked in the store of the hold."""

    hold: str
    asked: Asked


def covering(
    world: World, dataset: str, reached: frozenset[str] = NONE
) -> tuple[tuple[Hold, Predicate], ...]:
    """List the holds that outrank an erasure, with the rows of a dataset each keeps.

    Args:
        world: With the holds in force.
        dataset: Whose rows.
        reached: Ids of holds under which somebody at hand is, as the probes found.
    """
    found = []
    for hold in world.facts.holds:
        if hold.rank < Rank.GRANTED:
            rows = grounds.covered(world, dataset, hold)
            if away(dataset, rows):
                rows = ALWAYS if hold.id in reached else _near(dataset, rows)
            if rows != NEVER:
                found.append((hold, rows))
    return tuple(found)


def away(dataset: str, rows: Predicate) -> bool:
    """Tell whether a predicate looks into another store."""
    store = dataset.partition(".")[0]
    return any(other.partition(".")[0] != store for other in datasets(rows))


def _near(dataset: str, rows: Predicate) -> Predicate:
    """Leave out the ways that lead into another store."""
    parts = rows.of if isinstance(rows, AnyOf) else (rows,)
    return either(*(part for part in parts if not away(dataset, part)))


def filled(world: World, dataset: str, where: Predicate, reached: frozenset[str] = NONE) -> Predicate:
    """Put into a step's predicate the rows that holds keep, before a batch runs.

    Args:
        world: With the holds in force now.
        dataset: The step's.
        where: The step's predicate.
        reached: Ids of holds under which somebody at hand is (`probes`), for rows in other stores.
    """
    covered = covering(world, dataset, reached)
    return replaced(
        where, lambda rank: grounds.together(rows for hold, rows in covered if hold.rank < Rank(rank))
    )


def probes(world: World, ways: Mapping[str, tuple[Way, ...]]) -> tuple[Probe, ...]:
    """List what must be asked of other stores before erasing: who of the people at hand is held there."""
    found = []
    for hold in world.facts.holds:
        if hold.rank >= Rank.GRANTED or not ways.get(hold.dataset):
            continue
        if any(away(name, grounds.covered(world, name, hold)) for name in ways):
            mine = either(*(way.where for way in ways[hold.dataset]))
            asked = Asked(dataset=hold.dataset, where=both(mine, hold.where or ALWAYS))
            found.append(Probe(hold=hold.id, asked=asked))
    return tuple(found)


def blind(world: World, ways: Mapping[str, tuple[Way, ...]]) -> bool:
    """Tell whether some hold keeps rows of another store, and nobody can ask whom it is about: then all are."""
    asked = {probe.hold for probe in probes(world, ways)}
    return any(
        away(name, grounds.covered(world, name, hold))
        for hold in world.facts.holds
        if hold.rank < Rank.GRANTED and hold.id not in asked
        for name in ways
    )


def reason(hold: Hold) -> SpareReason:
    """Say what kind of ground a hold is."""
    found: dict[Rank, SpareReason] = {
        Rank.STATUTORY_DUTY: "statutory-duty",
        Rank.RESTRICTION: "restriction",
        Rank.OPEN_CASE: "open-case",
    }
    return found.get(hold.rank, "hold")
