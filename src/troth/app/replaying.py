"""After a restore: know the people again who were erased since the copy was made, and hand them to an erasure.

What a store finds by tombstones is judged by `people.returning`: rows that came with the copy go into a manifest,
whatever may be somebody's new beginning goes to a person. Nothing here deletes; the plan made of the manifest does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from troth.app.people import Everywhere, Selected
from troth.errors import Refused, StoreError
from troth.evidence import keys
from troth.evidence.entry import Entry as Evidence
from troth.evidence.instants import instant
from troth.ledger.ledger import Ledger
from troth.ledger.records import SetRecord
from troth.people import common, gathered, kinds, returning
from troth.people.closure import Closure, Found, Row
from troth.people.entries import Entry
from troth.people.gathered import Read
from troth.people.manifest import Manifest, Person, Value
from troth.people.returning import Back, Gathering, Known, Target
from troth.people.tombstones import Tombstone
from troth.people.typed import Identity
from troth.rights import tasks
from troth.rights.model import Unlooked
from troth.stores import streamed
from troth.stores.sql import digests, gather
from troth.stores.sql import find as seeking
from troth.stores.sql.digests import LeftOut, Search
from troth.stores.sql.find import Seeker

MOST_STORES = 500
MOST_PEOPLE = 20
"""Rows that are read of people with the same value; of more it is only counted how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The copy a store was restored from."""

    made: datetime
    set: str = ""
    """Its reference in the register, where it stands there."""


@dataclass(frozen=True, kw_only=True)
class Returned:
    """Erased people who are in stores again."""

    stores: tuple[str, ...]
    """Stores that were searched."""
    tombstones: int
    backs: tuple[Back, ...]
    living: frozenset[str]
    """Identities somebody uses since."""
    left: tuple[LeftOut, ...]
    silent: tuple[str, ...] = ()
    """Stores that could not be searched because one did not answer: they, or those their rows lead to people in."""

    @property
    def restored(self) -> tuple[Back, ...]:
        """Return what came with the copy."""
        return tuple(back for back in self.backs if back.why is None)

    @property
    def to_decide(self) -> tuple[Back, ...]:
        """Return what a person must decide about."""
        return tuple(back for back in self.backs if back.why is not None)


def copy(ledger: Ledger, store: str, named: str) -> Copy:
    """Read what a store was restored from: `backup:12`, the name of a registered set, an instant or a day.

    Raises:
        Refused: when it is none of these, or a copy of another store.
    """
    number = re.fullmatch(r"(?:backup:)([1-9][0-9]{0,8})", named.strip(), re.ASCII)
    sets = [
        s for s in ledger.backup_sets.read(int(number[1]) if number else None) if number or s.name == named
    ]
    own: list[SetRecord] = [s for s in sets if s.store == store]
    if len(own) == 1:
        return Copy(made=own[0].made, set=f"backup:{own[0].id}")
    if number or sets:
        raise Refused(
            f"A registered copy of store `{store}` was expected; found none, or one of another store.",
            hint="`troth backup list` shows the copies; or say when the copy was made, as 2026-05-01T02:00:00Z.",
        )
    made = _instant(named.strip())
    if made is None:
        raise Refused(
            "What the store was restored from was expected as `backup:12`, the name of a registered copy, an instant "
            "or a day; found something else.",
            hint="Write --restored-from 2026-05-01T02:00:00Z, the instant the copy was begun.",
        )
    return Copy(made=made)


def _instant(text: str) -> datetime | None:
    """Read an instant; a day means its beginning, so that nobody erased on it is passed over."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def closed(where: Everywhere, store: str) -> StoreError | None:
    """Say why a store cannot be searched for lack of an open store; None where it can.

    A row of a lake or a mailbox is known by values of people's own rows: while the store of these is closed, nobody
    could be known in it.
    """
    if store in where.silent:
        return where.silent[store]
    homes = {subject.dataset.partition(".")[0] for subject in where.project.datamap.subjects.values()}
    away = [error for name, error in where.silent.items() if name in homes]
    lost = [dataset for dataset in _personal(where, store) if _lost(where, dataset)]
    if not away or not lost:
        return None
    return StoreError(
        f"{lost[0]} leads to people in a store that is not open. {away[0].message}", hint=away[0].hint
    )


def _personal(where: Everywhere, store: str) -> Iterator[str]:
    """Yield the datasets of an open store with something personal in them."""
    for name, dataset in where.project.datamap.datasets.items():
        there = name.partition(".")[0] == store and where.world.table(name) is not None
        if there and (dataset.fields or dataset.free_text):
            yield name


def _lost(where: Everywhere, dataset: str) -> bool:
    """Tell whether a way from a dataset to people is unknown: whoever is only known by it would be passed over."""
    return not where.ways.get(dataset) or where.world.reaches.lost(dataset)


