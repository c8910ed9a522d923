"""Look for what is left of people in every file of a lake: all text, names of files, metadata of Parquet files.

One pass over each file, whatever is looked for and for how many people; rows in which somebody may be are read
once more. Names and keys are looked for only in rows that are somebody's. Minima and maxima in a Parquet footer are
values of the file's own rows, and anew in every file Troth has written; the footer's key-value metadata is free
text, and looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from troth.apply.people import Coverage, Kept, Residue, Scanned, Stayed
from troth.catalog.model import ColumnKind
from troth.people.entries import Way
from troth.people.manifest import Person
from troth.people.tokens import Spot, Tokens
from troth.stores.lake import bunches
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.fragment import Piece, joined, piece, quoted
from troth.stores.lake.parts import ROW, Part
from troth.stores.lake.render import Render
from troth.stores.lake.sheets import Sheet, kind
from troth.stores.lake.sifting import PLACES, Sieve, sieve
from troth.stores.lake.staged import People
from troth.stores.tally import Shown, Stays, Tally

PAIRS = "troth_pairs"
FEW = 20_000
"""Rows whose texts are kept for names to be looked for; of more they are read again."""
FILE_NAME, METADATA = "(file name)", "(metadata)"
_PASSED = frozenset(
    {ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.BOOLEAN, ColumnKind.DATE, ColumnKind.DATETIME,
     ColumnKind.DATETIME_TZ, ColumnKind.TIME, ColumnKind.BYTES}
)  # fmt: skip
_NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})


@dataclass(slots=True)
class Near:
    """Names and keys of the people who have rows: made ready when the first is met, for most have none."""

    tokens: Tokens
    _people: dict[int, Person] = field(init=False)
    _ready: dict[int, Tokens] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the people."""
        self._people = {person.number: person for person in self.tokens.manifest.people}

    def spot(self, person: int, text: str) -> tuple[Spot, ...]:
        """Tell which names and keys of a person a text of the person's own row shows."""
        ready = self._ready.get(person)
        if ready is None:
            people = (self._people[person],) if person in self._people else ()
            ready = Tokens(of=(), manifest=replace(self.tokens.manifest, people=people))
            self._ready[person] = ready
        return ready.spot_near(person, text)


