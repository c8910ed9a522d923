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
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.fragment import Piece, joined, piece, quoted, value
from troth.stores.lake.parts import ROW, Part, literal_path
from troth.stores.lake.render import Render
from troth.stores.lake.sheets import Sheet, kind, relation
from troth.stores.lake.sifting import PLACES, Sieve, sieve
from troth.stores.lake.staged import People
from troth.stores.tally import Shown, Stays, Tally

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
                self.unlooked[f"{number_of(self.sheet, part)}: {part.bad}"] += 1
                continue
            try:
                with one_file(self.store):
                    self._file(part)
            except Unreadable as bad:
                self.unlooked[f"{number_of(self.sheet, part)}: {bad}"] += 1

    def _named(self, part: Part) -> None:
        self.tally.row(((FILE_NAME, one) for one in self.tokens.spot(spelt(part.relative))), how="file-name")

    def _file(self, part: Part) -> None:
        rows = relation(self.sheet, part)
        (count,) = self.db.rows(piece("SELECT count(*) FROM {}", rows))[0]
        self.rows += count
        self.size += part.path.stat().st_size
        if self.columns:
            try:
                for place, shown in self._everywhere(rows):
                    self.tally.later(place, shown)
                for place, shown in self._near(rows):
                    self.tally.later(place, shown)
                self.tally.settle(self._stays(rows) if self.tally.waiting else {})
            finally:
                # Where a file breaks off nobody can say any more what of it stays.
                self.tally.settle({})
        if part.format == "parquet":
            self._metadata(part)

    def _everywhere(self, rows: Piece) -> Iterator[tuple[Hashable, list[Shown]]]:
        columns = [_text(name, self.sheet.columns[name]) for name in self.columns]
        if not self.sieve.rows(piece("{} AS t0", rows), columns, Piece(f"t0.{ROW}")):
            return
        wanted = piece(
            f"SELECT {ROW}, {{}} FROM {{}} AS t0 WHERE {ROW} IN (SELECT place FROM {PLACES})",
            joined(columns, ", "),
            rows,
        )
        for place, *texts in self.db.stream(wanted):
            pairs = zip(self.columns, texts, strict=True)
            yield (
                place,
                [
                    (name, spot)
                    for name, text in pairs
                    for spot in _looked(self.tokens.spot, text, nested=self._nested(name))
                ],
            )

    def _nested(self, name: str) -> bool:
        return kind(self.sheet.columns[name]) in (ColumnKind.JSON, ColumnKind.ARRAY)

    def _near(self, rows: Piece) -> Iterator[tuple[Hashable, list[Shown]]]:
        """Look for names and keys in the rows that lead to somebody."""
        columns = [_text(name, self.sheet.columns[name]) for name in self.columns]
        texts = joined(columns, ", ")
        for way in self.ways:
            pairs = self.people.pairs(self.sheet, rows, way)
            wanted = piece(
                f"SELECT t0.{ROW}, w.person, {{}} FROM {{}} AS t0 JOIN ({{}}) AS w ON w.place = t0.{ROW}",
                texts,
                rows,
                pairs,
            )
            for place, person, *found in self.db.stream(wanted):
                read = zip(self.columns, found, strict=True)
                own = [(name, text) for name, text in read if text is not None]
                yield (
                    place,
                    [(name, one) for name, text in own for one in self.near.spot(person, text)],
                )

    def _stays(self, rows: Piece) -> Mapping[Hashable, Stays]:
        """Say of the rows that wait what stays of them by the plan, for whom."""
        render = Render(self.people, self.store, self.sheet, rows)
        rules = self.tally.rules
        truths = [render.true(rule.where) for rule in rules]
        stays: dict[Hashable, dict[int, list[Kept]]] = {}
        for way in self.ways:
            pairs = self.people.pairs(self.sheet, rows, way)
            wanted = piece(
                f"SELECT t0.{ROW}, w.person, {{}} FROM {{}} AS t0 JOIN ({{}}) AS w ON w.place = t0.{ROW} WHERE {{}}",
                joined(truths, ", "),
                rows,
                pairs,
                joined(truths, " OR "),
            )
            for place, person, *flags in self.db.stream(wanted):
                if self.tally.awaits(place):
                    known = stays.setdefault(place, {}).setdefault(person, [])
                    found = zip(rules, flags, strict=True)
                    known += [rule for rule, flag in found if flag and rule not in known]
        return stays

    def _metadata(self, part: Part) -> None:
        where = value(literal_path(part.path))
        for key, found in self.db.rows(piece("SELECT key, value FROM parquet_kv_metadata({})", where)):
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
