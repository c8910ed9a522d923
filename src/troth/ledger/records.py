"""What the ledger hands out and takes in, as plain values: no row, no Django.

Whoever stands to the left of the ledger may import this without having opened one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One hold as it is kept."""

    id: int
    ground: str
    sealed: bytes
    salt: bytes
    owner: int
    """Staff id."""
    review: date
    placed_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHolding:
    """A hold before it has an id; what is sealed is bound to its salt, which is unique."""

    ground: str
    sealed: bytes
    salt: bytes
    owner: int
    review: date
    placed_at: datetime
    placed_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """The last time a store was looked at."""

    store: str
    at: datetime
    fingerprint: str
    """Structure found then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Someone's word that a backup of a store exists."""

    store: str
    by: int
    """Staff id."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What is known of a run before it begins."""

    plan: str
    kind: str
    store: str
    plan_at: datetime
    simulation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One application of one plan to one store."""

    id: int
    plan: str
    kind: str
    store: str
    state: str
    """`started`, `finished` or `stopped`."""
    plan_at: datetime
    simulation: bool
    started_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a run."""

    step: int
    dataset: str
    action: str
    expected: int | None
    started_at: datetime
    ended_at: datetime | None = None
    recheck: str = ""
    rows_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRecord:
    """What one batch did."""

    step: int
    batch: int
    rows: int | None
    """None where the batch was recovered: then it was between 0 and `at_most`."""
    at_most: int
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The receipts of a step added up."""

    batches: int
    last_batch: int | None
    recovered: int
    """Batches whose count is not known."""
    rows: int
    """Rows of batches whose count is known."""
    at_most: int
    """Rows of all batches, recovered ones with their bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSet:
    """A copy before it has an id."""

    store: str
    source: str
    name: str
    place: str
    made: datetime
    ends: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecord:
    """A copy as it is kept."""

    id: int
    store: str
    source: str
    name: str
    place: str
    made: datetime
    ends: date | None
    registered_at: datetime
    gone_at: datetime | None
    gone_how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The last time a source said which copies there are."""

    store: str
    source: str
    place: str
    at: datetime
    sets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """How many tombstones a key has, and how many of them still stand."""

    key: str
    tombstones: int
    standing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRecord:
    """An erasure that is done, in numbers."""

    plan: str
    erased_at: datetime
    people: int
    standing: int
    """People of it who have not come back."""
    stores: tuple[str, ...]
    """Stores with tombstones of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapRecord:
    """The key of one part of an archive."""

    archive: str
    member: int
    subject: str
    wrapped: bytes | None = field(repr=False)
    made_at: datetime
    destroyed_at: datetime | None = None