@dataclass(slots=True)
class Look:
    """One look through one dataset."""

    db: Session
    store: str
    sheet: Sheet
    tokens: Tokens
    people: People
    ways: Sequence[Way]
    declared: frozenset[str]
    tally: Tally
    sieve: Sieve
    near: Near
    unlooked: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    size: int = 0

    @property
    def dataset(self) -> str:
        """The dataset's full name."""
        return f"{self.store}.{self.sheet.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns that are looked at: text of any kind; numbers where the map calls them personal."""
        return tuple(name for name, declared in self.sheet.columns.items() if self._looked(name, declared))

    def _looked(self, name: str, declared: str) -> bool:
        if name in self.sheet.fixed:
            return False
        one = kind(declared)
        return one not in _PASSED or (one in _NUMBERS and name in self.declared)

    def run(self) -> None:
        """Read every file once."""
        for part in self.sheet.parts:
            self._named(part)
            if part.bad:
                self._unread(part, part.bad)
        for bunch in bunches.bunches(self.sheet.readable):
            self._bunch(bunch)

    def _bunch(self, bunch: Sequence[Part]) -> None:
        """Read some files together; one by one where one of them cannot be read, to tell which."""
        if len(bunch) > 1:
            together = replace(self, tally=Tally(self.tally.rules), unlooked=Counter(), rows=0, size=0)
            try:
                with one_file(self.store):
                    together._files(bunch)
            except Unreadable:
                pass
            else:
                self._add(together)
                return
        for part in bunch:
            try:
                with one_file(self.store):
                    self._files((part,))
            except Unreadable as bad:
                self._unread(part, str(bad))

    def _unread(self, part: Part, why: str) -> None:
        self.unlooked[f"{number_of(self.sheet, part)}: {why}"] += 1

    def _add(self, other: Look) -> None:
        """Count what another look through other files of the dataset has found."""
        self.rows += other.rows
        self.size += other.size
        self.tally.residues.update(other.tally.residues)
        self.tally.stayed.update(other.tally.stayed)
        for column, people in other.tally.whose.items():
            self.tally.whose.setdefault(column, set()).update(people)

    def _named(self, part: Part) -> None:
        self.tally.row(((FILE_NAME, one) for one in self.tokens.spot(spelt(part.relative))), how="file-name")

    def _files(self, bunch: Sequence[Part]) -> None:
        rows = bunches.rows(self.sheet, bunch)
        (count,) = self.db.rows(piece("SELECT count(*) FROM {}", rows))[0]
        self.rows += count
        self.size += sum(part.path.stat().st_size for part in bunch)
        if self.columns:
            try:
                lost = self._led(rows)
                for place, shown in self._everywhere(rows):
                    self.tally.later(place, shown)
                if lost is not None:
                    raise lost
                for place, shown in self._near(rows):
                    self.tally.later(place, shown)
                self.tally.settle(self._stays(rows) if self.tally.waiting else {})
            finally:
                # Where a file breaks off nobody can say any more what of it stays.
                self.tally.settle({})
        if bunch[0].format == "parquet":
            self._metadata(bunch)

    def _led(self, rows: Piece) -> Unreadable | None:
        """Put the rows that lead to somebody into a table; one that leads there twice, twice.

        Returns what a way met that cannot be read: texts are looked at all the same.
        """
        self.db.run(Piece(f"CREATE OR REPLACE TABLE {PAIRS} (place BIGINT, person INTEGER)"))
        try:
            with one_file(self.store):
                for way in self.ways:
                    whose = self.people.pairs(self.sheet, rows, way)
                    self.db.run(piece(f"INSERT INTO {PAIRS} {{}}", whose))
        except Unreadable as bad:
            return bad
        return None

    def _texts(self) -> list[Piece]:
        return [_text(name, self.sheet.columns[name]) for name in self.columns]

    def _everywhere(self, rows: Piece) -> Iterator[tuple[Hashable, list[Shown]]]:
        names, columns = self.columns, self._texts()
        nested = frozenset(name for name in names if self._nested(name))
        own = f"t0.{ROW} IN (SELECT place FROM {PAIRS})" if self._few() else "false"
        if not self.sieve.rows(piece("{} AS t0", rows), columns, Piece(f"t0.{ROW}"), Piece(own)):
            return
        wanted = piece(
            f"SELECT {ROW}, {{}} FROM {{}} AS t0 WHERE {ROW} IN (SELECT place FROM {PLACES} WHERE shown)",
            joined(columns, ", "),
            rows,
        )
        for place, *texts in self.db.stream(wanted):
            pairs = zip(names, texts, strict=True)
            yield (
                place,
                [
                    (name, spot)
                    for name, text in pairs
                    for spot in _looked(self.tokens.spot, text, nested=name in nested)
                ],
            )

    def _nested(self, name: str) -> bool:
        return kind(self.sheet.columns[name]) in (ColumnKind.JSON, ColumnKind.ARRAY)

    def _few(self) -> bool:
        """Tell whether there are rows that lead to somebody, and so few that their texts can be kept."""
        (count,) = self.db.rows(Piece(f"SELECT count(*) FROM {PAIRS}"))[0]
        return 0 < int(count) <= FEW

    def _near(self, rows: Piece) -> Iterator[tuple[Hashable, list[Shown]]]:
        """Look for names and keys in the rows that lead to somebody."""
        names = self.columns
        for place, person, *found in self._own(rows):
            read = zip(names, found, strict=True)
            own = [(name, text) for name, text in read if text is not None]
            yield (
                place,
                [(name, one) for name, text in own for one in self.near.spot(person, text)],
            )

    def _own(self, rows: Piece) -> Iterator[tuple[Any, ...]]:
        """Yield the texts of the rows that lead to somebody: those that were kept, and the others, read again."""
        kept = ", ".join(f"k.c{number}" for number, _ in enumerate(self.columns))
        near = f"FROM {PAIRS} AS w JOIN {PLACES} AS k ON k.place = w.place AND k.kept"
        yield from self.db.stream(Piece(f"SELECT w.place, w.person, {kept} {near}"))
        others = f"SELECT * FROM {PAIRS} WHERE place NOT IN (SELECT place FROM {PLACES} WHERE kept)"
        if self.db.rows(Piece(f"{others} LIMIT 1")):
            wanted = (
                f"SELECT t0.{ROW}, w.person, {{}} FROM {{}} AS t0 JOIN ({others}) AS w ON w.place = t0.{ROW}"
            )
            yield from self.db.stream(piece(wanted, joined(self._texts(), ", "), rows))

    def _stays(self, rows: Piece) -> Mapping[Hashable, Stays]:
        """Say of the rows that wait what stays of them by the plan, for whom."""
        render = Render(self.people, self.store, self.sheet, rows)
        rules = self.tally.rules
        truths = [render.true(rule.where) for rule in rules]
        stays: dict[Hashable, dict[int, list[Kept]]] = {}
        pairs = f"(SELECT DISTINCT place, person FROM {PAIRS}) AS w ON w.place = t0.{ROW}"
        wanted = piece(
            f"SELECT t0.{ROW}, w.person, {{}} FROM {{}} AS t0 JOIN {pairs} WHERE {{}}",
            joined(truths, ", "),
            rows,
            joined(truths, " OR "),
        )
        for place, person, *flags in self.db.stream(wanted):
            if self.tally.awaits(place):
                found = zip(rules, flags, strict=True)
                stays.setdefault(place, {})[person] = [rule for rule, flag in found if flag]
        return stays

    def _metadata(self, bunch: Sequence[Part]) -> None:
        for key, found in self.db.rows(bunches.metadata(bunch)):
            text = f"{bytes(key).decode(errors='replace')}\n{bytes(found).decode(errors='replace')}"
            self.tally.row((METADATA, spot) for spot in self.tokens.spot(text))

    def named(self) -> Iterator[Residue]:
        """Yield what was found, by place."""
        return self.tally.named(self.dataset, self.declared)

    def stayed(self) -> Iterator[Stayed]:
        """Yield what was found and stays by the plan."""
        return self.tally.keeping(self.dataset)

    def passed(self) -> Iterator[tuple[str, str]]:
        """Yield what was not looked at, with the reason."""
        for what, _ in sorted(self.unlooked.items()):
            yield self.dataset, what
        for name, declared in self.sheet.columns.items():
            if kind(declared) is ColumnKind.BYTES:
                yield f"{self.dataset}.{name}", "binary values are not looked into"


