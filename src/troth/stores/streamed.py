"""Know erased people again in stores that cannot digest by themselves: values are read one by one, and digested here.

Reads only; memory does not grow with the store. Digests wait in a temporary SQLite database, on disk where there are
many. In running text (a log's line, a file's path) every address, number and word is looked at.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

from troth.apply.people import PeopleStore
from troth.people import extraction, normal, tombstones
from troth.people.kinds import Family
from troth.people.returning import Known, Target
from troth.stores.files import medium
from troth.stores.files.store import FilePeople
from troth.stores.lake import engine, fragment, sheets
from troth.stores.lake.store import LakePeople
from troth.stores.sql.digests import LeftOut, Search

_WORD = re.compile(r"[\w-]+")
REMEMBERED = 50_000
"""Values whose digests are not computed twice in a row."""


def searchable(store: PeopleStore) -> bool:
    """Tell whether a store's values can be read one by one."""
    return isinstance(store, LakePeople | FilePeople)


def search(store: PeopleStore, wanted: Search, left: list[LeftOut]) -> Iterator[Known]:
    """Yield every value by which a tombstone is recognised, place by place.

    Args:
        store: A lake, or a store of plain files.
        wanted: What is looked for.
        left: Takes the places that could not be searched.

    Raises:
        StoreError: the store cannot be opened.
    """
    with closing(sqlite3.connect("")) as kept:
        stones = _Stones(kept, wanted)
        for target in wanted.targets:
            for row in _rows(store, target, left):
                yield from _known(target, row, stones)


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands in the columns of a target."""

    cells: tuple[Any, ...]
    running: bool
    """The one cell is running text."""
    began: tuple[Any, ...] = ()
    dated: tuple[Any, ...] = ()


class _Stones:
    """Tombstones, found by what is digested."""

    def __init__(self, kept: sqlite3.Connection, wanted: Search) -> None:
        """Put the tombstones where they can be looked up."""
        self.kept, self.keys = kept, wanted.keys
        kept.execute("CREATE TABLE stones (place TEXT, digest BLOB, person INTEGER)")
        kept.executemany(
            "INSERT INTO stones VALUES (?, ?, ?)",
            ((s.place, s.digest, s.person) for s in wanted.stones if s.key in wanted.keys),
        )
        kept.execute("CREATE INDEX stones_digest ON stones (digest)")
        self.people = lru_cache(maxsize=REMEMBERED)(self._people)

    def _people(self, place: str, parts: tuple[str, ...]) -> tuple[int, ...]:
        """Return whom a value makes known."""
        found: dict[int, None] = {}
        for secret in self.keys.values():
            digest = tombstones.digest(secret, place, parts)
            asked = "SELECT person FROM stones WHERE digest = ? AND place = ?"
            found.update((person, None) for (person,) in self.kept.execute(asked, (digest, place)))
        return tuple(found)


def _known(target: Target, row: _Row, stones: _Stones) -> Iterator[Known]:
    for values, parts in _parts(target, row):
        for person in stones.people(target.place, parts):
            yield Known(person=person, target=target, values=values, began=row.began, dated=row.dated)


def _parts(target: Target, row: _Row) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    """Yield (values, what is digested of them) for everything a row may be known by."""
    family, region = target.entry.family, target.entry.region
    if row.running:
        text = str(row.cells[0])
        for one in dict.fromkeys(_WORD.findall(text) if family is None else extraction.extract(text)):
            form = normal.normal(family, one, region) if family is Family.EMAIL else one
            if form is not None:
                yield (form,), (form,)
        return
    for values in product(*(_each(cell) for cell in row.cells)):
        if family is None:
            yield values, tuple(tombstones.text(value) for value in values)
        elif (form := normal.normal(family, tombstones.text(values[0]), region)) is not None:
            yield values, (form,)


def _each(cell: Any) -> tuple[Any, ...]:
    if cell is None:
        return ()
    return tuple(one for one in cell if one is not None) if isinstance(cell, tuple | list) else (cell,)


def _rows(store: PeopleStore, target: Target, left: list[LeftOut]) -> Iterator[_Row]:
    match store:
        case LakePeople():
            yield from _of_lake(store, target, left)
        case FilePeople():
            yield from _of_files(store, target, left)
        case _:
            return


def _of_files(store: FilePeople, target: Target, left: list[LeftOut]) -> Iterator[_Row]:
    running = len(target.columns) == 1 and target.columns[0] in store.medium.text
    failed = 0
    for place in store.medium.places():
        try:
            for item in store.medium.items(place):
                cells = tuple(item.cell(column) for column in target.columns)
                if None not in cells:
                    began = tuple(item.cell(column) for column in target.began)
                    dated = tuple(item.cell(column) for column in target.dated)
                    yield _Row(cells, running, began, dated)
        except medium.BROKEN:
            failed += 1
    _not_read(target, failed, left)


def _of_lake(store: LakePeople, target: Target, left: list[LeftOut]) -> Iterator[_Row]:
    columns = (*target.columns, *target.began, *target.dated)
    width, began = len(target.columns), len(target.columns) + len(target.began)
    failed = 0
    with engine.session(store.name) as db:
        sheet = sheets.of(store._listed.sheets, store.name, target.dataset)
        picked = ", ".join(fragment.quoted(column) for column in columns)
        for part in sheet.parts:
            if part.bad:
                failed += 1
                continue
            try:
                with engine.one_file(store.name):
                    query = fragment.piece(f"SELECT {picked} FROM {{}}", sheets.relation(sheet, part))
                    for row in db.stream(query):
                        if None not in row[:width]:
                            yield _Row(row[:width], False, row[width:began], row[began:])
            except engine.Unreadable:
                failed += 1
    _not_read(target, failed, left)


def _not_read(target: Target, failed: int, left: list[LeftOut]) -> None:
    if failed:
        files = "1 file" if failed == 1 else f"{failed} files"
        left.append(LeftOut(what=target.dataset, why=f"{files} cannot be read"))


def own_less(targets: Iterable[Target]) -> Sequence[Target]:
    """Return targets none of which is a subject's own row: here rows are known by their values alone."""
    return [replace(target, own=False, key=()) for target in targets]
