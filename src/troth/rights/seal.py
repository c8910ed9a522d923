"""From a drafted erasure and the stores' counts to a frozen, hashed plan.

Pure. Steps and spared fields without a row fall out, the rest is numbered in the order of work. The same draft and
counts give the same hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from troth.plan import seal as sealing
from troth.plan.world import World
from troth.rights.drafted import Draft
from troth.rights.holds import Asked
from troth.rights.model import ErasurePlan, ErasureStep, sealed

TOGETHER = 10_000
"""People who are surely at hand together when a plan runs. With more, a row of two of them may first be one's that is
shared, and then the other's alone: steps that find nothing while all are at hand may be needed in between."""


def seal(
    world: World,
    draft: Draft,
    counts: Mapping[Asked, int],
    *,
    away: Mapping[Asked, int] | None = None,
    manifest_digest: str,
    people: int,
    simulation: bool,
) -> ErasurePlan:
    """Join a draft and its counts.

    Args:
        world: What the draft was made from.
        draft: As `draft` returned it.
        counts: One for each of `draft.asked`; where a hold rests in another store, of the people it is not about.
        away: For each question of `draft.away`, the rows of the people such holds are about.
        manifest_digest: Salted digest of the sealed manifest.
        people: How many it is about.
        simulation: The instant was not now.
    """
    found = {asked: counts.get(asked, 0) for asked in draft.asked}
    clear = {probe.hold for probe in draft.probes if not found[probe.asked]}
    there = {asked.dataset for asked in draft.datasets if found[asked]} if people > TOGETHER else set()
    steps = [one for one in draft.steps if found[one.asked] or one.step.dataset in there]
    spared = [(one, found[one.asked]) for one in draft.spared if found[one.asked]]
    elsewhere = [one for one in draft.away if one.spared.detail not in clear and (away or {}).get(one.asked)]
    stay = [*spared, *((one, (away or {})[one.asked]) for one in elsewhere)]
    plan = ErasurePlan(
        organisation=world.policy.organisation.name,
        at=world.at.isoformat(),
        simulation=simulation,
        basis=sealing.basis(world),
        manifest=manifest_digest,
        people=people,
        steps=_numbered(replace(d.step, rows=found[d.asked]) for d in steps),
        spared=tuple(replace(one.spared, rows=rows) for one, rows in stay),
        tasks=tuple(dict.fromkeys((*draft.tasks, *(one.task for one, _ in stay if one.task)))),
        unlooked=draft.unlooked,
        counted=tuple((asked.dataset, found[asked]) for asked in draft.datasets),
        warnings=draft.warnings,
    )
    return sealed(plan)


def _numbered(steps: Iterable[ErasureStep]) -> tuple[ErasureStep, ...]:
    return tuple(replace(step, id=f"{number:02}-{step.id}") for number, step in enumerate(steps, 1))
