"""Open log files as a store: every line of the files is a row with one column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.catalog.model import Column, ColumnKind, Table
from troth.rights.abilities import Ability
from troth.stores.files import opening, pattern
from troth.stores.files.medium import Acting, Item, Prepared
from troth.stores.files.pattern import Pattern, Place, Skipped
from troth.stores.files.store import FilePeople
from troth.stores.logs import packing, rewriting
from troth.stores.logs.lines import LINE

_CAN: frozenset[Ability] = frozenset({"delete", "blank", "replace", "scrub", "recheck"})
_NOTES = (
    "A log that a program has open is changed where it stands, each line to the same length; any other is written "
    "anew and takes the old one's place.",
    "Keys and names of people are looked for as whole words, short numbers only where the line names them.",
)


@dataclass(slots=True)
class Logs:
    """Log files by a pattern."""

    dataset: str
    table: Table
    files: Pattern
    engine: str = "logs"
    text: frozenset[str] = frozenset({LINE})
    can: frozenset[Ability] = _CAN
    notes: tuple[str, ...] = _NOTES
    name_column: str = "file name"
    readable: tuple[str, ...] = ("log-shippers",)

    def places(self, skipped: Skipped | None = None) -> Iterator[Place]:
        """Yield every log file."""
        return pattern.walk(self.files, skipped=skipped)

    def key(self, place: Place) -> str:
        """Return what tells the file from others."""
        return place.relative

    def folders(self) -> Iterator[str]:
        """Yield the names of the folders."""
        return (path.name for path, _ in pattern.below(self.files))

    def clear(self, acting: Acting) -> None:
        """Leave folders as they are."""

    def items(self, place: Place) -> Iterator[Item]:
        """Yield the lines of a file."""
        with place.path.open("rb") as raw, packing.unpacked(raw, place.path) as file:
            yield from rewriting.lines(file)

    def prepare(self, place: Place, acting: Acting) -> Prepared | None:
        """Make the new state of a file; None where no line changes."""
        return rewriting.prepared(place.path, acting)


@contextmanager
def opened(
    name: str,
    declared: Store,
    datasets: Mapping[str, Dataset],
    folder: Path,
    now: Callable[[], datetime],
) -> Iterator[PeopleStore]:
    """Open log files.

    Raises:
        StoreError: the folder of the pattern is not there, or the map gives the store several datasets.
    """
    files = pattern.parse(declared.files, folder, name)
    dataset, personal = opening.dataset(name, datasets, "lines")
    # A line may name several people: like a list, so that one of them is taken out of it and the others stay.
    column = Column(name=LINE, kind=ColumnKind.ARRAY, declared="line")
    bare = dataset.partition(".")[2]
    medium = Logs(dataset=dataset, table=Table(name=bare, table=bare, columns=(column,)), files=files)
    yield FilePeople(name=name, medium=medium, folder=files.base, declared=personal, now=now)
