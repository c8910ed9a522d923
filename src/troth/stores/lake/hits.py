"""Which rows of one file the steps of a batch are about, and what scrubbing makes of their texts.

The rows stand in a table of the session, by their number within the file: counts, bounds and the new version of the
file are all made from it. A row counts for a step only where the step changes something in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from troth.catalog.model import ColumnKind
from troth.people.entries import Way
from troth.plan.predicates import either
from troth.rights.model import EraseRows, ErasureStep, Scrub
from troth.stores.files.spotting import Spotter
from troth.stores.lake import changes
from troth.stores.lake.fragment import FALSE, Piece, joined, piece, quoted
from troth.stores.lake.parts import ROW, Part
from troth.stores.lake.render import Render
from troth.stores.lake.sheets import Sheet, kind, relation
from troth.stores.lake.staged import People

HITS, PATCHES = "troth_hits", "troth_patches"
Numbered = tuple[int, ErasureStep]


@dataclass(frozen=True, kw_only=True)
class Work:
    """The steps of a batch on one dataset."""

    people: People
    store: str
    sheet: Sheet
    steps: Sequence[Numbered]
    ways: Sequence[Way]
    spotter: Spotter


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one file has."""

    rows: Mapping[int, int]
    """Rows by step."""
    foreign: int
    """Rows that no way leads from to the people at hand."""

    @property
    def any(self) -> bool:
        """Tell whether the file has work."""
        return any(self.rows.values())


def look(work: Work, part: Part) -> Found:
    """Find the rows of a file, and keep their numbers in the session's table."""
    rows = relation(work.sheet, part)
    render = Render(work.people, work.store, work.sheet, rows)
    columns: list[Piece] = [Piece(f"t0.{ROW} AS place")]
    gone: list[str] = []
    for number, step in work.steps:
        where = piece("({} AND {})", render.true(step.where), _alters(work.sheet, step))
        before = " OR ".join(gone)
        truth = piece(f"({{}} AND NOT ({before}))", where) if gone else where
        columns.append(piece(f"{{}} AS s{number}", truth))
        if isinstance(step, EraseRows):
            gone.append(f"s{number}")
    mine = render.true(either(*(way.where for way in work.ways))) if work.ways else Piece("true")
    columns.append(piece("{} AS mine", mine))
    any_step = " OR ".join(f"s{number}" for number, _ in work.steps)
    db = work.people.db
    db.run(
        piece(
            f"CREATE OR REPLACE TABLE {HITS} AS SELECT * FROM (SELECT {{}} FROM {{}} AS t0) WHERE {any_step}",
            joined(columns, ", "),
            rows,
        )
    )
    return _counted(work)


def _alters(sheet: Sheet, step: ErasureStep) -> Piece:
    if isinstance(step, EraseRows):
        return Piece("true")
    found: list[Piece] = []
    for change in step.changes:
        if change.column not in sheet.columns or change.column in sheet.fixed:
            continue
        own = Piece(f"t0.{quoted(change.column)}")
        if isinstance(change, Scrub):
            found.append(piece("({} IS NOT NULL)", own))
        else:
            found.append(changes.alters(sheet.columns[change.column], own, change))
    return piece("({})", joined(found, " OR ", FALSE))


def _counted(work: Work) -> Found:
    sums = ", ".join(f"count(*) FILTER (s{number})" for number, _ in work.steps)
    (row,) = work.people.db.rows(Piece(f"SELECT count(*) FILTER (NOT mine), {sums} FROM {HITS}"))
    foreign, *counts = row
    rows = {number: int(count) for (number, _), count in zip(work.steps, counts, strict=True)}
    return Found(rows=rows, foreign=int(foreign))


def scrubs(work: Work) -> tuple[str, ...]:
    """Name the columns that some step scrubs."""
    changing = (step for _, step in work.steps if not isinstance(step, EraseRows))
    named = (c.column for step in changing for c in step.changes if isinstance(c, Scrub))
    return tuple(dict.fromkeys(column for column in named if column in work.sheet.columns))


