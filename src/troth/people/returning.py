"""Where erased people could be back in a store, and what follows from a row that is known again. Pure.

A tombstone says only that a key or an identity is there. Whether its row came with an old copy, or is a new one of
somebody who lawfully came back, is told by the row's own dates; where they do not tell, a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.people import normal
from troth.people.closure import Row
from troth.people.entries import Entries, Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Value
from troth.people.tombstones import Erased, place, text

Age = Literal["before", "after", "unknown"]
"""Of a row, against the erasure."""
Why = Literal["since", "undated", "unverified", "shared-identity", "in-use"]
"""Why a person must decide."""

_CREATED = re.compile(
    r"(date_?)?(created|registered|joined|inserted|added|opened|signed_?up|sign_?up|creation|registration|since)"
    r"(_?(at|on|date|time|ts|utc|day))*|member_since|ordered_at|sent_at|received_at|date",
    re.IGNORECASE,
)
_BEGINNING = frozenset(
    {"opened", "created", "made", "registered", "collected", "joined", "sent", "received", "placed"}
)
"""Last words of events that date a row's beginning, as `transaction.made`."""
_DATED = frozenset({ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ})
EAST, WEST = timedelta(hours=14), timedelta(hours=12)
"""How far local time can be from UTC: a date without a zone is before an instant only where it is so everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Columns in which erased people are looked for."""

    number: int
    entry: Entry
    dataset: str
    columns: tuple[str, ...]
    own: bool
    """The subject's own row; else a row that points to it, or a copy without a key."""
    key: tuple[str, ...] = ()
    """Key of the subject, in its own row."""
    verified: str = ""
    """Column that says whether the identity was proven."""
    identified: bool = False
    """The subject has identities, so that a row that lost them is known not to be back."""
    began: tuple[str, ...] = ()
    """Columns that date the beginning of a row."""
    dated: tuple[str, ...] = ()
    """Other dated columns, from anchors."""

    @property
    def place(self) -> str:
        """Name what is digested."""
        return place(self.entry)

    @property
    def is_identity(self) -> bool:
        """Tell whether an identity is compared, not a key."""
        return self.entry.family is not None


def targets(
    known: Entries,
    ways: Mapping[str, tuple[Way, ...]],
    datamap: DataMap,
    catalog: Catalog,
    *,
    lists: bool = False,
) -> tuple[Target, ...]:
    """List where erased people could be back in one store: subjects' own rows first.

    Args:
        known: Every entry.
        ways: How rows reach people.
        datamap: Which columns are identities, and which date a row.
        catalog: The store's structure.
        lists: The elements of a list can be looked at one by one.
    """
    found: dict[tuple[str, tuple[str, ...], int], Target] = {}
    ends = [(e.dataset, e.columns, e.number) for e in known.of if _is_own(e, datamap)]
    for dataset, listed in ways.items():
        if dataset.partition(".")[0] == catalog.store:
            ends += [
                (way.path[-1][0] if way.path else dataset, way.end.columns, way.end.entry) for way in listed
            ]
    entries = {entry.number: entry for entry in known.of}
    identified = {e.subject for e in known.of if e.family not in (None, Family.IP)}
    for dataset, columns, number in ends:
        table = catalog.dataset(dataset) if dataset.partition(".")[0] == catalog.store else None
        if table is None or (dataset, columns, number) in found or not _comparable(table, columns, lists):
            continue
        if entries[number].family is Family.IP:
            continue  # many people's: no tombstone is made of it
        made = _target(len(found), entries[number], dataset, columns, table, datamap)
        found[dataset, columns, number] = replace(made, identified=made.entry.subject in identified)
    return tuple(found.values())


def _is_own(entry: Entry, datamap: DataMap) -> bool:
    """Tell whether an entry is a subject's key or identity; other columns ways end at tell nothing by themselves."""
    if entry.family is Family.IP:
        return False
    key = tuple(datamap.subjects[entry.subject].key)
    return entry.family is not None or entry.columns == key


