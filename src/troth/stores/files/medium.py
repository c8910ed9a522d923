"""What each kind of file store must say: which files it has, what a row of them is, and how a file is written anew.

Everything else (asking, counting, remembering, scanning, reading) is the same for all of them and stands in `store`.
"""

from __future__ import annotations

import lzma
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from troth.catalog.model import Table
from troth.people.entries import Way
from troth.rights.abilities import Ability
from troth.rights.model import EraseRows, ErasureChange, ErasureStep
from troth.stores.files.asking import Index, Row, holds, persons
from troth.stores.files.pattern import Place, Skipped
from troth.stores.files.spotting import Spotter

BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading a file may end with; a truncated gzip file is an EOFError."""
Verdict = Literal["same", "changed", "gone"]


class Item(Row, Protocol):
    """One row: a message, a line, a file."""

    @property
    def size(self) -> int:
        """Bytes of it."""
        ...

    def values(self) -> Mapping[str, object]:
        """Return every column for an export; people's dates and lists as they are."""
        ...

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (column, text) for everything in it that can be read, declared or not."""
        ...

    def unlooked(self) -> Iterator[str]:
        """Name the sort of each part that cannot be looked into."""
        ...

    def others(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> bool:
        """Tell whether somebody besides these people stands in it, in the columns by which people are found."""
        ...

    def change(self, change: ErasureChange, people: frozenset[int], spotter: Spotter) -> bool:
        """Make one change for some people; False where it is as wanted already."""
        ...

    def remove(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> Verdict:
        """Say `gone`; or take out these people's part where others stand in it too."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A file's new state, complete but not in place."""

    rows: Mapping[int, int]
    """Rows touched, by step."""
    inode: int
    """Of the new version; 0 where the file is removed."""
    put: Callable[[], None]
    drop: Callable[[], None]
    within: bool = False
    """The file is changed where it stands, and keeps its inode."""


class Medium(Protocol):
    """One kind of file store."""

    engine: str
    dataset: str
    table: Table
    text: frozenset[str]
    """Columns with running text: asked whether they hold a value."""
    can: frozenset[Ability]
    notes: tuple[str, ...]
    name_column: str
    """What a file's name is called in a residue."""
    readable: tuple[str, ...]
    """What may stay readable after an erasure, as codes."""

    def places(self, skipped: Skipped | None = None) -> Iterator[Place]:
        """Yield every file."""
        ...

    def key(self, place: Place) -> str:
        """Return what tells a file from others, even after another program has renamed it."""
        ...

    def folders(self) -> Iterator[str]:
        """Yield the names of the folders that a name may stand in."""
        ...

    def clear(self, acting: Acting) -> None:
        """Clear up what is left of removed files, after all of them are gone."""
        ...

    def items(self, place: Place) -> Iterator[Item]:
        """Yield the rows of a file; ends with one of BROKEN where it cannot be read."""
        ...

    def prepare(self, place: Place, acting: Acting) -> Prepared | None:
        """Write a file's new version, not yet in place; None where it stays as it is."""
        ...


@dataclass(slots=True)
class Acting:
    """The steps of a batch, done to one row after the other."""

    index: Index
    spotter: Spotter
    dataset: str
    steps: Sequence[tuple[int, ErasureStep]]
    ways: Mapping[str, Sequence[Way]]
    rows: Counter[int] = field(default_factory=Counter)

    @property
    def touched(self) -> bool:
        """Tell whether any row was touched."""
        return any(self.rows.values())

    def fresh(self) -> Acting:
        """Return the same steps with nothing counted."""
        return Acting(self.index, self.spotter, self.dataset, self.steps, self.ways)

    def on(self, item: Item) -> Verdict:
        """Do every step that is about a row, and count it.

        A step is about a row that satisfied its predicate when the batch came, or does after the steps before: one
        that takes away the way to a person must not hide the row from the next.
        """
        own = [(number, step) for number, step in self.steps if step.dataset == self.dataset]
        before = [holds(step.where, item, self.index) for _, step in own]
        people = (
            frozenset(persons(self.index, self.ways.get(self.dataset, ()), item)) if any(before) else None
        )
        verdict: Verdict = "same"
        for (number, step), held in zip(own, before, strict=True):
            if not held and (verdict == "same" or not holds(step.where, item, self.index)):
                continue
            made = self._step(step, item, people or self._everyone)
            self.rows[number] += made != "same"
            if made == "gone":
                return made
            verdict = made if made != "same" else verdict
        return verdict

    @property
    def _everyone(self) -> frozenset[int]:
        return frozenset(person.number for person in self.index.manifest.people)

    def _step(self, step: ErasureStep, item: Item, people: frozenset[int]) -> Verdict:
        if isinstance(step, EraseRows):
            return item.remove(people, self.spotter, found_by(self.ways.get(self.dataset, ())))
        made = [item.change(change, people, self.spotter) for change in step.changes]
        return "changed" if any(made) else "same"


def found_by(ways: Sequence[Way]) -> frozenset[str]:
    """Name the columns by which people are found."""
    return frozenset(column for way in ways for column in way.end.columns)
