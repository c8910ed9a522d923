"""Say for a recheck what stays by a plan: the plan's draft made again, with the holds that stand now.

Decides nothing by itself: `rights.draft` does, for the instant of the plan, so that what was kept then is kept now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from troth.app import erasing
from troth.app.people import Everywhere
from troth.errors import StoreError
from troth.people.manifest import Manifest
from troth.plan.world import Hold, World
from troth.rights import draft as drafting
from troth.rights import keeping
from troth.rights.keeping import Keeping
from troth.rights.model import ErasurePlan


@dataclass(frozen=True, kw_only=True)
class Staying:
    """What stays, and whom holds are about that keep rows of other stores."""

    keeping: tuple[Keeping, ...]
    held: frozenset[int]


def staying(
    made: ErasurePlan, where: Everywhere, world: World, holds: tuple[Hold, ...], whom: Manifest
) -> Staying:
    """Say what stays by a plan.

    Args:
        made: The plan.
        where: Every store, open.
        world: As it is now; its instant and holds are not used.
        holds: The holds that stand now.
        whom: Who the plan is about.
    """
    now = replace(world, at=datetime.fromisoformat(made.at), facts=replace(world.facts, holds=holds))
    abilities = {name: store.describe() for name, store in where.stores.items()}
    found = keeping.keeping(drafting.draft(now, where.known, where.ways, abilities, now.at))
    return Staying(keeping=found, held=_held(where, now, found, whom))


def _held(where: Everywhere, now: World, found: tuple[Keeping, ...], whom: Manifest) -> frozenset[int]:
    """Say whom holds of other stores are about; where nobody answers, nothing stays for them."""
    if not any(one.away for one in found):
        return frozenset()
    try:
        return erasing.held(where, now, whom)
    except StoreError:
        return frozenset()