def _comparable(table: Table, columns: tuple[str, ...], lists: bool) -> bool:
    found = [table.column(name) for name in columns]
    unfit = {ColumnKind.JSON} if lists else {ColumnKind.JSON, ColumnKind.ARRAY}
    return all(column is not None and column.kind not in unfit for column in found)


def _target(
    number: int, entry: Entry, dataset: str, columns: tuple[str, ...], table: Table, datamap: DataMap
) -> Target:
    subject = datamap.subjects[entry.subject]
    own = dataset == subject.dataset and columns == entry.columns
    identity = next((i for i in subject.identities.values() if (i.field,) == columns), None)
    began, dated = _dates(dataset, table, datamap, subject.born)
    return Target(
        number=number,
        entry=entry,
        dataset=dataset,
        columns=columns,
        own=own,
        key=tuple(subject.key) if own else (),
        verified=identity.verified if own and identity and entry.family else "",
        began=began,
        dated=dated,
    )


def _dates(
    dataset: str, table: Table, datamap: DataMap, born: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    mapped = datamap.datasets.get(dataset)
    anchors = dict(mapped.anchors) if mapped else {}
    began = [name for event, name in anchors.items() if event.rpartition(".")[2] in _BEGINNING]
    began += [c.name for c in table.columns if _CREATED.fullmatch(c.name) and _may_date(c)]
    other = [name for name in anchors.values() if name not in began and name != born]

    def there(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in names if table.column(name) is not None))

    return there(began), there(other)


def _may_date(column: Column) -> bool:
    return column.kind in _DATED or column.kind in (ColumnKind.TEXT, ColumnKind.OTHER)


def age(
    began: Sequence[Value], dated: Sequence[Value], erased_at: datetime, now: datetime | None = None
) -> Age:
    """Tell whether a row is older than an erasure: by when it began, else by every other date it has.

    Of other dates those to come (`now` given) tell nothing: the end of a cookie or contract is set in advance.
    """
    for values in (began, dated):
        spans = [span for value in values if (span := _span(value))]
        if values is dated and now is not None:
            spans = [span for span in spans if span[0] <= now]
        if spans:
            if all(latest < erased_at for _, latest in spans):
                return "before"
            return "after" if any(earliest >= erased_at for earliest, _ in spans) else "unknown"
    return "unknown"


def _span(value: Value) -> tuple[datetime, datetime] | None:
    """Return the earliest and the latest instant a stored date may mean; None for what is no date."""
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value, value
        plain = value.replace(tzinfo=UTC)
        return plain - EAST, plain + WEST
    if isinstance(value, date):
        start = datetime.combine(value, time(), UTC)
        return start - EAST, start + timedelta(days=1) + WEST
    return None


def _read(text: str) -> date | datetime | None:
    try:
        return date.fromisoformat(text) if len(text.strip()) == 10 else datetime.fromisoformat(text.strip())
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A row in which a tombstone was recognised."""

    person: int
    """Id of the erased person in the ledger."""
    target: Target
    values: tuple[Value, ...] = field(repr=False)
    key: tuple[Value, ...] = field(default=(), repr=False)
    """Key of the subject's own row."""
    proven: bool = True
    """The identity is verified, or nothing says which are."""
    began: tuple[Value, ...] = ()
    dated: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """An erased person who is in a store again, at one place."""

    person: Erased
    dataset: str
    by: str
    """What they were known by: `key`, `email`, …"""
    rows: int
    why: Why | None = None
    """Why a person must decide; None for rows that came with the copy."""
    row: Row | None = field(default=None, repr=False)
    """The subject's own row."""
    entry: int | None = None
    values: tuple[Value, ...] = field(default=(), repr=False)
    """What stands in the columns, where the row is not the subject's own."""


