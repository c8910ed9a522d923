"""Delta tables that can look for, show, erase and recheck people.

Rows go by rewriting the files that have them, as in a lake, with one commit a table: readers see all of a batch or
nothing. Purging removes the files of old versions and takes what the log shows of their values out of it; an owner
who wants old versions kept sets the table property `troth.history = keep`, and the purge says what stays readable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from troth.apply.people import Done, Kept, PeopleBatch, Scanned
from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.errors import StoreError
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens, tokens
from troth.rights.abilities import Ability, Described
from troth.stores.delta import log, snapshot
from troth.stores.delta.committing import Committing
from troth.stores.delta.history import History, stale
from troth.stores.delta.snapshot import LOG, Snapshot
from troth.stores.files import pattern
from troth.stores.lake import scan, sheets
from troth.stores.lake.engine import Session, session
from troth.stores.lake.erasing import Erasing
from troth.stores.lake.folder import DATASET, Listed
from troth.stores.lake.store import CAN, LakePeople
from troth.stores.tally import Tally

HISTORY = "troth.history"
KEEP = "keep"
"""What the table property says where old versions are to stay."""
NOTES = (
    "Purging removes the files of old versions, so that the table can no longer be read as it was before.",
    f"An owner who wants old versions kept sets the table property {HISTORY} = {KEEP}; people stay readable in them.",
)


@dataclass(slots=True)
class DeltaPeople(LakePeople):
    """The Delta tables of one store, opened."""

    _snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _erased: list[Manifest] = field(default_factory=list)
    """Who was erased since the store was opened: the purge looks whether the log still shows them."""

    def look(self) -> None:
        """Read every table's newest version.

        Raises:
            StoreError: there is no table, or one cannot be read.
        """
        snapshot.library(self.name)
        with session(self.name) as db:
            self._snapshots = {
                name: snapshot.read(db, self.name, name, path) for name, path in self._tables()
            }
        if not self._snapshots:
            raise StoreError(
                f"Store `{self.name}`: no Delta table matches `{self.where.pattern.text}`.",
                hint=f"A Delta table is a folder with a folder `{LOG}` in it; the pattern names the table's folder.",
            )
        self._listed = Listed(sheets={name: one.sheet for name, one in self._snapshots.items()})

    def _tables(self) -> Iterator[tuple[str, Path]]:
        for place in pattern.walk(self.where.pattern, folders=True):
            if (place.path / LOG).is_dir():
                yield self.where.single or place.values[DATASET], place.path

    @property
    def catalog(self) -> Catalog:
        """Its structure, as it was when the store was opened."""
        if self._catalog is None:
            self._catalog = sheets.catalog(self.name, "delta", self._listed.sheets)
        return self._catalog

    def describe(self) -> Described:
        """Say what the tables let be done, and what of them cannot be read."""
        found = LakePeople.describe(self)
        can: frozenset[Ability] = CAN
        notes: list[str] = [*NOTES]
        for one in self._snapshots.values():
            if one.frozen:
                can = frozenset({"recheck"})
                notes.append(f"{self.name}.{one.name} is not written, for {one.frozen}.")
            elif one.checked:
                can &= frozenset({"delete", "recheck"})
                notes.append(
                    f"{self.name}.{one.name} has constraints or computed columns: only whole rows go."
                )
        single = len(self._snapshots) == 1
        return replace(found, engine="delta", can=can, atomic=single, notes=(*notes, *found.notes[2:]))

    def _erasing(self, db: Session, batch: PeopleBatch, settled: Counter[int]) -> Erasing:
        return Committing(
            self,
            db,
            batch,
            settled,
            snapshots=self._snapshots,
            again=self._again,
            personal=self.declared,
            now=self.now,
        )

    def _again(self, name: str) -> Snapshot:
        self.look()
        return self._snapshots[name]

    def erase(self, batch: PeopleBatch) -> Done:
        """Do every step for the people of a batch, with one commit a table.

        Raises:
            Refused: more rows than the bound, or rows of others, would be touched; nothing was.
            StoreError: a table cannot be written; tables done before stay done, and a rerun does the rest.
        """
        self._erased.append(batch.people)
        return LakePeople.erase(self, batch)

    def clear(self, batch: PeopleBatch, done: Done) -> None:
        """Remove the old versions before a batch counts as done: a kill in between is made good by a rerun."""
        if any(done.rows.values()):
            for dataset in dict.fromkeys(step.dataset for _, step in batch.steps):
                self._forget(dataset)

    def settled(self, batch: PeopleBatch) -> Counter[int]:
        """Count what a killed run has committed of a batch: the log itself remembers."""
        self._journal.prepare()
        found = Counter[int]()
        for one in self._snapshots.values():
            for number, rows in log.marks(one.folder, batch.plan):
                if number == batch.number:
                    found.update(rows)
        return found

    def scan(
        self,
        tokens: Tokens,
        ways: Mapping[str, tuple[Way, ...]],
        kept: Mapping[str, Sequence[Kept]],
        tick: Callable[[str], None],
    ) -> Scanned:
        """Look for what is left of the people in live rows, in old files and in the log."""
        self.look()
        with session(self.name) as db:
            asked = scan.Asked(tokens=tokens, ways=ways, kept=kept, declared=self.declared, tick=tick)
            rows = scan.looked(db, self.name, self._listed.sheets, asked)
            found = scan.summed(self.name, rows)
            live = {look.sheet.name: look.tally for look in rows}
            looks = [
                History(db, self.name, one, tokens, live.get(name, Tally()))
                for name, one in self._snapshots.items()
            ]
            for look in looks:
                look.run()
        return replace(
            found,
            residues=(*found.residues, *(residue for look in looks for residue in look.residues())),
            unlooked=(*found.unlooked, *((self.name, why) for look in looks for why in look.unlooked)),
        )

    def purge_people(self, datasets: Sequence[str]) -> Purged:
        """Remove the files of old versions, and what the log shows of their values.

        Raises:
            StoreError: a batch met a file it could not deal with; everything else is done.
        """
        found = LakePeople.purge_people(self, datasets)
        kept: list[str] = []
        notes: list[str] = []
        for dataset in datasets:
            one = self._snapshots.get(dataset.partition(".")[2])
            if one is None:
                continue
            if one.settings.get(HISTORY, "").lower() == KEEP:
                kept += ["old-files", "statistics"]
                notes.append(
                    f"{dataset}: old versions and their statistics stay, by the table property {HISTORY}."
                )
            else:
                notes += self._purged(dataset, one)
        self.look()
        left = self._left()
        if left and not kept:
            notes.append("Something of the people is still readable in: " + ", ".join(left) + ".")
        readable = dict.fromkeys((*kept, *("log" for _ in left), *found.readable))
        return replace(
            found,
            engine="delta",
            outcome="partly" if kept or left else found.outcome,
            readable=tuple(readable) if datasets else (),
            notes=(*notes, *found.notes),
        )

    def _keeps(self, dataset: str) -> bool:
        one = self._snapshots.get(dataset.partition(".")[2])
        return one is not None and one.settings.get(HISTORY, "").lower() == KEEP

    def _forget(self, dataset: str) -> Sequence[str]:
        """Remove what old versions of a table still show, unless its owner wants them kept; say what was done."""
        self.look()
        one = self._snapshots.get(dataset.partition(".")[2])
        if one is None:
            return ()
        if self._keeps(dataset):
            return (f"{dataset}: old versions and their statistics stay, by the table property {HISTORY}.",)
        return tuple(self._purged(dataset, one))

    def _purged(self, dataset: str, one: Snapshot) -> Iterator[str]:
        found = snapshot.table(self.name, one.folder)
        with self._speaking():
            if stale(one):
                found.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
            yield f"{dataset}: files of old versions are removed; it can no longer be read as it was before."
            left = len(stale(one))
            if left:
                yield f"{dataset}: {left} files of no version stay: another writer may be about to commit them."
            if log.checkpoints(one.folder):
                found.update_incremental()
                found.create_checkpoint()
                newest = found.version()
                for version, path in log.checkpoints(one.folder):
                    if version < newest:
                        path.unlink()
                yield f"{dataset}: older checkpoints are replaced by one of the newest version."
            for path in log.others(one.folder):
                if path.suffix == ".crc":
                    path.unlink()
            log.strip(one.folder, (file.encoded for file in one.live.values()), self._shows)
            yield f"{dataset}: minima and maxima of removed files are taken out of the log."

    def _shows(self, text: str) -> bool:
        return any(wanted.look(text) for wanted in map(tokens, self._erased))

    def _left(self) -> list[str]:
        """Name the places outside live rows that still show somebody who was erased."""
        found: dict[str, None] = {}
        with session(self.name) as db:
            for people in self._erased:
                for one in self._snapshots.values():
                    look = History(db, self.name, one, tokens(people))
                    look.run()
                    found |= {f"{self.name}.{one.name} {place}": None for place, _, _ in look.found}
        return list(found)