def look(
    where: Everywhere,
    ledger: Ledger,
    stores: Sequence[str],
    *,
    after: datetime | None = None,
    untouched: bool = False,
    thorough: bool = False,
) -> Returned:
    """Look in stores for people who were erased.

    Args:
        where: Every store.
        ledger: Whose tombstones.
        stores: Where to look.
        after: Only for people erased after that instant.
        untouched: Nothing was written since the restore, as somebody states.
        thorough: Count rows that stay and only point to somebody, too.

    Raises:
        StoreError: a store stops answering.
    """
    left: list[LeftOut] = []
    total, backs, living = 0, list[Back](), set[str]()
    for store in stores:
        total += ledger.tombstones.count(store, after=after)
        wanted = _search(where, ledger, store, after, left)
        if wanted is None:
            continue
        known = list(_known(where, store, wanted, left))
        people = ledger.tombstones.people(one.person for one in known)
        gathering = Gathering(people, untouched=untouched, thorough=thorough, now=where.world.at)
        for one in known:
            gathering.take(one)
        found = gathering.judged()
        backs += found
        living |= gathering.living(found)
    return Returned(
        stores=tuple(stores),
        tombstones=total,
        backs=tuple(sorted(backs, key=lambda b: (b.why is not None, b.person.id, b.dataset))),
        living=frozenset(living),
        left=tuple(left),
        silent=tuple(store for store in stores if closed(where, store) is not None),
    )


def _search(
    where: Everywhere, ledger: Ledger, store: str, after: datetime | None, left: list[LeftOut]
) -> Search | None:
    found, wrong = where.stores.get(store), closed(where, store)
    if found is None or wrong is not None:
        left.append(
            LeftOut(what=f"store {store}", why=wrong.message if wrong else "its kind cannot be opened")
        )
        return None
    left += [
        LeftOut(what=name, why="no way from its rows to people is known, so nobody is known in it")
        for name in _personal(where, store)
        if _lost(where, name)
    ]
    lost = [
        use for use in ledger.tombstones.by_key(store) if use.standing and use.key not in _secrets(ledger)
    ]
    left += [
        LeftOut(
            what=f"store {store}",
            why=f"{use.standing:,} tombstones were made with key {use.key}, which is gone",
        )
        for use in lost
    ]
    secrets = {id: keys.store_key(secret, store) for id, secret in _secrets(ledger).items()}
    sql = store in where.sql.catalogs
    targets: Sequence[Target] = returning.targets(
        where.known, where.ways, where.project.datamap, found.catalog, lists=not sql
    )
    targets = targets if sql else streamed.own_less(targets)
    stones: Iterable[Tombstone] = ledger.tombstones.standing(store, after=after)
    return Search(targets=targets, stones=stones, keys=secrets)


def _secrets(ledger: Ledger) -> Mapping[str, bytes]:
    return ledger.keys.all_tombstones


def _known(where: Everywhere, store: str, wanted: Search, left: list[LeftOut]) -> Iterator[Known]:
    catalog = where.sql.catalogs.get(store)
    if catalog is not None:
        yield from digests.search(where.sql.engines[store], catalog, wanted, left)
        return
    if streamed.searchable(where.stores[store]):
        yield from streamed.search(where.stores[store], wanted, left)
        return
    by_hand = tasks.by_a_person(where.project.datamap.stores[store])
    why = "a person has to look there" if by_hand else "its kind cannot be searched for erased people"
    left.append(LeftOut(what=f"store {store}", why=why))


def manifest(where: Everywhere, found: Returned) -> Selected:
    """Make the manifest of the people whose rows came with the copy, as an erasure takes it.

    Values that somebody uses since are left out: no row is reached by them. So are those that others have as well,
    where they are all that leads to rows of another store; `Selected.common` names such datasets.

    Raises:
        StoreError: a store stops answering.
    """
    rows: dict[int, list[Row]] = {}
    copies: dict[int, list[Back]] = {}
    for back in found.restored:
        if back.row is not None:
            rows.setdefault(back.person.id, []).append(back.row)
        else:
            copies.setdefault(back.person.id, []).append(back)
    groups = tuple(tuple(dict.fromkeys(listed)) for listed in rows.values())
    closure = Closure(found={r: Found(row=r, kind="key") for g in groups for r in g}, people=groups)
    made = gathered.manifest(closure, (), where.known, where.places.of, _read(where, closure))
    known = dict(zip(rows, made.people, strict=True))
    people = [
        _without(_with(known.get(id), copies.get(id, ()), where), found.living, where)
        for id in sorted({*rows, *copies})
    ]
    numbered = tuple(replace(person, number=number) for number, person in enumerate(people, 1))
    whole, common_to = _own(where, closure, Manifest(entries=where.known.of, people=numbered))
    return Selected(everywhere=where, asked=(), closure=closure, manifest=whole, common=common_to)


