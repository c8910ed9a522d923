"""What erasing, exporting and rechecking people needs of a store, whatever its kind.

Every adapter in `stores` fills this port and passes one contract suite (tests/db/contract.py). A batch is some people
of the manifest with every step of the plan on that store: one transaction where the store has any, so that a store
is never left with some tables erased and one not; a batch done again finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens
from troth.plan.predicates import Predicate
from troth.rights.abilities import Described
from troth.rights.model import ErasureStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How many rows of a dataset satisfy a predicate about the people at hand."""

    dataset: str
    where: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleBatch:
    """Some people, and every step on this store."""

    plan: str
    """Hash of the plan; empty where the store cannot remember batches."""
    number: int
    people: Manifest
    steps: tuple[tuple[int, ErasureStep], ...]
    """Steps with their numbers in the plan; predicates with the holds filled in."""
    ways: Mapping[str, tuple[Way, ...]]
    """Every way of the datasets of the steps: whose row it is decides what is scrubbed from it."""
    at_most: Mapping[int, int]
    """Most rows a step may touch in this batch, by its number; a step that is not named has no bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a batch did."""

    number: int
    rows: Mapping[int, int]
    """Rows touched, by number of the step."""
    at: datetime
    foreign: int = 0
    """Rows touched that were not staged for the people of the batch: always 0, or the batch is rolled back."""


class Record(NamedTuple):
    """One row about somebody, as an export reads it; a tuple, for there are many."""

    person: int
    dataset: str
    row: str
    """A digest or number that tells rows apart within the dataset; never a key of somebody else."""
    roles: tuple[str, ...]
    """The roles in which the person stands in the row."""
    shared: bool
    """Other people stand in it too."""
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """Something of the people that is still there: by place, never by value."""

    dataset: str
    column: str
    how: Literal["exact", "normalised", "hashed", "name", "file-name", "object-name"]
    kind: str
    """Kind of identity: email, phone, ip, id, name."""
    rows: int
    declared: bool
    """The column stands in the data map as personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a plan lets stay: some columns of some rows, for the people whose rows they are and for nobody else."""

    rule: int
    """Number by which `Stayed` names it."""
    columns: frozenset[str]
    where: Predicate
    """Which rows of its dataset, holds filled in; it stays for those of the people at hand to whom a row leads."""
    people: frozenset[int] | None = None
    """It stays for these people only; None for everybody at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """Something of the people that is still there, and that the plan lets stay: by place, never by value."""

    dataset: str
    column: str
    how: Literal["exact", "normalised", "hashed", "name", "file-name", "object-name"]
    kind: str
    rows: int
    rule: int
    """Number of what lets it stay (`Kept`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was looked at."""

    dataset: str
    rows: int
    bytes: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan of one store found, and what it looked at."""

    store: str
    residues: tuple[Residue, ...]
    coverage: tuple[Coverage, ...]
    unlooked: tuple[tuple[str, str], ...] = ()
    """Places that were not looked at, with the reason."""
    stayed: tuple[Stayed, ...] = ()
    """What was found, and is no residue because the plan lets it stay."""


class PeopleStore(Protocol):
    """A store that can look for, show, erase and recheck people."""

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        ...

    @property
    def catalog(self) -> Catalog:
        """Its structure, read when it was opened."""
        ...

    def describe(self) -> Described:
        """Say what the store can and cannot do."""
        ...

    def count(self, people: Manifest, questions: Sequence[Question]) -> tuple[int, ...]:
        """Answer how many rows satisfy each question; reads only."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the store for one apply; Refused when another holds it."""
        ...

    def prepare(self) -> bool:
        """Make what remembers batches; False where the role may not, so that counts can be lost by a kill."""
        ...

    def batches(self, plan: str) -> Sequence[Done]:
        """List the batches of a plan that are done, in order."""
        ...

    def erase(self, batch: PeopleBatch) -> Done:
        """Do every step for the people of a batch, and remember it in the same transaction.

        Raises:
            Refused: rows beyond the bound, or of somebody else, would be touched; rolled back.
            StoreError: anything else; rolled back where the store has transactions.
        """
        ...

    def read(self, people: Manifest, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[Record]:
        """Stream the rows about the people, dataset by dataset; never all of them in memory."""
        ...

    def scan(
        self,
        tokens: Tokens,
        ways: Mapping[str, tuple[Way, ...]],
        kept: Mapping[str, Sequence[Kept]],
        tick: Callable[[str], None],
    ) -> Scanned:
        """Look for what is left of the people in every text-like column, declared or not.

        Args:
            tokens: What is looked for, in every form.
            ways: How rows reach people: names and keys are looked for only in rows that are theirs.
            kept: What stays by the plan, by dataset: looked at like all else, told apart row by row and person by
                person from what must not be there.
            tick: Told the dataset before it is scanned.
        """
        ...

    def purge_people(self, datasets: Sequence[str]) -> Purged:
        """Deal with what the engine keeps of deleted rows and values: dead tuples, statistics, logs."""
        ...
