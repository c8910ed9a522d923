"""Stores nothing can act on from here: paper, devices, services of others. Everything about them is a person's task.

It says so by abilities: none. The planner makes a task with a due date of every dataset the data map has there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from troth.apply.people import Done, Kept, PeopleBatch, PeopleStore, Question, Record, Scanned
from troth.apply.ports import Purged
from troth.catalog.datamap import Dataset, Store
from troth.catalog.model import Catalog
from troth.errors import Refused
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens
from troth.rights.abilities import Described

_WHY = {
    "physical": "is no data on a machine: somebody must look and act there by hand",
    "device": "is on devices Troth has no access to: somebody must act on each",
    "service": "is run by somebody else: ask there, and keep the answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A store without an engine; fills `apply.people.PeopleStore` by doing nothing and saying so."""

    name: str
    kind: str
    datasets: tuple[str, ...]

    @property
    def catalog(self) -> Catalog:
        """Return no structure: nobody can read what is there."""
        return Catalog(store=self.name, dialect=self.kind)

    def describe(self) -> Described:
        """Say that nothing can be done from here."""
        return Described(
            store=self.name,
            engine=self.kind,
            can=frozenset(),
            atomic=False,
            joins=False,
            notes=(f"What is in {self.name} {_WHY[self.kind]}.",),
        )

    def count(self, people: Manifest, questions: Sequence[Question]) -> tuple[int, ...]:  # noqa: ARG002
        """Count nothing: what is there is a task, not a row."""
        return (0,) * len(questions)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold nothing."""
        yield

    def prepare(self) -> bool:
        """Say that nothing is remembered here."""
        return False

    def batches(self, plan: str) -> Sequence[Done]:  # noqa: ARG002
        """List none."""
        return ()

    def erase(self, batch: PeopleBatch) -> Done:  # noqa: ARG002
        """Refuse: no plan has a step here.

        Raises:
            Refused: always.
        """
        raise Refused(
            f"Troth cannot act on store {self.name}: it {_WHY[self.kind]}.",
            hint="Do the tasks of the plan by hand.",
        )

    def read(
        self,
        people: Manifest,  # noqa: ARG002
        ways: Mapping[str, tuple[Way, ...]],  # noqa: ARG002
    ) -> Iterator[Record]:
        """Read nothing."""
        return iter(())

    def scan(
        self,
        tokens: Tokens,  # noqa: ARG002
        ways: Mapping[str, tuple[Way, ...]],  # noqa: ARG002
        kept: Mapping[str, Sequence[Kept]],  # noqa: ARG002
        tick: Callable[[str], None],  # noqa: ARG002
    ) -> Scanned:
        """Name every dataset as not looked at."""
        places = self.datasets or (self.name,)
        unlooked = tuple((dataset, f"it {_WHY[self.kind]}") for dataset in places)
        return Scanned(store=self.name, residues=(), coverage=(), unlooked=unlooked)

    def purge_people(self, datasets: Sequence[str]) -> Purged:  # noqa: ARG002
        """Purge nothing."""
        return Purged(store=self.name, engine=self.kind, outcome="done")


@contextmanager
def opened(
    name: str,
    declared: Store,
    datasets: Mapping[str, Dataset],
    folder: Path,  # noqa: ARG001
    now: Callable[[], datetime],  # noqa: ARG001
) -> Iterator[PeopleStore]:
    """Open a store that nothing can act on."""
    kind = declared.kind if declared.kind in _WHY else "physical"
    yield Shelf(name=name, kind=str(kind), datasets=tuple(datasets))
