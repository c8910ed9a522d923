"""A plan: ordered steps, what is kept and why, counts, and a hash over all of it.

Format `troth.plan/1`, written up in docs/reference/plan.md. A plan is frozen: apply does exactly what stands
here, or refuses. It names datasets, columns, rules and counts, never a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.plan import frozen
from troth.plan.predicates import Predicate

FORMAT = "troth.plan/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """Set the column to NULL."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Put a fixed text in place of a value that may not be empty."""

    column: str
    text: str
    unique: bool = False
    """Add the row's key, where the column takes each value once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarsen:
    """Make a value less exact: an IP address its /24 or /48 network, a date its month or year."""

    column: str
    to: Literal["ip-prefix", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """Take the value at a path of keys out of the JSON document in the column; the rest of it stays."""

    column: str
    path: tuple[str, ...]


Change: TypeAlias = Blank | Replace | Coarsen | Prune


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows, and the oldest and newest date their rule counts from."""

    rows: int = 0
    oldest: str = ""
    newest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRows:
    """Remove rows."""

    id: str
    dataset: str
    where: Predicate
    promises: tuple[str, ...]
    planned: Tally = Tally()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFields:
    """Change columns of rows that stay."""

    id: str
    dataset: str
    why: Literal["expired", "detach", "unlink"]
    """Their class has expired; the record stays without the person; a reference stands in the way of a delete."""
    changes: tuple[Change, ...]
    where: Predicate
    promises: tuple[str, ...]
    rule: str = ""
    """The retention class whose fields change; empty for detach and unlink."""
    planned: Tally = Tally()


Step: TypeAlias = DeleteRows | ChangeFields

Reason = Literal[
    "hold",
    "needed-by",
    "not-started",
    "unreadable",
    "other-controller",
    "unknown-controller",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Rows that stay although a rule looks at them, and why."""

    dataset: str
    reason: Reason
    detail: str
    """The hold, the dataset that still needs the row, or the rule."""
    promises: tuple[str, ...]
    tally: Tally
    review: str = ""
    """When the reason is looked at again, ISO 8601; empty where it ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """A rule this plan cannot carry out for a dataset, and why."""

    promise: str
    dataset: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the plan was made from; apply refuses when any of it has changed."""

    rules: str
    """SHA-256 of the parsed policy and data map."""
    structure: tuple[tuple[str, str], ...]
    """Fingerprint of each store's catalog."""
    facts: str
    """SHA-256 of the holds' ids, ranks and reviews and of the date layouts; never of what a hold is about."""
    holds: tuple[str, ...] = ()
    """Ids of the holds in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What must happen, frozen."""

    organisation: str
    at: str
    """The instant the plan is for, ISO 8601 with zone."""
    simulation: bool
    """The instant was not now: for looking at only."""
    basis: Basis
    steps: tuple[Step, ...]
    kept: tuple[Kept, ...]
    unproven: tuple[Unproven, ...]
    table_rows: tuple[tuple[str, int], ...]
    """Rows of each dataset looked at."""
    warnings: tuple[str, ...] = ()
    """Triggers and the like: what else will happen when the steps run."""
    kind: Literal["retention"] = "retention"
    format: Literal["troth.plan/1"] = "troth.plan/1"
    hash: str = ""

    @property
    def rows(self) -> int:
        """Count the rows the steps touch."""
        return sum(step.planned.rows for step in self.steps)

    @property
    def stores(self) -> tuple[str, ...]:
        """Name the stores with a step."""
        return tuple(dict.fromkeys(step.dataset.partition(".")[0] for step in self.steps))

    def of_table(self, dataset: str) -> int:
        """Return how many rows a dataset had when it was measured."""
        return dict(self.table_rows).get(dataset, 0)


def sealed(plan: Plan) -> Plan:
    """Return the plan with the hash of everything else in it."""
    return frozen.sealed(plan)


def dump(plan: Plan) -> str:
    """Write a plan as JSON text, with a line end."""
    return frozen.dump(plan)


def load(text: str) -> Plan:
    """Read a plan back.

    Raises:
        codec.Undecodable: when the text is not a plan of this format, or was changed after it was sealed.
    """
    return frozen.load_sealed(Plan, FORMAT, text, "plan")