def spelt(relative: str) -> str:
    """Write the names of a path one below the other, each with and without its endings: they end no address."""
    found: list[str] = []
    for name in relative.split("/"):
        stem = name
        while stem:
            found.append(stem)
            stem = stem.rpartition(".")[0]
    return "\n".join(found)


def number_of(sheet: Sheet, part: Part) -> str:
    """Name a file by its number: its path may hold an identity."""
    total = max((one.number for one in sheet.parts), default=part.number)
    return f"file {part.number} of {total} in the order of names"


def _text(name: str, declared: str) -> Piece:
    own = quoted(name)
    if declared.startswith(("STRUCT", "MAP")) or declared.endswith("]"):
        return Piece(f"CAST(to_json(t0.{own}) AS VARCHAR)")
    return Piece(f"t0.{own}") if declared == "VARCHAR" else Piece(f"CAST(t0.{own} AS VARCHAR)")


def _looked(look: Callable[[str], Sequence[Spot]], text: str | None, *, nested: bool) -> Sequence[Spot]:
    if text is None:
        return ()
    found = look(text)
    if found or not nested or "\\" not in text:
        return found
    return look("\n".join(_inside(json.loads(text))))


def _inside(one: Any) -> Iterator[str]:
    """Yield every text inside a document, keys included."""
    match one:
        case dict():
            for key, found in one.items():
                yield key
                yield from _inside(found)
        case list():
            for found in one:
                yield from _inside(found)
        case str():
            yield one
        case _:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a scan is about."""

    tokens: Tokens
    ways: Mapping[str, tuple[Way, ...]]
    kept: Mapping[str, Sequence[Kept]]
    declared: Mapping[str, frozenset[str]]
    tick: Callable[[str], None]


def scan(db: Session, store: str, sheets: Mapping[str, Sheet], asked: Asked) -> Scanned:
    """Look through every dataset."""
    return summed(store, looked(db, store, sheets, asked))


def looked(db: Session, store: str, sheets: Mapping[str, Sheet], asked: Asked) -> list[Look]:
    """Look through every dataset; return each look."""
    people = People(db, asked.tokens.manifest, sheets)
    filled, near = sieve(db, asked.tokens), Near(asked.tokens)
    looks: list[Look] = []
    for name, sheet in sheets.items():
        dataset = f"{store}.{name}"
        asked.tick(dataset)
        look = Look(
            db=db,
            store=store,
            sheet=sheet,
            tokens=asked.tokens,
            people=people,
            ways=asked.ways.get(dataset, ()),
            declared=asked.declared.get(dataset, frozenset()),
            tally=Tally(asked.kept.get(dataset, ())),
            sieve=filled,
            near=near,
        )
        look.run()
        looks.append(look)
    return looks


def summed(store: str, looks: Sequence[Look]) -> Scanned:
    """Put together what some looks found."""
    return Scanned(
        store=store,
        residues=tuple(residue for look in looks for residue in look.named()),
        coverage=tuple(
            Coverage(dataset=look.dataset, rows=look.rows, bytes=look.size, columns=len(look.columns))
            for look in looks
        ),
        unlooked=tuple(one for look in looks for one in look.passed()),
        stayed=tuple(one for look in looks for one in look.stayed()),
    )
