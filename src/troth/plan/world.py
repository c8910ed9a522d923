"""What the planner looks at: promises, data map, live schemas, facts of the day, and the instant.

Facts are what no file says: holds in force, and how each store writes its dates. They are handed in by the
edge and stand in the plan's hash, so that a plan is only good for the facts it was made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from troth.catalog.datamap import DataMap, Dataset
from troth.catalog.model import Catalog, Table
from troth.catalog.reach import Reach, Reaches
from troth.plan.predicates import Predicate
from troth.policy.model import Policy


class Rank(IntEnum):
    """The order of conflicts: what stands earlier wins over what stands later, per field and action."""

    ORDER = 1
    """Court or authority order."""
    LEGAL_HOLD = 2
    STATUTORY_DUTY = 3
    RESTRICTION = 4
    """Restriction, or an objection not yet decided."""
    OPEN_CASE = 5
    GRANTED = 6
    """Granted erasure, opt-out, withdrawal, or a duty to delete."""
    OWN_INTEREST = 7
    """A hold for fraud or dispute, in one's own interest."""
    EXPIRY = 8
    WISH = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold in force, as far as a plan must know it."""

    id: str
    rank: Rank
    ground: str
    """Words for people: legal hold, court order, fraud, …"""
    review: str = ""
    """Review date, ISO 8601."""
    dataset: str = ""
    """The dataset the scope is a condition on; a subject's own dataset for a hold on a person."""
    where: Predicate | None = None
    """Rows of that dataset the hold is about; all of them when left out."""
    subject: str = ""
    """Kind of subject, for a hold on one person."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is true today and stands in no file."""

    holds: tuple[Hold, ...] = ()
    layouts: Mapping[str, str] = field(default_factory=dict)
    """How dates are written, by `store.table.column`, where the type does not say."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything a plan follows from."""

    policy: Policy
    datamap: DataMap
    catalogs: Mapping[str, Catalog]
    reaches: Reaches
    facts: Facts
    at: datetime
    """The instant the plan is for, with zone."""

    def table(self, dataset: str) -> Table | None:
        """Return the live table behind a dataset, where there is one."""
        catalog = self.catalogs.get(dataset.partition(".")[0])
        return catalog.dataset(dataset) if catalog else None

    def dataset(self, name: str) -> Dataset:
        """Return the map's entry for a dataset."""
        return self.datamap.datasets[name]

    def ways(self, dataset: str) -> tuple[Reach, ...]:
        """List the paths from a dataset's rows to their subjects."""
        return self.reaches.of.get(dataset, ())

    def zone(self, dataset: str) -> str:
        """Return the zone of a dataset's dates that carry none; empty when nobody said."""
        store = self.datamap.stores.get(dataset.partition(".")[0])
        return self.dataset(dataset).timezone or (store.timezone if store else "")
