"""Ask a predicate of one row that stands in a file: the same closed algebra that SQL is made of, in Python.

Pure. Columns with running text (`line`, `body`) are asked whether they hold a value; others whether they are equal
to it, or one of their elements is. Looking at other datasets is not possible here, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol, TypeAlias, assert_never

from troth.errors import StoreError
from troth.people import normal
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.plan import predicates as p
from troth.stores.files import sieving
from troth.stores.files.spotting import Spotter, Wanted, add_entry

Cell: TypeAlias = str | int | datetime | tuple[str, ...] | None


class Row(Protocol):
    """One row of a file."""

    def cell(self, column: str) -> Cell:
        """Return what stands in a column."""
        ...


@dataclass(slots=True)
class Index:
    """The people at hand, by the values of every entry."""

    manifest: Manifest
    text: frozenset[str]
    """Columns with running text."""
    _entries: dict[int, Entry] = field(default_factory=dict)
    _values: dict[int, dict[tuple[str, ...], set[int]]] = field(default_factory=dict)
    _spotters: dict[int, Spotter] = field(default_factory=dict)
    _last: str = ""
    _runs: frozenset[str] | None = frozenset()

    def __post_init__(self) -> None:
        """Learn the entries."""
        self._entries = {entry.number: entry for entry in self.manifest.entries}

    def people(self, end: p.Staged, row: Row) -> frozenset[int]:
        """Return whose a row is, by the columns at the end of a way."""
        entry = self._entries[end.entry]
        if len(end.columns) == 1 and end.columns[0] in self.text:
            return self._in_text(entry, row.cell(end.columns[0]))
        values = self._of(entry)
        found: set[int] = set()
        for one in _products([row.cell(column) for column in end.columns]):
            formed = _formed(entry, one)
            if formed is not None:
                found |= values.get(formed, set())
        return frozenset(found)

    def runs(self, text: str) -> frozenset[str] | None:
        """Cut a text for sieves; the same text is asked about more than once in a row."""
        if text is not self._last:
            self._last, self._runs = text, sieving.runs(text)
        return self._runs

    def _of(self, entry: Entry) -> dict[tuple[str, ...], set[int]]:
        known = self._values.get(entry.number)
        if known is None:
            known = {}
            for person, values in self.manifest.rows(entry.number):
                texts = tuple(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in values)
                formed = _formed(entry, texts)
                if formed is not None:
                    known.setdefault(formed, set()).add(person)
            self._values[entry.number] = known
        return known

    def _in_text(self, entry: Entry, cell: Cell) -> frozenset[int]:
        if not isinstance(cell, str):
            return frozenset()
        spotter = self._spotters.get(entry.number)
        if spotter is None:
            wanted = Wanted()
            add_entry(wanted, entry, self.manifest)
            spotter = self._spotters[entry.number] = Spotter(wanted)
        if not spotter.sieve.passes(cell, self.runs(cell)):
            return frozenset()
        look = spotter.loose if entry.family is None else spotter.identities
        return frozenset().union(*(spot.people for spot in look(cell)))


def persons(index: Index, ways: Iterable[Way], row: Row) -> Mapping[int, tuple[str, ...]]:
    """Return whose a row is, with the roles in which each person stands in it."""
    found: dict[int, dict[str, None]] = {}
    for way in ways:
        if way.path:
            raise _beyond(way.path[0][0])
        for person in index.people(way.end, row):
            found.setdefault(person, {})[way.role] = None
    return {person: tuple(roles) for person, roles in sorted(found.items())}


def holds(where: p.Predicate, row: Row, index: Index) -> bool:  # noqa: PLR0912 - one case for each predicate
    """Tell whether a predicate holds for a row; what is unknown does not hold.

    Raises:
        StoreError: the predicate looks at another dataset.
    """
    match where:
        case p.Always():
            return True
        case p.All(of=parts):
            return all(holds(part, row, index) for part in parts)
        case p.Any(of=parts):
            return any(holds(part, row, index) for part in parts)
        case p.Not(of=part):
            return not holds(part, row, index)
        case p.Staged():
            return bool(index.people(where, row))
        case p.Null(column=column):
            return row.cell(column) in (None, ())
        case p.Filled(column=column):
            return row.cell(column) not in (None, ())
        case p.Before():
            return _before(row.cell(where.column), where)
        case p.Compare():
            return any(_compares(one, where) for one in _each(row.cell(where.column)))
        case p.OneOf(column=column, values=values):
            return bool(set(_each(row.cell(column))) & {*values, *map(str, values)})
        case p.Differs(column=column, to=to):
            wanted = to.partition(":")[2]
            return any(one != wanted for one in _each(row.cell(column)))
        case p.Unreadable() | p.HasPath():
            return False
        case p.Exists(dataset=dataset) | p.Common(dataset=dataset):
            raise _beyond(dataset)
        case p.Held():
            raise AssertionError("holds are filled in before a store is asked")
    assert_never(where)


def _beyond(dataset: str) -> StoreError:
    return StoreError(
        f"A row of a file was asked about {dataset}: a store of files looks at no other dataset.",
        hint="End the way at a column of a subject: `customer via from = app.customers.email`.",
    )


def _each(cell: Cell) -> tuple[str | int | datetime, ...]:
    if cell is None:
        return ()
    return cell if isinstance(cell, tuple) else (cell,)


def _products(cells: list[Cell]) -> Iterable[tuple[str, ...]]:
    """List the combinations of elements; one column nearly always."""
    made: list[tuple[str, ...]] = [()]
    for cell in cells:
        made = [(*before, str(one)) for before in made for one in _each(cell)]
    return made


def _formed(entry: Entry, values: tuple[str, ...]) -> tuple[str, ...] | None:
    if entry.family is not None:
        form = normal.normal(entry.family, values[0], entry.region)
        return (form if form is not None else values[0].strip().lower(),)
    forms = tuple(normal.normal(Family.OTHER, value) for value in values)
    return None if None in forms else tuple(f for f in forms if f is not None)


def _before(cell: Cell, where: p.Before) -> bool:
    if isinstance(cell, datetime):
        bound = _instant(str(where.bound))
        return bound is not None and cell.astimezone(UTC) < bound
    return isinstance(cell, str) and cell < str(where.bound)


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _compares(one: str | int | datetime, where: p.Compare) -> bool:
    value: object = where.value
    if isinstance(one, datetime):
        value = _instant(str(value))
    elif isinstance(one, str):
        value = str(value)
    if not isinstance(value, type(one)) and not (isinstance(one, int) and isinstance(value, int | float)):
        return False
    left, right = _ordered(one), _ordered(value)
    match where.operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
    assert_never(where.operator)


def _ordered(value: object) -> tuple[float, str]:
    match value:
        case datetime():
            return value.timestamp(), ""
        case date():
            return float(value.toordinal()), ""
        case int() | float():
            return float(value), ""
        case _:
            return 0.0, str(value)
