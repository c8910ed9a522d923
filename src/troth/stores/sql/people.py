"""A SQL store that can look for, show, erase and recheck people: `apply.people.PeopleStore` for databases.

Puts the parts together; each has a module of its own: counting here, erasing in `erase`, what is remembered of it in
`people_marks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from troth.apply.people import Done, Kept, PeopleBatch, Question, Record, Scanned
from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens
from troth.rights.abilities import Ability, Described
from troth.stores.sql import erase, people_count, people_lock, people_marks, purge, read, scan
from troth.stores.sql.store import SqlStore

ABILITIES: frozenset[Ability] = frozenset(
    {"delete", "blank", "replace", "generalise", "scrub", "prune", "detach", "recheck"}
)
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}


@dataclass(frozen=True, slots=True)
class SqlPeople:
    """One database, opened for people's rights."""

    engine: sa.Engine
    catalog: Catalog
    now: Callable[[], datetime]

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        return self.catalog.store

    @property
    def _once(self) -> sa.Engine:
        """The same engine, for statements that are made once: remembering them costs more than it saves."""
        return self.engine.execution_options(compiled_cache=None)

    def describe(self) -> Described:
        """Say what the store can and cannot do."""
        return Described(
            store=self.name,
            engine=ENGINES[self.catalog.dialect],
            can=ABILITIES,
            atomic=True,
            notes=self._notes(),
        )

    def _notes(self) -> tuple[str, ...]:
        hidden = sorted(table.name for table in self.catalog.tables.values() if table.rows_hidden)
        notes = [f"Row security hides rows of {name} from the role that looks." for name in hidden]
        plain = sorted(t.name for t in self.catalog.tables.values() if t.writable and not t.transactional)
        notes += [f"{name} is kept by an engine without transactions." for name in plain]
        return tuple(notes)

    def count(self, people: Manifest, questions: Sequence[Question]) -> tuple[int, ...]:
        """Answer how many rows satisfy each question; one statement a dataset, reads only.

        Raises:
            StoreError: the store does not answer, or lets nobody make a temporary table.
        """
        return people_count.count(self._once, self.catalog, people, questions)

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the store for one apply, of a plan of any kind; Refused when another holds it."""
        if self.catalog.dialect == "postgresql":
            return people_lock.held(self.engine, self.name)
        return SqlStore(self.engine, self.catalog, self.now).exclusive()

    def prepare(self) -> bool:
        """Make what remembers batches; False where the role may not."""
        return people_marks.prepare(self.engine, self.catalog)

    def batches(self, plan: str) -> Sequence[Done]:
        """List the batches of a plan that are done, in order."""
        return people_marks.done(self._once, self.catalog, plan)

    def erase(self, batch: PeopleBatch) -> Done:
        """Do every step for the people of a batch, and remember it in the same transaction.

        Raises:
            Refused: rows beyond the bound, or of somebody else, would be touched; rolled back.
            StoreError: anything else; rolled back.
        """
        return erase.erase(self._once, self.catalog, batch, self.now)

    def read(self, people: Manifest, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[Record]:
        """Stream the rows about the people, dataset by dataset."""
        return read.read(self.engine, self.catalog, people, ways)

    def scan(
        self,
        tokens: Tokens,
        ways: Mapping[str, tuple[Way, ...]],
        kept: Mapping[str, Sequence[Kept]],
        tick: Callable[[str], None],
    ) -> Scanned:
        """Look for what is left of the people in every text-like column, declared or not."""
        return scan.scan(self.engine, self.catalog, tokens, ways, kept, tick)

    def purge_people(self, datasets: Sequence[str]) -> Purged:
        """Deal with what the engine keeps of deleted rows and values."""
        return purge.run(self.engine, self.catalog, datasets)
