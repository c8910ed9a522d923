"""What a hold is: an order not to delete, with a ground, a scope, an owner and a date to look at it again.

Pure. Where holds are kept is `register`, the language of their conditions is `conditions`, what they block is
decided by the planner in the order of the grounds below.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from troth.plan.world import Rank


class Ground(StrEnum):
    """Why something may not be deleted; earlier ones outrank later ones."""

    COURT_ORDER = "court-order"
    AUTHORITY_ORDER = "authority-order"
    LEGAL_HOLD = "legal-hold"
    STATUTORY_DUTY = "statutory-duty"
    RESTRICTION = "restriction"
    """The person asked that data be kept but not used (GDPR Art. 18)."""
    OBJECTION = "objection"
    """An objection (GDPR Art. 21) is not decided yet; ranks with restriction."""
    OPEN_CASE = "open-case"
    """Somebody's access request still needs the data."""
    DISPUTE = "dispute"
    """Our own interest: a claim we may have to meet or make."""
    FRAUD = "fraud"
    """Our own interest: ranks with dispute."""

    @property
    def rank(self) -> Rank:
        """Its place in the order of conflicts."""
        return RANKS[self]

    @property
    def words(self) -> str:
        """Name it for people."""
        return self.value.replace("-", " ")

    @property
    def own_interest(self) -> bool:
        """Tell whether a granted erasure goes before it."""
        return self.rank > Rank.GRANTED


RANKS: dict[Ground, Rank] = {
    Ground.COURT_ORDER: Rank.ORDER,
    Ground.AUTHORITY_ORDER: Rank.ORDER,
    Ground.LEGAL_HOLD: Rank.LEGAL_HOLD,
    Ground.STATUTORY_DUTY: Rank.STATUTORY_DUTY,
    Ground.RESTRICTION: Rank.RESTRICTION,
    Ground.OBJECTION: Rank.RESTRICTION,
    Ground.OPEN_CASE: Rank.OPEN_CASE,
    Ground.DISPUTE: Rank.OWN_INTEREST,
    Ground.FRAUD: Rank.OWN_INTEREST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScope:
    """Everything about one person, found by the key of their row."""

    subject: str
    """Kind of subject in the data map, such as `customer`."""
    key: tuple[str, ...]
    """The values of the key columns, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityScope:
    """Whoever has an identity; a caller with the stores at hand looks up the keys."""

    kind: str
    """Kind of identity, such as `email`."""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionScope:
    """The rows of one dataset that satisfy a condition."""

    dataset: str
    condition: str
    """In the language of `conditions`, without the dataset in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetScope:
    """Every row of one dataset."""

    dataset: str


Scope: TypeAlias = SubjectScope | ConditionScope | DatasetScope
"""What a hold can cover. An identity is looked up first: the hold then names the person's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One order not to delete."""

    id: str
    ground: Ground
    title: str
    """What people call it, such as a file number. Never a personal value."""
    scope: Scope
    owner: str
    """Who answers for it."""
    review: date
    """When it is looked at again. A hold past its review still holds."""
    placed_at: datetime
    lifted_at: datetime | None = None

    @property
    def about(self) -> str:
        """Say what it covers without any value: for people who may not see the scope."""
        match self.scope:
            case SubjectScope():
                return f"one {self.scope.subject}"
            case ConditionScope():
                return f"rows of {self.scope.dataset} that meet a condition"
            case DatasetScope():
                return f"every row of {self.scope.dataset}"

    def active(self, at: datetime) -> bool:
        """Tell whether it stands at that instant."""
        return self.placed_at <= at and (self.lifted_at is None or at < self.lifted_at)

    def due(self, on: date) -> bool:
        """Tell whether its review is due."""
        return self.lifted_at is None and self.review <= on
