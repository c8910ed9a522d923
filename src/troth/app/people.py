"""Who a rights command is about, and where: people found, their manifest, and every kind of store opened for them.

A store that does not answer, or whose kind cannot be opened here, is named in `unlooked`, never passed over.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from troth.app import stores, unchanged, wishes
from troth.app.clock import Moment
from troth.app.project import Project
from troth.app.stores import Stores
from troth.app.wishes import Wish
from troth.apply.people import PeopleStore
from troth.catalog import reach
from troth.catalog.datamap import DataMap, Dataset, Store
from troth.catalog.model import Catalog
from troth.catalog.reach import Reaches
from troth.errors import Refused, StoreError
from troth.people import closure, common, entries, gathered, places
from troth.people.closure import Closure, Row
from troth.people.entries import Entries, Way
from troth.people.gathered import Read, Wanted
from troth.people.manifest import Manifest
from troth.people.places import LeftOut, Places
from troth.people.typed import Typed
from troth.plan.world import World
from troth.rights.model import Unlooked
from troth.stores.sql import find as seeking
from troth.stores.sql import gather
from troth.stores.sql.find import Seeker
from troth.stores.sql.given import FEW
from troth.stores.sql.people import SqlPeople

ADAPTERS: Mapping[str, str] = {
    "files": "troth.stores.lake",
    "delta": "troth.stores.delta",
    "mail": "troth.stores.mail",
    "logs": "troth.stores.logs",
    "tree": "troth.stores.trees",
}
"""The package that opens each kind of store without a URL."""


@dataclass(frozen=True, kw_only=True)
class Everywhere:
    """Every store of a project, open, and how its rows reach people."""

    project: Project
    sql: Stores
    stores: Mapping[str, PeopleStore]
    world: World
    """With the structure of every store, and ways that leave a store for a subject; without holds."""
    known: Entries
    ways: Mapping[str, tuple[Way, ...]]
    places: Places
    wanted: Mapping[str, Wanted]
    """What a manifest needs of the rows of each kind of subject that is in a database."""
    closed: tuple[LeftOut, ...]
    """Stores that did not answer or cannot be opened here."""
    unlooked: tuple[Unlooked, ...]
    """These, and everything else that is not looked at."""
    silent: Mapping[str, StoreError] = field(default_factory=dict)
    """What each store that is closed said when it was to be opened."""

    @property
    def unreachable(self) -> bool:
        """Tell whether some store is closed."""
        return bool(self.closed)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """Some people, and every store."""

    everywhere: Everywhere
    asked: tuple[Typed, ...]
    closure: Closure
    manifest: Manifest
    common: tuple[Unlooked, ...] = ()
    """Datasets whose rows are found by a value that somebody else has as well: not looked at by it."""
    sessions: Mapping[str, sa.Connection] = field(default_factory=dict)
    """By store, where few people were looked for: the session that found them, still in the same moment."""


@contextmanager
def everywhere(
    project: Project, environment: Mapping[str, str], moment: Moment, *, readonly: bool
) -> Iterator[Everywhere]:
    """Open every store of a project, whatever its kind."""
    with (
        stores.opened(project, environment, readonly=readonly, patient=True) as opened,
        ExitStack() as stack,
    ):
        found: dict[str, PeopleStore] = {
            name: SqlPeople(opened.engines[name], catalog, lambda: moment.at)
            for name, catalog in opened.catalogs.items()
        }
        silent = dict(opened.unreachable)
        for name in opened.unbuilt:
            try:
                found[name] = stack.enter_context(_other(project, name, moment.at))
            except StoreError as error:
                silent[name] = error
        yield _joined(project, opened, found, silent, moment)


def _other(project: Project, name: str, at: datetime) -> AbstractContextManager[PeopleStore]:
    """Open a store that is no database."""
    declared = project.datamap.stores[name]
    own = {n: d for n, d in project.datamap.datasets.items() if n.startswith(f"{name}.")}
    package = ADAPTERS.get(_kind(declared), "troth.stores.shelves")
    opener: _Opener = import_module(package).opened
    return opener(name, declared, own, project.folder, lambda: at)


def _kind(declared: Store) -> str:
    return declared.kind or ("files" if declared.files else "physical")


def _joined(
    project: Project,
    opened: Stores,
    found: Mapping[str, PeopleStore],
    silent: Mapping[str, StoreError],
    moment: Moment,
) -> Everywhere:
    missing = tuple(LeftOut(what=f"store {name}", why=error.message) for name, error in silent.items())
    catalogs: dict[str, Catalog] = {name: store.catalog for name, store in found.items()}
    made = functools.partial(_structure, project.datamap, catalogs, opened.catalogs)
    parts = (project.datamap, *catalogs.values())
    key = ("structure", *catalogs, None, *opened.catalogs)
    reaches, known, ways, where, wanted = unchanged.kept(parts, key, made)
    lost = tuple(
        LeftOut(what=name, why="the data map gives no way from it to a person that can be followed")
        for name in project.datamap.datasets
        if _able(found, name) and not reaches.of.get(name)
    )
    return Everywhere(
        project=project,
        sql=opened,
        stores=found,
        world=replace(stores.world(project, opened, moment.at, reaches), catalogs=catalogs),
        known=known,
        ways=ways,
        places=where,
        wanted=wanted,
        closed=missing,
        unlooked=tuple(
            Unlooked(what=one.what, why=one.why) for one in (*missing, *where.left_out, *lost, *unread(found))
        ),
        silent=silent,
    )


def unread(found: Mapping[str, PeopleStore]) -> Iterator[LeftOut]:
    """Name what open stores cannot read of themselves."""
    for store in found.values():
        for what, why in store.describe().unread:
            yield LeftOut(what=what, why=why)


def _structure(
    datamap: DataMap, catalogs: Mapping[str, Catalog], databases: Mapping[str, Catalog]
) -> tuple[Reaches, Entries, Mapping[str, tuple[Way, ...]], Places, Mapping[str, Wanted]]:
    """Work out how rows reach people, where identities stand, and what a manifest needs of people's own rows."""
    reaches = reach.resolve(datamap, catalogs, across=True)
    known = entries.entries(datamap, catalogs, reaches)
    where = places.places(datamap, databases)
    wanted = {
        name: gathered.wanted(known, where.of, datamap, table, name)
        for name, subject in datamap.subjects.items()
        if (store := databases.get(subject.dataset.partition(".")[0]))
        and (table := store.dataset(subject.dataset))
    }
    return reaches, known, entries.ways(known, datamap, catalogs, reaches), where, wanted


