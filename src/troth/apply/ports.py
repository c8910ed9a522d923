"""What carrying out a plan needs from the world: a store that works in batches, and a journal that remembers.

Stores are in `stores`, the journal is kept by the ledger; both have twins in `troth.testing`. A batch is the unit
of work: it has a number and an address within its step, doing it twice does nothing more, and any worker may do it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from troth.errors import Refused
from troth.plan.model import Step
from troth.plan.predicates import Predicate
from troth.plan.world import Hold

_ADDRESS = re.compile(r"(\d+):(-?\d+)-(-?\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a table in the order its rows are kept in."""

    leaf: int
    """Which of the tables that hold the rows; 0 but for partitions."""
    low: int
    high: int
    """One past the last place."""

    @property
    def address(self) -> str:
        """Write the span down: `leaf:low-high`."""
        return f"{self.leaf}:{self.low}-{self.high}"


def span_at(address: str) -> Span:
    """Read an address back."""
    leaf, low, high = _ADDRESS.findall(address)[0]
    return Span(leaf=int(leaf), low=int(low), high=int(high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is done, as the store remembers it."""

    number: int
    address: str
    rows: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a batch did; `rows` is unknown where the store could not remember it."""

    step: int
    batch: int
    rows: int | None
    at_most: int
    started: datetime
    finished: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One batch to be done."""

    plan: str
    number: int
    """Number of the step."""
    batch: int
    step: Step
    where: Predicate
    """The step's predicate with the holds filled in."""
    span: Span
    at_most: int | None = None
    """More rows than this are refused and rolled back."""
    only: int | None = None
    """Touch so many rows and no more; the span is then the whole table."""
    hold_lock: timedelta | None = None
    """How long the batch may keep others waiting; no bound when left out."""


class Enough(Exception):
    """Raised by whoever is told of progress, to stop between two batches: what is done is kept and written down."""


class TooMany(Refused):
    """A batch touched more rows than it may; it was rolled back."""


class TooSlow(Refused):
    """A batch would have kept others waiting for too long; it was rolled back and may be made smaller."""


class Walk(Protocol):
    """The places of a table, in order."""

    def next(self, size: int) -> Span | None:
        """Return the next span of so many places, or None at the end."""
        ...

    @property
    def total(self) -> int:
        """How many places there are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was done about what an engine keeps of deleted rows."""

    store: str
    engine: str
    outcome: Literal["done", "partly", "failed"]
    readable: tuple[str, ...] = ()
    """What may stay readable, as codes."""
    notes: tuple[str, ...] = ()
    """The same in sentences."""


class Store(Protocol):
    """A store that can carry out steps."""

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the store for one apply; Refused when another holds it."""
        ...

    def prepare(self) -> bool:
        """Make the table of batches; False where the role may not, so that counts can be lost by a kill."""
        ...

    def done(self, plan: str, step: int) -> tuple[Batch, ...]:
        """List the batches of a step that are done, in order."""
        ...

    def walk(self, dataset: str, after: Span | None) -> Walk:
        """Go through a dataset's rows in the order they are kept in, from behind a span."""
        ...

    def run(self, job: Job) -> int:
        """Do a batch and remember it in the same transaction; return the rows touched."""
        ...

    def left(self, dataset: str, where: Predicate) -> int:
        """Count the rows that still satisfy a predicate."""
        ...

    def purge(self, datasets: Sequence[str]) -> Purged:
        """Deal with what the engine keeps of deleted rows."""
        ...


class Journal(Protocol):
    """What remembers a plan on one store: intent before, receipts after."""

    def begin(self) -> Literal["fresh", "resumed", "finished"]:
        """Write down that the plan is being carried out."""
        ...

    def holds(self) -> tuple[Hold, ...]:
        """Return the holds to respect: those in force now, and those of the plan though they were lifted since."""
        ...

    def over(self, number: int) -> tuple[int, int] | None:
        """Return rows and batches of a step that this very run has done, with nothing left; None for any other."""
        ...

    def step_begun(self, number: int, step: Step) -> bool:
        """Write down that a step begins; tell whether it had begun before."""
        ...

    def receipts(self, number: int) -> tuple[int, int]:
        """Return how many batches of a step have a receipt, and their rows."""
        ...

    def receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; one that is there already stays as it is."""
        ...

    def step_done(self, number: int, step: Step, *, rows_left: int, kept_rows: int) -> None:
        """Write down that a step is done, with what the recheck found."""
        ...

    def purged(self, purged: Purged) -> None:
        """Write down what the purge did."""
        ...

    def ended(self, outcome: Literal["done", "limited", "stopped", "failed"], reason: str) -> None:
        """Write down that carrying out ended."""
        ...
