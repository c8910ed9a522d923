"""A lake that can look for, show, erase and recheck people: Parquet, CSV and JSON-lines files, worked on by DuckDB.

First it is seen which files are hit, reading only the columns a question needs; then each of those is written anew
and put in place of the old one. There are no transactions across files: a kill leaves some done and others not,
each whole, and a run after it does the rest and counts what the first one did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from troth.apply.people import Done, Kept, PeopleBatch, Question, Record, Scanned
from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.errors import StoreError
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens
from troth.rights.abilities import Ability, Described
from troth.stores import locks
from troth.stores.files import looking, pattern, writing
from troth.stores.files.journal import Intent, Journal
from troth.stores.lake import folder, reading, scan, sheets
from troth.stores.lake.engine import Session, Unreadable, one_file, session
from troth.stores.lake.erasing import Erasing
from troth.stores.lake.folder import Folder, Known, Listed
from troth.stores.lake.fragment import joined, piece
from troth.stores.lake.parts import Part
from troth.stores.lake.render import Render
from troth.stores.lake.sheets import Sheet, relation
from troth.stores.lake.staged import People

CAN: frozenset[Ability] = frozenset(
    {"delete", "blank", "replace", "generalise", "scrub", "prune", "detach", "recheck"}
)
MOST_NAMED = 10
"""Files named one by one."""
NOTES = (
    "Files are written anew one by one: a kill leaves some done and others not, each whole; a rerun does the rest.",
    "Versions an object store or file system keeps of replaced files are not reached.",
)


@dataclass(slots=True)
class LakePeople:
    """One lake, opened."""

    name: str
    where: Folder
    declared: Mapping[str, frozenset[str]]
    """Columns the data map calls personal, by dataset."""
    now: Callable[[], datetime]
    _listed: Listed = field(default_factory=lambda: Listed(sheets={}))
    _catalog: Catalog | None = None
    _troubled: dict[str, str] = field(default_factory=dict)
    """Files that a batch could not deal with, by dataset and number, with the reason."""
    _linked: int = 0
    _known: Known = field(default_factory=dict)

    def look(self) -> None:
        """Walk through the folder again.

        Raises:
            StoreError: DuckDB is not installed, or no file matches.
        """
        with session(self.name) as db:
            self._listed = folder.listed(db, self.where, self._known)
        if not self._listed.sheets:
            raise StoreError(
                f"Store `{self.name}`: no Parquet, CSV or JSON-lines file matches `{self.where.pattern.text}`.",
                hint="The pattern counts from the project's folder; correct it, or mount what is missing.",
            )

    @property
    def catalog(self) -> Catalog:
        """Its structure, as it was when the lake was opened."""
        if self._catalog is None:
            self._catalog = sheets.catalog(self.name, "duckdb", self._listed.sheets)
        return self._catalog

    @property
    def _journal(self) -> Journal:
        return Journal(self.where.base / f"{pattern.OURS}{self.name}.jsonl")

    def describe(self) -> Described:
        """Say what the lake can and cannot do, and what of it cannot be read."""
        notes = [*NOTES, *(f"{n} {what}" for n, what in looking.passed(self._listed.skipped))]
        if self._listed.foreign:
            notes.append(
                f"{self._listed.foreign} files are no Parquet, CSV or JSON lines, and are not looked at."
            )
        bad = [
            f"{self._called(sheet, part)} {'cannot be read' if part.bad else 'cannot be written anew'}: "
            f"{part.bad or part.frozen}."
            for sheet in self._listed.sheets.values()
            for part in sheet.parts
            if part.bad or part.frozen
        ]
        more = [f"{len(bad) - MOST_NAMED:,} more files cannot be read or written anew."]
        notes += [*bad[:MOST_NAMED], *(more if len(bad) > MOST_NAMED else [])]
        return Described(
            store=self.name,
            engine="duckdb",
            can=CAN,
            atomic=False,
            notes=tuple(notes),
            unread=tuple(self._unread())[:MOST_NAMED],
        )

    def _unread(self) -> Iterator[tuple[str, str]]:
        for sheet in self._listed.sheets.values():
            for part in sheet.parts:
                if part.bad:
                    yield f"{self.name}.{sheet.name}", f"{scan.number_of(sheet, part)}: {part.bad}"

    def _called(self, sheet: Sheet, part: Part) -> str:
        return f"{self.name}.{sheet.name}, {scan.number_of(sheet, part)},"

    def count(self, people: Manifest, questions: Sequence[Question]) -> tuple[int, ...]:
        """Answer how many rows satisfy each question, with one statement a file."""
        self.look()
        found = [0] * len(questions)
        with session(self.name) as db:
            staged = People(db, people, self._listed.sheets)
            for dataset in dict.fromkeys(question.dataset for question in questions):
                own = [n for n, question in enumerate(questions) if question.dataset == dataset]
                sheet = sheets.of(self._listed.sheets, self.name, dataset)
                for part in sheet.readable:
                    with self._tolerant():
                        counts = self._counted(db, staged, sheet, part, [questions[n] for n in own])
                        for n, rows in zip(own, counts, strict=True):
                            found[n] += rows
        return tuple(found)

    def _counted(
        self, db: Session, staged: People, sheet: Sheet, part: Part, questions: Sequence[Question]
    ) -> Sequence[int]:
        rows = relation(sheet, part)
        render = Render(staged, self.name, sheet, rows)
        counts = joined((piece("count(*) FILTER ({})", render.true(q.where)) for q in questions), ", ")
        (row,) = db.rows(piece("SELECT {} FROM {} AS t0", counts, rows))
        return row

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        """Go on with the next file when one cannot be read: the recheck names what was not looked at."""
        try:
            with one_file(self.name):
                yield
        except Unreadable:
            return

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep a second apply out until the block ends, even when this process is killed."""
        path = self.where.base / f"{pattern.OURS}{self.name}.lock"
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

    def prepare(self) -> bool:
        """Make what remembers batches; False where nothing can be written."""
        return self._journal.prepare()

    def batches(self, plan: str) -> Sequence[Done]:
        """List the batches of a plan that are done, in order."""
        with self._speaking():
            return self._journal.done(plan)

    def erase(self, batch: PeopleBatch) -> Done:
        """Do every step for the people of a batch, file by file, and remember it.

        A batch that met a file it could not deal with is not remembered as done; `purge_people` then says so, when
        every other file is done.

        Raises:
            Refused: more rows than the bound, or rows of others, would be touched; nothing was.
            StoreError: a folder cannot be written; files done before stay done, and a rerun does the rest.
        """
        self.look()
        with self._speaking(), session(self.name, threads=1) as db:
            settled = self.settled(batch) if batch.plan else Counter()
            writing.tidy(self.where.base)
            rows = settled + self._erasing(db, batch, settled).run()
            done = Done(number=batch.number, rows={n: rows[n] for n, _ in batch.steps}, at=self.now())
            self.clear(batch, done)
            if batch.plan and not self._troubled:
                self._journal.finish(batch.plan, done)
        return done

    def clear(self, batch: PeopleBatch, done: Done) -> None:
        """Remove what a batch has left behind it before it counts as done; files have no old versions here."""

    def settled(self, batch: PeopleBatch) -> Counter[int]:
        """Begin a batch, or go on with it: count what a killed run has done."""
        return self._journal.begin(batch.plan, batch.number, self._present()).rows

    def _erasing(self, db: Session, batch: PeopleBatch, settled: Counter[int]) -> Erasing:
        return Erasing(self, db, batch, settled)

    def _present(self) -> Iterator[tuple[str, int]]:
        for sheet in self._listed.sheets.values():
            for part in sheet.parts:
                try:
                    yield part.relative, part.path.stat().st_ino
                except FileNotFoundError:
                    continue

    @property
    def sheets(self) -> Mapping[str, Sheet]:
        """The datasets, as they were when the folder was walked through."""
        return self._listed.sheets

    @property
    def base(self) -> Path:
        """The folder the pattern begins with."""
        return self.where.base

    def intend(self, batch: PeopleBatch, intent: Intent) -> None:
        """Write down what happens next, where batches are remembered."""
        if batch.plan:
            self._journal.intend(batch.plan, batch.number, [intent])

    def trouble(self, sheet: Sheet, part: Part, why: str) -> None:
        """Remember a file that could not be dealt with."""
        self._troubled[self._called(sheet, part)] = why

    def linked(self) -> None:
        """Remember that a file had another name, under which its old content stays."""
        self._linked += 1

    def read(self, people: Manifest, ways: Mapping[str, tuple[Way, ...]]) -> Iterator[Record]:
        """Stream the rows about the people, dataset by dataset and person by person."""
        self.look()
        with session(self.name) as db:
            staged = People(db, people, self._listed.sheets)
            yield from reading.read(db, self.name, staged, self._listed.sheets, ways)

    def scan(
        self,
        tokens: Tokens,
        ways: Mapping[str, tuple[Way, ...]],
        kept: Mapping[str, Sequence[Kept]],
        tick: Callable[[str], None],
    ) -> Scanned:
        """Look for what is left of the people in all text, in names of files and in their metadata."""
        self.look()
        with session(self.name) as db:
            asked = scan.Asked(tokens=tokens, ways=ways, kept=kept, declared=self.declared, tick=tick)
            found = scan.scan(db, self.name, self._listed.sheets, asked)
        passed = tuple((self.name, f"{n} {what}") for n, what in looking.passed(self._listed.skipped))
        if self._listed.foreign:
            passed += ((self.name, f"{self._listed.foreign} files of other formats"),)
        return Scanned(
            store=self.name,
            residues=found.residues,
            coverage=found.coverage,
            unlooked=(*found.unlooked, *passed),
            stayed=found.stayed,
        )

    def purge_people(self, datasets: Sequence[str]) -> Purged:
        """Say what a file system keeps of replaced files: nothing of it can be wiped from here.

        Raises:
            StoreError: a batch met a file it could not deal with; everything else is done.
        """
        if self._troubled:
            named = sorted(f"{called} {why}" for called, why in self._troubled.items())
            more = [f"{len(named) - MOST_NAMED:,} more"] if len(named) > MOST_NAMED else []
            files = "; ".join([*named[:MOST_NAMED], *more])
            self._troubled = {}
            raise StoreError(
                f"Store `{self.name}`: not everything is done, for {files}. All other files are done.",
                hint="Mend, restore or remove the file, then run the same command again: it does what is left.",
            )
        readable = ["file-blocks", "snapshots", "object-versions"]
        notes = [
            "The blocks of replaced files stay on the disk until they are used again.",
            "Snapshots, backups and versions kept by the file system or object store have the old files.",
        ]
        if self._linked:
            readable.append("hard-links")
            notes.append(
                f"{self._linked} files had a second name (hard link) that still leads to the old content."
            )
        return Purged(
            store=self.name,
            engine="duckdb",
            outcome="partly" if self._linked else "done",
            readable=tuple(readable) if datasets else (),
            notes=tuple(notes) if datasets else (),
        )
