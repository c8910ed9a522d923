"""Open a tree of files as a store: every file is a row, found by what stands in its path.

Nothing outside the folder of the pattern is ever touched: values are compared with names that were listed, never put
into a path, and symbolic links are not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from troth.apply.people import PeopleStore
from troth.catalog.datamap import Dataset, Store
from troth.catalog.model import Column, ColumnKind, Table
from troth.errors import StoreError
from troth.rights.abilities import Ability
from troth.rights.model import EraseRows
from troth.stores.files import opening, pattern, writing
from troth.stores.files.asking import holds
from troth.stores.files.medium import Acting, Item, Prepared
from troth.stores.files.pattern import Pattern, Place, Skipped
from troth.stores.files.store import FilePeople
from troth.stores.trees.files import CONTENT, MODIFIED, NAME, PATH, SIZE, FileRow

_KINDS = {
    PATH: ColumnKind.TEXT,
    NAME: ColumnKind.TEXT,
    MODIFIED: ColumnKind.DATETIME_TZ,
    SIZE: ColumnKind.INTEGER,
}
_CAN: frozenset[Ability] = frozenset({"delete", "blank", "replace", "scrub", "recheck"})
_NOTES = (
    "Files go as a whole, and folders that are the person's with them once they are empty; a path is never changed.",
    "Files that are no text are not looked into.",
    "Symbolic links are not followed; other names of the same file (hard links) keep it.",
)


@dataclass(slots=True)
class Trees:
    """Files by a pattern."""

    dataset: str
    table: Table
    files: Pattern
    engine: str = "tree"
    text: frozenset[str] = frozenset({CONTENT})
    can: frozenset[Ability] = _CAN
    notes: tuple[str, ...] = _NOTES
    name_column: str = PATH
    readable: tuple[str, ...] = ("hard-links",)

    def places(self, skipped: Skipped | None = None) -> Iterator[Place]:
        """Yield every file."""
        return pattern.walk(self.files, skipped=skipped)

    def key(self, place: Place) -> str:
        """Return what tells the file from others."""
        return place.relative

    def folders(self) -> Iterator[str]:
        """Yield the names of the folders."""
        return (path.name for path, _ in pattern.below(self.files))

    def clear(self, acting: Acting) -> None:
        """Remove folders of the people that are empty now, a killed run's included; never the tree's own."""
        steps = [s for _, s in acting.steps if isinstance(s, EraseRows) and s.dataset == self.dataset]
        for path, relative in pattern.below(self.files) if steps and self.files.owned else ():
            item = self._folder(path, relative)
            if item is not None and any(holds(step.where, item, acting.index) for step in steps):
                with suppress(OSError):  # not empty: something in it is not the person's, or came meanwhile
                    path.rmdir()

    def _folder(self, path: Path, relative: str) -> FileRow | None:
        """Take a folder of somebody, or one in it, for a row: what stands in place of placeholders tells whose."""
        assert self.files.owned is not None
        parts = relative.split("/")
        for count in range(1, len(parts) + 1):
            found = self.files.owned.fullmatch("/".join(parts[:count]))
            if found is not None:
                values = {
                    name: found.groupdict().get(f"p{n}") or "" for n, name in enumerate(self.files.names)
                }
                return FileRow(Place(number=0, path=path, relative=relative, values=values))
        return None

    def items(self, place: Place) -> Iterator[Item]:
        """Yield the one row of a file."""
        yield FileRow(place)

    def prepare(self, place: Place, acting: Acting) -> Prepared | None:
        """Get ready to remove the file, or write its text anew; None where it stays as it is."""
        item = FileRow(place)
        before = writing.seen(place.path)
        verdict = acting.on(item)
        if verdict == "same":
            return None
        if verdict == "gone":
            return Prepared(rows=acting.rows, inode=0, put=lambda: self._remove(place), drop=lambda: None)
        draft = writing.drafted(place.path, iter((item.written(),)))

        def put() -> None:
            if writing.seen(place.path) != before:
                draft.drop()
                raise _overtaken()
            draft.put()

        return Prepared(rows=acting.rows, inode=draft.inode, put=put, drop=draft.drop)

    def _remove(self, place: Place) -> None:
        # A folder on the way may have become a link since the tree was listed.
        if not place.path.parent.resolve().is_relative_to(self.files.base):
            raise _overtaken()
        place.path.unlink(missing_ok=True)
        writing.sync_folder(place.path.parent)


@contextmanager
def opened(
    name: str,
    declared: Store,
    datasets: Mapping[str, Dataset],
    folder: Path,
    now: Callable[[], datetime],
) -> Iterator[PeopleStore]:
    """Open a tree of files.

    Raises:
        StoreError: the folder of the pattern is not there, or the map gives the store several datasets.
    """
    files = pattern.parse(declared.files, folder, name)
    dataset, personal = opening.dataset(name, datasets, "files")
    clash = sorted(set(files.names) & {*_KINDS, CONTENT})
    if clash:
        raise StoreError(
            f"Store `{name}`: the placeholder `{{{clash[0]}}}` has the name of a column every tree has.",
            hint="Give it another name, as `{customer.id}`, which becomes the column `customer_id`.",
        )
    bare = dataset.partition(".")[2]
    columns = (
        *(
            Column(name=one, kind=ColumnKind.TEXT, declared="in the path", generated=True)
            for one in files.names
        ),
        *(Column(name=one, kind=kind, generated=True) for one, kind in _KINDS.items()),
        # Like a list: it may name several people, of whom one is taken out.
        Column(name=CONTENT, kind=ColumnKind.ARRAY, declared="text"),
    )
    medium = Trees(dataset=dataset, table=Table(name=bare, table=bare, columns=columns), files=files)
    yield FilePeople(name=name, medium=medium, folder=files.base, declared=personal, now=now)


def _overtaken() -> StoreError:
    return StoreError(
        "A file was changed by somebody else while it was worked on; it was left as it is.",
        hint="Run the same command again: it does what is left.",
    )