def _own(where: Everywhere, closure: Closure, whom: Manifest) -> tuple[Manifest, tuple[Unlooked, ...]]:
    """Ask who else has a value by which rows of other stores are known, as an erasure does before it begins."""
    named: dict[Unlooked, None] = {}
    for entry in common.far(where.known, where.ways):
        wanted = common.asked(entry, whom, ())
        shared = _shared(where, closure, entry, wanted) if wanted else frozenset()
        if shared:
            whom = common.without(whom, entry, shared)
            why = f"others have the same {entry.kind}, so nobody can tell whose the rows are that only it leads to"
            ends = (n for n, ways in where.ways.items() for way in ways if way.end.entry == entry.number)
            named |= dict.fromkeys(Unlooked(what=name, why=why) for name in ends)
    return whom, tuple(named)


def _shared(
    where: Everywhere, closure: Closure, entry: Entry, wanted: tuple[Identity, ...]
) -> frozenset[Identity]:
    """Say which values others have; all of them where the people's own store does not answer."""
    store = entry.dataset.partition(".")[0]
    if store not in where.sql.catalogs:
        return frozenset(wanted)
    catalog = where.sql.catalogs[store]
    with seeking.opened(where.sql.engines[store], catalog, where.places.of) as seeker:
        answer = seeker.find(wanted, typed=True, limit=MOST_PEOPLE)
    return common.others(entry, answer, closure.found)


def _read(where: Everywhere, closure: Closure) -> dict[Row, Read]:
    """Read what a manifest needs of the rows that came back."""
    rows: dict[Row, Read] = {}
    subjects = dict.fromkeys((row.subject, row.dataset) for row in closure.found)
    with ExitStack() as stack:
        seekers: dict[str, Seeker] = {}
        for store in dict.fromkeys(dataset.partition(".")[0] for _, dataset in subjects):
            opened = seeking.opened(where.sql.engines[store], where.sql.catalogs[store], where.places.of)
            seekers[store] = stack.enter_context(opened)
            seekers[store].take(closure.found, ())
        for subject, dataset in subjects:
            seeker = seekers[dataset.partition(".")[0]]
            table = seeker.table(dataset)
            wanted = gathered.wanted(where.known, where.places.of, where.project.datamap, table, subject)
            rows.update((read.row, read) for read in gather.gather(seeker, wanted))
    return rows


def _with(person: Person | None, copies: Iterable[Back], where: Everywhere) -> Person:
    """Add values that were found without the subject's own row."""
    values: dict[int, dict[tuple[Value, ...], None]] = {}
    identities: dict[Identity, None] = {}
    if person is not None:
        values = {number: dict.fromkeys(rows) for number, rows in person.values.items()}
        identities = dict.fromkeys(person.identities)
    entries = {entry.number: entry for entry in where.known.of}
    for back in copies:
        if back.entry is None:
            continue
        values.setdefault(back.entry, {})[back.values] = None
        entry = entries[back.entry]
        if entry.family is not None:
            form = returning.form(entry, back.values[0])
            identities[Identity(match=kinds.match(entry.kind), value=form)] = None
    return Person(
        number=0,
        values={number: tuple(rows) for number, rows in values.items()},
        identities=tuple(identities),
        names=person.names if person else (),
    )


def _without(person: Person, living: frozenset[str], where: Everywhere) -> Person:
    """Leave out what somebody uses since."""
    by_value = {entry.number: entry for entry in where.known.of if entry.family is not None}
    values = {
        number: tuple(
            row
            for row in rows
            if number not in by_value or returning.form(by_value[number], row[0]) not in living
        )
        for number, rows in person.values.items()
    }
    identities = tuple(i for i in person.identities if i.value not in living)
    return replace(person, values=values, identities=identities)


def note(
    ledger: Ledger, store: str, found: Returned, copied: Copy, *, untouched: bool, by: str, at: datetime
) -> None:
    """Keep evidence of a replay's search."""
    with ledger.writing():
        body = {
            "store": store,
            "copy_made": instant(copied.made),
            "tombstones": found.tombstones,
            "found": len(set(returning.people_of(found.restored))),
            "to_decide": len(set(returning.people_of(found.to_decide))),
            "untouched": untouched,
            "not_looked_at": len(found.left),
            "by": f"staff:{ledger.staff.identify(by, at=at)}",
            **({"backup": copied.set} if copied.set else {}),
        }
        ledger.append(Evidence(kind="replay.finished", at=at, body=body))
        ledger.checkpoint(at=at)


def note_sweep(ledger: Ledger, found: Returned, *, by: str, at: datetime) -> None:
    """Keep evidence of a sweep."""
    with ledger.writing():
        body = {
            "stores": list(found.stores)[:MOST_STORES],
            "tombstones": found.tombstones,
            "found": len(set(returning.people_of(found.backs))),
            "not_looked_at": len(found.left),
            "by": f"staff:{ledger.staff.identify(by, at=at)}",
        }
        ledger.append(Evidence(kind="sweep.finished", at=at, body=body))
        ledger.checkpoint(at=at)
