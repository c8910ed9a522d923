"""From people found to a manifest: what stands in their rows for every entry, proven identities, full names. Pure.

A value that others' rows are compared with by value counts only where it was typed, or where its own row does not
say that nobody verified it: typing a victim's address into a profile must not reach the victim's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from troth.catalog.datamap import DataMap
from troth.catalog.detect.kinds import Kind
from troth.catalog.model import Table
from troth.people import kinds, naming, normal
from troth.people.closure import Closure, Row
from troth.people.entries import Entries, Entry
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person, Value
from troth.people.places import Place
from troth.people.typed import Identity, Typed
from troth.plan.changes import ERASED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is read from the rows of one kind of subject."""

    subject: str
    dataset: str
    columns: tuple[str, ...]
    """For entries, identities and names."""
    verified: Mapping[str, str]
    """For an identity's column, the column that says whether it was proven."""
    names: Mapping[str, Kind]
    """Columns that hold parts of a name."""
    placeholders: Mapping[str, str]
    """For a column, the text an erasure puts in place of a value that may not be empty."""

    def emptied(self, key: Sequence[Value], values: Mapping[str, Value]) -> frozenset[str]:
        """Name the columns an earlier erasure has filled with a placeholder, which is no identity of anybody."""
        marked = (
            column
            for column, text in self.placeholders.items()
            if isinstance(value := values.get(column), str)
            and value.startswith(text)
            and value in (text, "-".join(map(str, (text, *key))))
        )
        return frozenset(marked)


def wanted(known: Entries, places: Sequence[Place], datamap: DataMap, table: Table, subject: str) -> Wanted:
    """List what to read of one kind of subject."""
    dataset = datamap.subjects[subject].dataset
    mapped = datamap.datasets.get(dataset)
    fields = [field for several in mapped.fields.values() for field in several] if mapped else []
    parts = naming.columns(table, frozenset(field.name for field in fields))
    own = [p for p in places if p.subject == subject and not p.typed_only]
    columns = [c for e in known.of if e.dataset == dataset for c in e.columns]
    columns += [p.columns[0] for p in own]
    return Wanted(
        subject=subject,
        dataset=dataset,
        columns=tuple(dict.fromkeys((*columns, *parts))),
        verified={p.columns[0]: p.verified for p in own if p.verified},
        names=parts,
        placeholders={f.name: ERASED if f.replace is None else f.replace for f in fields},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One row of a subject, as read."""

    row: Row
    values: Mapping[str, Value]
    unproven: frozenset[str]
    """Identity columns whose value the row itself says was never verified, or is a placeholder."""
    names: tuple[str, ...] = ()
    """The person's full names."""


def manifest(
    found: Closure, asked: Sequence[Typed], known: Entries, places: Sequence[Place], rows: Mapping[Row, Read]
) -> Manifest:
    """Join what was found and read into the manifest; typed identities without a row are people of their own."""
    stopped = {one.typed for one in found.stopped}
    typed = {one.number: one.identity for one in asked if one.number not in stopped}
    numbered = [_Person(known, places, rows, group).made(found, typed) for group in found.people]
    alone = [
        _alone(known, one.identity)
        for one in found.unmatched
        if one.number in typed and kinds.family(one.identity.match) in kinds.TOGETHER
    ]
    people = tuple(
        Person(number=number, values=values, identities=identities, names=names)
        for number, (values, identities, names) in enumerate((*numbered, *alone), 1)
    )
    return Manifest(entries=known.of, people=people)


Made = tuple[dict[int, tuple[tuple[Value, ...], ...]], Sequence[Identity], tuple[str, ...]]


class Later(Sequence[Identity]):
    """Identities worked out when they are first looked at, each once: an export of many people needs few of them."""

    __slots__ = ("_known", "_work")

    def __init__(self, work: Callable[[], Iterable[Identity]]) -> None:
        self._work: Callable[[], Iterable[Identity]] | None = work
        self._known: tuple[Identity, ...] = ()

    @property
    def known(self) -> tuple[Identity, ...]:
        """Return them."""
        if self._work is not None:
            self._known, self._work = tuple(dict.fromkeys(self._work())), None
        return self._known

    @overload
    def __getitem__(self, index: int) -> Identity: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Identity, ...]: ...
    def __getitem__(self, index: int | slice) -> Identity | tuple[Identity, ...]:
        return self.known[index]

    def __len__(self) -> int:
        return len(self.known)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.known == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class _Person:
    """One person on the way into the manifest."""

    known: Entries
    places: Sequence[Place]
    rows: Mapping[Row, Read]
    group: tuple[Row, ...]

    def made(self, found: Closure, typed: Mapping[int, Identity]) -> Made:
        own = dict.fromkeys(
            typed[one.typed] for row in self.group if (one := found.found[row]).typed in typed
        )
        identities = Later(lambda: (*own, *(i for row in self.group for i in self._proven(row))))
        values: dict[int, dict[tuple[Value, ...], None]] = {}
        for entry in self.known.of:
            for value in self._values(entry, tuple(own)):
                values.setdefault(entry.number, {})[value] = None
        names = (name for row in self.group if row in self.rows for name in self.rows[row].names)
        return {n: tuple(v) for n, v in values.items()}, identities, tuple(dict.fromkeys(names))

    def _values(self, entry: Entry, own: tuple[Identity, ...]) -> Iterator[tuple[Value, ...]]:
        for row in self.group:
            read = self.rows.get(row)
            if row.dataset != entry.dataset or read is None:
                continue
            if entry.family is None or entry.columns[0] not in read.unproven:
                yield tuple(read.values.get(column) for column in entry.columns)
        if entry.family is not None:
            yield from ((one.value,) for one in own if one.match == kinds.match(entry.kind))

    def _proven(self, row: Row) -> Iterator[Identity]:
        read = self.rows.get(row)
        for place in self.places:
            if place.dataset != row.dataset or place.typed_only or read is None:
                continue
            value = read.values.get(place.columns[0])
            if value is None or place.columns[0] in read.unproven or place.family is Family.NAME:
                continue
            form = normal.normal(place.family, str(value), place.region)
            if form:
                yield Identity(match=kinds.match(place.kind), value=form)


def _alone(known: Entries, identity: Identity) -> Made:
    """Make a person of whom only an identity is known: copies without a key may have it."""
    values: dict[int, tuple[tuple[Value, ...], ...]] = {
        entry.number: ((identity.value,),)
        for entry in known.of
        if entry.family is not None and kinds.match(entry.kind) == identity.match
    }
    return values, (identity,), ()
