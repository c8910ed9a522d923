"""One batch on its way through the files of a lake: look at everything first, then write what is hit anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from troth.apply.people import PeopleBatch
from troth.errors import Refused
from troth.stores.files import spotting, writing
from troth.stores.files.journal import Intent
from troth.stores.files.spotting import Spotter
from troth.stores.lake import columnar, hits, lines, sheets, swapping
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.hits import Numbered, Work
from troth.stores.lake.parts import Part
from troth.stores.lake.sheets import Sheet
from troth.stores.lake.staged import People

ANEW = 5
"""How often a file is done anew when somebody has changed it meanwhile."""


class Lake(Protocol):
    """What a batch needs of its store."""

    name: str

    @property
    def sheets(self) -> Mapping[str, Sheet]:
        """The datasets."""
        ...

    @property
    def base(self) -> Path:
        """The folder below which everything is."""
        ...

    def intend(self, batch: PeopleBatch, intent: Intent) -> None:
        """Write down what happens next to a file."""
        ...

    def trouble(self, sheet: Sheet, part: Part, why: str) -> None:
        """Remember a file that could not be dealt with."""
        ...

    def linked(self) -> None:
        """Remember that a file had another name."""
        ...


@dataclass(slots=True)
class Erasing:
    """One batch on its way through the files."""

    store: Lake
    db: Session
    batch: PeopleBatch
    settled: Counter[int]
    spotter: Spotter = field(init=False)
    people: People = field(init=False)

    def __post_init__(self) -> None:
        """Stage the people."""
        self.spotter = Spotter(spotting.wanted(self.batch.people))
        self.people = People(self.db, self.batch.people, self.store.sheets)

    def run(self) -> Counter[int]:
        """Look at everything first, then write."""
        work = [self.work(steps) for steps in runs(self.batch.steps)]
        found = [self.located(one) for one in work]
        self._bounded(sum((rows for _, rows in found), Counter()))
        made = Counter[int]()
        for number, (one, (parts, _)) in enumerate(zip(work, found, strict=True)):
            # What went before may have made more rows ripe: rows that others referred to.
            made += self.carry_out(one, parts if not number else self.located(one)[0])
        return made

    def carry_out(self, work: Work, parts: Sequence[Part]) -> Counter[int]:
        """Write every file anew that has rows to touch."""
        return sum((self._done(work, part) for part in parts), Counter())

    def work(self, steps: Sequence[Numbered]) -> Work:
        """Return what is to be done in one dataset."""
        dataset = steps[0][1].dataset
        return Work(
            people=self.people,
            store=self.store.name,
            sheet=sheets.of(self.store.sheets, self.store.name, dataset),
            steps=steps,
            ways=self.batch.ways.get(dataset, ()),
            spotter=self.spotter,
        )

    def located(self, work: Work) -> tuple[list[Part], Counter[int]]:
        """Find the files with rows to touch, without touching any."""
        parts: list[Part] = []
        rows = Counter[int]()
        for part in work.sheet.parts:
            if part.bad:
                self.store.trouble(work.sheet, part, part.bad)
                continue
            try:
                with one_file(self.store.name):
                    found = hits.look(work, part)
            except Unreadable as bad:
                self.store.trouble(work.sheet, part, str(bad))
                continue
            if found.foreign:
                raise Refused(
                    f"{found.foreign} rows of {work.steps[0][1].dataset} would be touched that are nobody's at hand.",
                    hint="This is a fault of Troth: keep the plan and report it. Nothing was changed.",
                )
            if found.any:
                parts.append(part)
                rows.update(found.rows)
        return parts, rows

    def _bounded(self, rows: Counter[int]) -> None:
        for number, most in self.batch.at_most.items():
            if rows[number] + self.settled[number] > most:
                raise Refused(
                    f"Step {number} would touch {rows[number]:,} rows of {self.store.name}, more than {most:,}.",
                    hint="Make a new plan: there is more about these people than when it was made.",
                )

    def _done(self, work: Work, part: Part) -> Counter[int]:
        """Write one file anew; as often as somebody changes it meanwhile."""
        if part.frozen:
            self.store.trouble(work.sheet, part, part.frozen)
            return Counter()
        for _ in range(ANEW):
            try:
                with one_file(self.store.name):
                    rows = self._tried(work, part)
            except Unreadable as bad:
                self.store.trouble(work.sheet, part, str(bad))
                return Counter()
            if rows is not None:
                return rows
        self.store.trouble(work.sheet, part, "somebody else keeps changing it")
        return Counter()

    def _tried(self, work: Work, part: Part) -> Counter[int] | None:
        """Return the rows touched; None where the file has changed under our hands."""
        before = writing.seen(part.path)
        hits.look(work, part)
        found = hits.scrub(work, part)
        if not found.any:
            return Counter()
        with swapping.beside(part.path) as new:
            kept = (columnar if part.format == "parquet" else lines).write(work, part, new)
            emptied = not kept and any("=" in name for name in part.relative.split("/")[:-1])
            inode = swapping.finish(new, part.path)
            if writing.seen(part.path) != before:
                return None
            intent = Intent(key=part.relative, rows=found.rows, inode=0 if emptied else inode)
            self.store.intend(self.batch, intent)
            if part.path.stat().st_nlink > 1:
                self.store.linked()
            if emptied:
                new.unlink()
                swapping.remove(part.path, self.store.base)
            else:
                swapping.put(new, part.path)
        return Counter(found.rows)


def runs(steps: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Group steps on one dataset that follow each other: a file is written once for all of them."""
    run: list[Numbered] = []
    for numbered in steps:
        if run and run[-1][1].dataset != numbered[1].dataset:
            yield run
            run = []
        run.append(numbered)
    if run:
        yield run