@dataclass(slots=True)
class _Own:
    """What is known of one subject's row."""

    row: Row
    identified: bool
    by_key: set[int] = field(default_factory=set)
    by_identity: dict[int, list[Known]] = field(default_factory=dict)
    ages: dict[int, Age] = field(default_factory=dict)


@dataclass(slots=True)
class _Copy:
    """What is known of the rows with one value."""

    target: Target
    person: int
    values: tuple[Value, ...]
    rows: int = 0
    ages: set[Age] = field(default_factory=set)


class Gathering:
    """Take in recognised rows one by one, and judge them all at the end."""

    def __init__(
        self,
        people: Mapping[int, Erased],
        *,
        untouched: bool = False,
        thorough: bool = False,
        now: datetime | None = None,
    ) -> None:
        """Take the erased people by id.

        Args:
            people: Everyone of whom a tombstone was looked for.
            untouched: Nothing was written to the store since it was restored, as somebody states: every row in it
                came with the copy.
            thorough: Count rows that stay and only point to somebody, too: a copy may have brought back what an
                erasure had emptied in them.
            now: The clock; without it dates to come count as later than an erasure.
        """
        self.people, self.untouched, self.thorough, self.now = people, untouched, thorough, now
        self._own: dict[Row, _Own] = {}
        self._copies: dict[tuple[int, int, tuple[Value, ...]], _Copy] = {}
        self._by_key: set[tuple[int, str]] = set()
        """Who is known by a key, and in which dataset."""

    def take(self, known: Known) -> None:
        """Take in one row; rows of the same value are added up."""
        erased = self.people[known.person].erasure.erased_at
        found: Age = "before" if self.untouched else age(known.began, known.dated, erased, self.now)
        if known.target.own:
            row = Row(subject=known.target.entry.subject, dataset=known.target.dataset, key=known.key)
            own = self._own.setdefault(row, _Own(row=row, identified=known.target.identified))
            own.ages[known.person] = found
            if known.target.is_identity:
                own.by_identity.setdefault(known.person, []).append(known)
            else:
                own.by_key.add(known.person)
                self._by_key.add((known.person, row.dataset))
            return
        at = (known.target.number, known.person, known.values)
        copy = self._copies.setdefault(
            at, _Copy(target=known.target, person=known.person, values=known.values)
        )
        copy.rows += 1
        copy.ages.add(found)

    def judged(self) -> tuple[Back, ...]:
        """Say of every erased person who is back whether their rows came with the copy."""
        used = {(copy.person, _texts(copy.values)) for copy in self._copies.values() if "after" in copy.ages}
        own = [_checked(back, used) for one in self._own.values() if (back := self._row(one))]
        keyed = {(b.person.id, _texts(b.row.key)) for b in own if b.row}
        sure = {b.person.id for b in own if b.why is None}
        copies = [
            back
            for copy in self._copies.values()
            if (copy.person, _texts(copy.values)) not in keyed and (back := self._copy(copy))
        ]
        living = self.living(own)
        copies = [replace(b, why="in-use") if b.why is None and self._lives(b, living) else b for b in copies]
        return (*own, *(back for back in copies if back.why or back.person.id not in sure))

    def _lives(self, copy: Back, living: frozenset[str]) -> bool:
        entries = {c.target.entry.number: c.target.entry for c in self._copies.values()}
        entry = entries[copy.entry] if copy.entry is not None else None
        return entry is not None and entry.family is not None and form(entry, copy.values[0]) in living

    def living(self, backs: Iterable[Back]) -> frozenset[str]:
        """Return the identities, in normal form, that somebody uses since: nothing may be found by them alone."""
        rows = {back.row for back in backs if back.why and back.row}
        found = [
            (k.target.entry, k.values) for o in self._own.values() if o.row in rows for k in _identities(o)
        ]
        found += [
            (c.target.entry, c.values)
            for c in self._copies.values()
            if c.target.is_identity and c.ages != {"before"}
        ]
        return frozenset(form(entry, values[0]) for entry, values in found)

    def _row(self, own: _Own) -> Back | None:
        """Judge a subject's own row: the verdict of the erasure that explains it best."""
        verdicts = [v for person in {*own.by_key, *own.by_identity} if (v := self._by(own, person))]
        return min(verdicts, key=lambda back: (back.why is not None, back.by != "key"), default=None)

    def _by(self, own: _Own, person: int) -> Back | None:
        erased = self.people[person]
        identities = own.by_identity.get(person, [])
        if person in own.by_key:
            gone = own.row.dataset in erased.erasure.gone
            if not gone and not _filled_again(erased, own.row, identities):
                older = own.ages[person] == "before"
                if not self.thorough or (own.identified and not older):
                    return None
            return _back(own, erased, "key", _dated(own.ages[person]))
        best = min(identities, key=lambda k: (k.target.entry.family is not Family.EMAIL, not k.proven))
        family = best.target.entry.family
        by = family.value if family else ""
        if family is not Family.EMAIL:
            return _back(own, erased, by, "shared-identity")
        # Proven, an address leads an erasure to every row that has it; where no column tells, others kept theirs.
        if not best.proven or not best.target.verified:
            return _back(own, erased, by, "unverified")
        # Beside the row that was erased an older one stood with a key of its own, and was not erased.
        beside: Why | None = "shared-identity" if (person, own.row.dataset) in self._by_key else None
        return _back(own, erased, by, _dated(own.ages[person]) or beside)

    def _copy(self, copy: _Copy) -> Back | None:
        """Judge rows that name an erased person and whose own row is not there."""
        erased, target = self.people[copy.person], copy.target
        if not (self.thorough or erased.erasure.took(target.dataset, target.columns)):
            return None
        why: Why | None = None
        if copy.ages != {"before"}:
            why = "since" if "after" in copy.ages else "undated"
        family = target.entry.family
        if family is not None and family is not Family.EMAIL:
            why = "shared-identity"
        return Back(
            person=erased,
            dataset=target.dataset,
            by=family.value if family else "key",
            rows=copy.rows,
            why=why,
            entry=target.entry.number,
            values=copy.values,
        )