def scrub(work: Work, part: Part) -> Found:
    """Work out the new texts of the rows found, and forget the rows in which nothing changes."""
    db = work.people.db
    names = scrubs(work)
    db.run(Piece(f"CREATE OR REPLACE TABLE {PATCHES} (place BIGINT, name VARCHAR, text VARCHAR)"))
    if not names:
        return _counted(work)
    whose = _persons(work, part)
    for name in names:
        steps = [n for n, s in work.steps if not isinstance(s, EraseRows) and Scrub(column=name) in s.changes]
        _patch(work, part, name, steps, whose)
    for number, step in work.steps:
        if isinstance(step, EraseRows) or not any(isinstance(c, Scrub) for c in step.changes):
            continue
        others = [
            changes.alters(work.sheet.columns[c.column], Piece(f"t0.{quoted(c.column)}"), c)
            for c in step.changes
            if not isinstance(c, Scrub)
            and c.column in work.sheet.columns
            and c.column not in work.sheet.fixed
        ]
        own = ", ".join(f"'{n}'" for n, name in enumerate(names) if Scrub(column=name) in step.changes)
        altered = piece(
            f"SELECT place FROM {PATCHES} WHERE name IN ({own}) UNION SELECT t0.{ROW} FROM {{}} AS t0 "
            f"WHERE t0.{ROW} IN (SELECT place FROM {HITS} WHERE s{number}) AND ({{}})",
            relation(work.sheet, part),
            joined(others, " OR ", FALSE),
        )
        db.run(piece(f"UPDATE {HITS} SET s{number} = false WHERE s{number} AND place NOT IN ({{}})", altered))
    return _counted(work)


def _persons(work: Work, part: Part) -> Mapping[int, frozenset[int]]:
    """Map each row found to the people it is about."""
    rows = relation(work.sheet, part)
    found: dict[int, set[int]] = {}
    for way in work.ways:
        pairs = work.people.pairs(work.sheet, rows, way)
        hit = piece(f"SELECT place, person FROM ({{}}) WHERE place IN (SELECT place FROM {HITS})", pairs)
        for place, person in work.people.db.stream(hit):
            found.setdefault(place, set()).add(person)
    return {place: frozenset(people) for place, people in found.items()}


def _patch(
    work: Work, part: Part, name: str, steps: Sequence[int], whose: Mapping[int, frozenset[int]]
) -> None:
    db = work.people.db
    nested = kind(work.sheet.columns[name]) is not ColumnKind.TEXT
    own = f"CAST(to_json({quoted(name)}) AS VARCHAR)" if nested else quoted(name)
    truth = " OR ".join(f"s{n}" for n in steps)
    texts = piece(
        f"SELECT {ROW}, {own} FROM {{}} AS t0 WHERE {ROW} IN (SELECT place FROM {HITS} WHERE {truth})",
        relation(work.sheet, part),
    )
    everyone = frozenset(person.number for person in work.people.manifest.people)
    places: list[object] = []
    new: list[object] = []
    for place, text in db.rows(texts):
        people = whose.get(place) or everyone
        made = None if text is None else _scrubbed(text, people, work.spotter, nested=nested)
        if made is not None and made != text:
            places.append(place)
            new.append(made)
    if places:
        column = str(scrubs(work).index(name))
        given: dict[str, list[object]] = {"place": places, "name": [column] * len(places), "text": new}
        db.load(PATCHES, given, {"place": "BIGINT", "name": "VARCHAR", "text": "VARCHAR"})


def _scrubbed(text: str, people: frozenset[int], spotter: Spotter, *, nested: bool) -> str:
    if not nested:
        return spotter.scrub(text, people)
    value = json.loads(text)
    made = _inside(value, lambda one: spotter.scrub(one, people))
    return text if made == value else json.dumps(made, ensure_ascii=False)


def _inside(value: Any, scrubbed: Callable[[str], str]) -> Any:
    """Scrub every text inside a document."""
    match value:
        case str():
            return scrubbed(value)
        case list():
            return [_inside(one, scrubbed) for one in value]
        case dict():
            return {key: _inside(one, scrubbed) for key, one in value.items()}
        case _:
            return value


def patched(work: Work) -> Iterator[tuple[str, int]]:
    """Yield the scrubbed columns of this file, with the number their patches go by."""
    numbers = {row[0] for row in work.people.db.rows(Piece(f"SELECT DISTINCT name FROM {PATCHES}"))}
    for n, name in enumerate(scrubs(work)):
        if str(n) in numbers:
            yield name, n