def _able(found: Mapping[str, PeopleStore], dataset: str) -> bool:
    """Tell whether a dataset is in an open store that can do something by itself."""
    store = found.get(dataset.partition(".")[0])
    return store is not None and bool(store.describe().can)


def select(where: Everywhere, wish: Wish, *, joined: bool = False) -> Selected:
    """Find people by what was typed, and read what their manifest needs.

    Args:
        where: The stores.
        wish: What somebody looks for.
        joined: Take several rows of one kind of subject, led to from one another, for one person.

    Raises:
        BadInput: what was typed cannot be read.
        Refused: it is not clear who is meant.
        StoreError: a store stops answering.
    """
    with selecting(where, wish, joined=joined, last=False) as selected:
        return replace(selected, sessions={})


@contextmanager
def selecting(
    where: Everywhere, wish: Wish, *, joined: bool = False, last: bool = True
) -> Iterator[Selected]:
    """Do what `select` does, and keep the moment: whoever reads by `sessions` reads what was found.

    Args:
        where: The stores.
        wish: What somebody looks for.
        joined: As in `select`.
        last: Nothing is asked of the databases afterwards.

    Raises:
        BadInput: what was typed cannot be read.
        Refused: it is not clear who is meant.
        StoreError: a store stops answering.
    """
    asked = wishes.typed_in(wish, where.project.datamap)
    with ExitStack() as stack:
        seekers: dict[str, Seeker] = {}
        ends: dict[str, ExitStack] = {}
        for name, catalog in where.sql.catalogs.items():
            opener = seeking.opened(
                where.sql.engines[name],
                catalog,
                where.places.of,
                few=len(asked) <= FEW,
                beside=where.wanted,
                last=last,
            )
            ends[name] = stack.enter_context(ExitStack())
            seekers[name] = ends[name].enter_context(opener)
        found = closure.close(asked, wishes.Seekers(tuple(seekers.values())), limit=wish.limit)
        _clear(found, wish, joined=joined)
        whom = manifest_of(where, seekers, found, asked)
        made, common_to = _own(where, seekers, found, asked, whom, wish.limit)
        kept = {name for name, seeker in seekers.items() if seeker.given is not None}
        for name in seekers.keys() - kept:
            ends[name].close()
        yield Selected(
            everywhere=replace(where, unlooked=(*where.unlooked, *common_to)),
            asked=asked,
            closure=found,
            manifest=made,
            common=common_to,
            sessions={name: seekers[name].connection for name in kept},
        )