def _checked(back: Back, used: Collection[tuple[int, tuple[str, ...]]]) -> Back:
    """Leave a person to somebody's decision where rows that point to their row are newer than the erasure."""
    if back.why is None and back.row and (back.person.id, _texts(back.row.key)) in used:
        return replace(back, why="in-use")
    return back


def _identities(own: _Own) -> Iterator[Known]:
    for listed in own.by_identity.values():
        yield from listed


def _texts(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple(text(value) for value in values)


def _back(own: _Own, erased: Erased, by: str, why: Why | None) -> Back:
    return Back(person=erased, dataset=own.row.dataset, by=by, rows=1, why=why, row=own.row)


def _dated(found: Age) -> Why | None:
    return None if found == "before" else "since" if found == "after" else "undated"


def _filled_again(erased: Erased, row: Row, identities: Sequence[Known]) -> bool:
    """Tell whether a row that stayed without its person has an identity again that had been taken from it."""
    kept = _kept(erased, row.dataset)
    return any(one.target.columns[0] not in kept for one in identities)


def _kept(erased: Erased, dataset: str) -> frozenset[str]:
    return frozenset(name for k in erased.erasure.kept if k.dataset == dataset for name in k.fields)


def form(entry: Entry, value: Value) -> str:
    """Return the normal form of an identity, or its text where it has none."""
    written = text(value)
    made = normal.normal(entry.family, written, entry.region) if entry.family else None
    return made or written.strip().lower()


def people_of(backs: Iterable[Back]) -> Iterator[int]:
    """Yield each person once, in the order of their erasure."""
    yield from dict.fromkeys(back.person.id for back in sorted(backs, key=lambda b: b.person.id))
