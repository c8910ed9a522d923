"""An erasure plan: what goes and what stays of the people of one manifest, why, and what a person must do by hand.

Format `troth.erasure/1`, written up in docs/reference/erasure-plan.md. It names datasets, fields, rules and counts,
never a person: who it is about stands in the sealed manifest, of which it has a salted digest. A plan is frozen:
apply does exactly what stands here, or refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.plan import frozen
from troth.plan.model import Basis, Change
from troth.plan.predicates import Predicate

FORMAT = "troth.erasure/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrub:
    """Replace the people's own identities and full names in free text, a list or a document; the rest stays."""

    column: str


ErasureChange: TypeAlias = Change | Scrub


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseRows:
    """Remove rows: nothing in them is anybody else's, and nothing keeps them."""

    id: str
    dataset: str
    where: Predicate
    promises: tuple[str, ...]
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFields:
    """Change columns of rows that stay."""

    id: str
    dataset: str
    why: Literal["erased", "detach", "scrub"]
    """The fields are the person's; the row loses its way to the person; the person is named in text of others."""
    changes: tuple[ErasureChange, ...]
    where: Predicate
    promises: tuple[str, ...]
    rows: int = 0


ErasureStep: TypeAlias = EraseRows | EraseFields

SpareReason = Literal[
    "hold",
    "statutory-duty",
    "restriction",
    "open-case",
    "own-interest",
    "shared",
    "needed-by",
    "key",
    "other-controller",
    "unknown-controller",
    "cannot-blank",
    "store-cannot",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """Fields of the people that stay, and why."""

    dataset: str
    fields: tuple[str, ...]
    """Columns that stay; empty for the row as such."""
    reason: SpareReason
    detail: str
    """The hold, the rule, the other person's role, or what still needs the row."""
    promises: tuple[str, ...]
    rows: int
    ends: str = ""
    """When the ground ends, ISO 8601, or in words (`7 years after transaction.made`); empty where nobody can say."""
    review: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something only a person can do: a store that cannot do a step, a shelf, a device."""

    store: str
    what: str
    """In words, without a personal value."""
    due: str
    """ISO 8601 date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlooked:
    """Something the plan could not look at, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePlan:
    """What must happen to erase some people, frozen."""

    organisation: str
    at: str
    simulation: bool
    basis: Basis
    manifest: str
    """Salted digest of the sealed manifest."""
    people: int
    steps: tuple[ErasureStep, ...]
    spared: tuple[Spared, ...]
    tasks: tuple[Task, ...]
    unlooked: tuple[Unlooked, ...]
    counted: tuple[tuple[str, int], ...]
    """Rows about the people in every dataset looked at, none included."""
    warnings: tuple[str, ...] = ()
    instruction: str = ""
    """Of a controller for whom the rows are held: their own name for what they told us; empty for our own rows."""
    controller: str = ""
    """That controller, as the data map names them; the steps touch the rows held for them and no others."""
    kind: Literal["rights"] = "rights"
    format: Literal["troth.erasure/1"] = "troth.erasure/1"
    hash: str = ""

    @property
    def stores(self) -> tuple[str, ...]:
        """Name the stores with a step, in the order of work."""
        return tuple(dict.fromkeys(step.dataset.partition(".")[0] for step in self.steps))

    @property
    def rows(self) -> int:
        """Count the rows the steps touch; a row that two steps touch counts twice."""
        return sum(step.rows for step in self.steps)

    def of_store(self, store: str) -> tuple[tuple[int, ErasureStep], ...]:
        """Return the steps on one store with their numbers in the plan."""
        return tuple(
            (number, step)
            for number, step in enumerate(self.steps, 1)
            if step.dataset.startswith(f"{store}.")
        )


def sealed(plan: ErasurePlan) -> ErasurePlan:
    """Return the plan with the hash of everything else in it."""
    return frozen.sealed(plan)


def dump(plan: ErasurePlan) -> str:
    """Write a plan as JSON text, with a line end."""
    return frozen.dump(plan)


def load(text: str) -> ErasurePlan:
    """Read a plan back.

    Raises:
        codec.Undecodable: when the text is not a plan of this format, or was changed after it was sealed.
    """
    return frozen.load_sealed(ErasurePlan, FORMAT, text, "plan")