def _own(
    where: Everywhere,
    seekers: Mapping[str, Seeker],
    found: Closure,
    asked: Sequence[Typed],
    whom: Manifest,
    limit: int,
) -> tuple[Manifest, tuple[Unlooked, ...]]:
    """Leave rows of other stores alone that a value finds which others have too; name their datasets."""
    typed = {one.identity for one in asked}
    named: dict[Unlooked, None] = {}
    for entry in common.far(where.known, where.ways):
        wanted = common.asked(entry, whom, typed)
        if not wanted:
            continue
        answer = seekers[entry.dataset.partition(".")[0]].find(wanted, typed=True, limit=limit)
        shared = common.others(entry, answer, found.found)
        if shared:
            whom = common.without(whom, entry, shared)
            why = f"others have the same {entry.kind}, so nobody can tell whose the rows are that only it leads to"
            ends = (n for n, ways in where.ways.items() for way in ways if way.end.entry == entry.number)
            named |= dict.fromkeys(Unlooked(what=name, why=why) for name in ends)
    return whom, tuple(named)


def manifest_of(
    where: Everywhere, seekers: Mapping[str, Seeker], found: Closure, asked: Sequence[Typed]
) -> Manifest:
    """Read what a manifest of the people found needs, and make it.

    Raises:
        StoreError: a store stops answering.
    """
    rows = _rows(where, seekers, found)
    return gathered.manifest(found, asked, where.known, where.places.of, rows)


def _rows(where: Everywhere, seekers: Mapping[str, Seeker], found: Closure) -> dict[Row, Read]:
    rows: dict[Row, Read] = {}
    taken: set[str] = set()
    for subject in dict.fromkeys(row.subject for row in found.found):
        wanted = where.wanted[subject]
        store = wanted.dataset.partition(".")[0]
        own = [row for row in found.found if row.subject == subject]
        if gather.at_hand(seekers[store], wanted, own):
            read = gather.read(seekers[store], wanted, own)
        else:
            if store not in taken:
                seekers[store].take(found.found, ())
                taken.add(store)
            read = gather.gather(seekers[store], wanted)
        rows.update((one.row, one) for one in read)
    return rows


def _clear(found: Closure, wish: Wish, *, joined: bool) -> None:
    """Refuse to act where an identity does not say who is meant."""
    if found.stopped:
        one = found.stopped[0]
        raise Refused(
            f"The identity {_named(one.kind, one.typed)} has {one.subjects} people, more than {wish.limit}.",
            hint="Look with troth find, and name each person by a key.",
        )
    if found.several:
        one = found.several[0]
        raise Refused(
            f"The identity {_named(one.kind, one.typed)} has {one.subjects} people, and only one is meant.",
            hint="Look with troth find --show-keys, and name the person by a key, as customer/123.",
        )
    if found.doubtful and not joined:
        number, dataset = found.doubtful[0]
        raise Refused(
            f"Person {number} has several rows in {dataset}: two accounts, or two people joined by a wrong entry.",
            hint="Look with troth find --show-keys; with --joined they are taken as one.",
        )


def _named(kind: str, typed: int) -> str:
    return f"{kind} {typed}" if typed else f"({kind}, led to from another row)"


class _Opener(Protocol):
    """What each package of a kind of store offers."""

    def __call__(
        self, name: str, declared: Store, datasets: Mapping[str, Dataset], folder: Path, now: object
    ) -> AbstractContextManager[PeopleStore]:
        """Open a store of that kind."""
        ...
