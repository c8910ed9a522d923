"""A store of plain files that can look for, show, erase and recheck people; fills `apply.people.PeopleStore`.

There are no transactions across files: a kill leaves some files done and others not, each whole, and a run after it
does the rest and counts what the first one did. What cannot be read is named in `Scanned.unlooked`.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from troth.apply.people import Done, Kept, PeopleBatch, Question, Record, Scanned
from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.errors import Refused, StoreError
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens
from troth.rights.abilities import Described
from troth.stores import locks
from troth.stores.files import looking, pattern, spooling, spotting, writing
from troth.stores.files.asking import Index, holds, persons
from troth.stores.files.journal import Intent, Journal, Settled
from troth.stores.files.medium import BROKEN, Acting, Medium, Prepared, found_by
from troth.stores.files.pattern import Place, Skipped
from troth.stores.files.spotting import Spotter

AT_ONCE = 100
"""Files whose new versions wait to be put in place together, after one line for each has reached the disk."""


@dataclass(slots=True)
class FilePeople:
    """One store of files, opened."""

    name: str
    medium: Medium
    folder: Path
    """Where the lock and the journal are: the folder the pattern begins with."""
    declared: frozenset[str]
    """Columns that the data map calls personal."""
    now: Callable[[], datetime]
    _journal: Journal = field(init=False)
    _passed: dict[Path, str] = field(init=False, default_factory=dict)
    """Files that could not be read to their end, with the reason; by path, which nothing repeats."""

    def __post_init__(self) -> None:
        """Say where batches are remembered."""
        self._journal = Journal(self.folder / f"{pattern.OURS}{self.name}.jsonl")

    @property
    def catalog(self) -> Catalog:
        """Its structure: one table."""
        bare = self.medium.table.name
        return Catalog(store=self.name, dialect=self.medium.engine, tables={bare: self.medium.table})

    def describe(self) -> Described:
        """Say what the store can and cannot do, and what of it cannot be read."""
        skipped = Skipped()
        closed = files = 0
        for place in self.medium.places(skipped):
            files += 1
            closed += not os.access(place.path, os.R_OK)
        notes = [
            *self.medium.notes,
            *(f"Not looked at: {what}: {n:,}." for n, what in looking.passed(skipped)),
        ]
        if closed:
            notes.append(
                f"Not looked at: files that cannot be read with these rights: {closed:,} of {files:,}."
            )
        if not files:
            notes.append("No file matches the pattern.")
        return Described(
            store=self.name,
            engine=self.medium.engine,
            can=self.medium.can,
            atomic=False,
            joins=False,
            notes=tuple(notes),
            unread=tuple(
                (self.medium.dataset, f"{what}: {n:,}") for what, n in Counter(self._passed.values()).items()
            ),
        )

    def count(self, people: Manifest, questions: Sequence[Question]) -> tuple[int, ...]:
        """Answer how many rows satisfy each question, in one pass over the files."""
        index = Index(people, self.medium.text)
        found = [0] * len(questions)
        own = [(n, q.where) for n, q in enumerate(questions) if q.dataset == self.medium.dataset]
        for place in self.medium.places() if own else ():
            with self._tolerant(place):
                for item in self.medium.items(place):
                    for number, where in own:
                        found[number] += holds(where, item, index)
        return tuple(found)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep a second apply out until the block ends, even when this process is killed."""
        path = self.folder / f"{pattern.OURS}{self.name}.lock"
        with self._speaking():
            file = path.open("w")
        with locks.held(file, path, self.name):
            yield

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn the system's words into ours; a path may hold an identity, so none is named."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"Store `{self.name}`: its files cannot be changed: {error.strerror or 'input/output error'}.",
                hint="Troth needs to write the files and their folders; mend that and run the same command again.",
            ) from error

    @contextmanager
    def _tolerant(self, place: Place) -> Iterator[None]:
        """Go on with the next file when one cannot be read, or is gone; what was not read to its end is named."""
        try:
            yield
        except BROKEN as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EMFILE):
                raise
            if not isinstance(error, FileNotFoundError | PermissionError):
                self._passed[place.path] = looking.why(error)
        else:
            self._passed.pop(place.path, None)

    def prepare(self) -> bool:
        """Make what remembers batches; False where nothing can be written."""
        return self._journal.prepare()

    def batches(self, plan: str) -> Sequence[Done]:
        """List the batches of a plan that are done, in order."""
        with self._speaking():
            return self._journal.done(plan)

    def erase(self, batch: PeopleBatch) -> Done:
        """Do every step for the people of a batch, file by file, and remember it.

        Raises:
            Refused: more rows than the bound would be touched; nothing was.
            StoreError: a file or folder cannot be written; files done before stay done, and a rerun does the rest.
        """
        people = batch.people
        spotter = Spotter(spotting.wanted(people))
        acting = Acting(
            Index(people, self.medium.text), spotter, self.medium.dataset, batch.steps, batch.ways
        )
        with self._speaking():
            before = self._begin(batch)
            hit, found = self._hit(acting, before)
            settled = before.rows
            self._bounded(batch, settled + found)
            made = settled + self._written(batch, hit, acting)
            self.medium.clear(acting)
            rows = {number: made[number] for number, _ in batch.steps}
            done = Done(number=batch.number, rows=rows, at=self.now())
            if batch.plan:
                self._journal.finish(batch.plan, done)
        return done

    def _begin(self, batch: PeopleBatch) -> Settled:
        """Learn what a killed run has done of this batch, and clear up behind it."""
        settled = Settled(Counter(), {})
        if batch.plan:
            settled = self._journal.begin(batch.plan, batch.number, self._present())
        writing.tidy(self.folder)
        return settled

    def _present(self) -> Iterator[tuple[str, int]]:
        for place in self.medium.places():
            try:
                yield self.medium.key(place), place.path.stat(follow_symlinks=False).st_ino
            except FileNotFoundError:
                continue

    def _hit(self, acting: Acting, before: Settled) -> tuple[list[Place], Counter[int]]:
        """Find the files that have work, without touching any."""
        hit: list[Place] = []
        rows: Counter[int] = Counter()
        for place in self.medium.places():
            trial = acting.fresh()
            touched = False
            with self._tolerant(place):
                for item in self.medium.items(place):
                    touched |= trial.on(item) != "same"
                if touched:
                    hit.append(place)
                    rows += trial.rows
            before.rows += before.within.get(self.medium.key(place), Counter()) - trial.rows
        return hit, rows

    def _bounded(self, batch: PeopleBatch, rows: Counter[int]) -> None:
        for number, most in batch.at_most.items():
            if rows[number] > most:
                raise Refused(
                    f"Step {number} would touch {rows[number]:,} rows of {self.medium.dataset}, more than {most:,}.",
                    hint="Make a new plan: there is more about these people than when it was made.",
                )

    def _written(self, batch: PeopleBatch, hit: Sequence[Place], acting: Acting) -> Counter[int]:
        rows: Counter[int] = Counter()
        for start in range(0, len(hit), AT_ONCE):
            waiting: list[tuple[Place, Prepared]] = []
            try:
                for place in hit[start : start + AT_ONCE]:
                    prepared = self._prepared(place, acting.fresh())
                    if prepared is not None:
                        waiting.append((place, prepared))
                if batch.plan:
                    self._journal.intend(batch.plan, batch.number, (self._intent(*one) for one in waiting))
                while waiting:
                    _, prepared = waiting.pop(0)
                    prepared.put()
                    rows.update(prepared.rows)
            finally:
                for _, prepared in waiting:
                    prepared.drop()
        return rows

    def _prepared(self, place: Place, acting: Acting) -> Prepared | None:
        try:
            return self.medium.prepare(place, acting)
        except FileNotFoundError:
            return None

    def _intent(self, place: Place, prepared: Prepared) -> Intent:
        return Intent(
            key=self.medium.key(place),
            rows=prepared.rows,
            inode=prepared.inode,
            within=prepared.within,
        )

    def read(self, people: Manifest, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[Record]:
        """Stream the rows about the people, person by person, each in the order of the files."""
        found = self._records(people, ways)
        return found if len(people.people) == 1 else spooling.by_person(found)

    def _records(self, people: Manifest, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[Record]:
        index = Index(people, self.medium.text)
        spotter = Spotter(spotting.wanted(people))
        own = ways.get(self.medium.dataset, ())
        columns = found_by(own)
        for place in self.medium.places() if own else ():
            with self._tolerant(place):
                for number, item in enumerate(self.medium.items(place), 1):
                    found = persons(index, own, item)
                    for person, roles in found.items():
                        yield Record(
                            person=person,
                            dataset=self.medium.dataset,
                            row=f"{place.number}.{number}",
                            roles=roles,
                            shared=len(found) > 1 or item.others(frozenset({person}), spotter, columns),
                            values=item.values(),
                        )

    def scan(
        self,
        tokens: Tokens,
        ways: Mapping[str, tuple[Way, ...]],
        kept: Mapping[str, Sequence[Kept]],
        tick: Callable[[str], None],
    ) -> Scanned:
        """Look for what is left of the people in file names and in all text."""
        tick(self.medium.dataset)
        own = ways.get(self.medium.dataset, ())
        rules = kept.get(self.medium.dataset, ())
        return looking.Look(self.medium, tokens, own, self.declared, rules).run(self.name)

    def purge_people(self, datasets: Sequence[str]) -> Purged:
        """Say what a file system keeps of removed and rewritten files: nothing of it can be wiped from here."""
        touched = self.medium.dataset in datasets
        notes = (
            "The blocks of removed and rewritten files stay on the disk until they are used again.",
            "Snapshots, backups and copies of the file system keep the old files.",
        )
        return Purged(
            store=self.name,
            engine=self.medium.engine,
            outcome="done",
            readable=("file-blocks", "snapshots", *self.medium.readable) if touched else (),
            notes=notes if touched else (),
        )
