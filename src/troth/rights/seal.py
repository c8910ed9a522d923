"""From a drafted erasure and the stores' counts to a frozen, hashed plan.

Pure. Steps and spared fields without a row fall out, the rest is numbered in the order of work. The same draft and
counts give the same hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from troth.plan import seal as sealing
from troth.plan.world import World
from troth.rights.drafted import Draft
from troth.rights.model import ErasurePlan, ErasureStep, sealed


def seal(
    world: World,
    draft: Draft,
    counts: Sequence[int],
    *,
    manifest_digest: str,
    people: int,
    simulation: bool,
) -> ErasurePlan:
    """Join a draft and its counts.

    Args:
        world: What the draft was made from.
        draft: As `draft` returned it.
        counts: One for each of `draft.asked`, in that order.
        manifest_digest: Salted digest of the sealed manifest.
        people: How many it is about.
        simulation: The instant was not now.
    """
    found = dict(zip(draft.asked, counts, strict=True))
    held = {probe.hold for probe in draft.probes if found[probe.asked]}
    away = [one for one in draft.away if one.spared.detail in held]
    kept = {one.spared.dataset for one in away}
    steps = [d for d in draft.steps if found[d.asked] and d.step.dataset not in kept]
    spared = [one for one in draft.spared if found[one.asked] and one.spared.dataset not in kept]
    stay = [one for one in (*spared, *away) if found[one.asked]]
    plan = ErasurePlan(
        organisation=world.policy.organisation.name,
        at=world.at.isoformat(),
        simulation=simulation,
        basis=sealing.basis(world),
        manifest=manifest_digest,
        people=people,
        steps=_numbered(replace(d.step, rows=found[d.asked]) for d in steps),
        spared=tuple(replace(one.spared, rows=found[one.asked]) for one in stay),
        tasks=tuple(dict.fromkeys((*draft.tasks, *(one.task for one in stay if one.task)))),
        unlooked=draft.unlooked,
        counted=tuple((asked.dataset, found[asked]) for asked in draft.datasets),
        warnings=draft.warnings,
    )
    return sealed(plan)


def _numbered(steps: Iterable[ErasureStep]) -> tuple[ErasureStep, ...]:
    return tuple(replace(step, id=f"{number:02}-{step.id}") for number, step in enumerate(steps, 1))
