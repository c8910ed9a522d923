"""Where the identities of a data map can be looked for: one place per identity of a subject, and one per key.

Pure. A place says which columns of which dataset, what it takes in, and what its values may lead to. What cannot be
looked at is named in `left_out`, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.catalog.datamap import DataMap, Identity, Subject
from troth.catalog.model import Catalog, ColumnKind, Table
from troth.people import kinds
from troth.people.kinds import Family

_UNREADABLE = frozenset({ColumnKind.JSON, ColumnKind.ARRAY, ColumnKind.BYTES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Columns of a subject's dataset in which an identity stands."""

    number: int
    subject: str
    dataset: str
    kind: str
    family: Family
    columns: tuple[str, ...]
    """One column; all of the key's where the place is a key."""
    key: tuple[str, ...]
    """Key columns of the dataset."""
    answers: tuple[str, ...]
    """What is looked for here (see `kinds.match`)."""
    verified: str = ""
    """Column that says whether the value was proven."""
    links: bool = False
    """Its values may lead on to other rows, where they are verified."""
    typed_only: bool = False
    """Keys of two datasets may be equal by chance: a key is found only when somebody typed it."""
    takes_links: bool = True
    """Rows may be found here by what stands in another row."""
    region: str = ""
    """Country in which phone numbers without `+` are dialled."""

    @property
    def store(self) -> str:
        """Return the store it is in."""
        return self.dataset.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was not looked at, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Everywhere an identity can be looked for."""

    of: tuple[Place, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """List what can be typed before the colon."""
        named = {p.kind for p in self.of} | {p.family.value for p in self.of if p.family in kinds.TOGETHER}
        return tuple(sorted(named))


def declared_kinds(datamap: DataMap) -> tuple[str, ...]:
    """List what can be typed for a data map, whether or not its stores answer."""
    names = {kind for subject in datamap.subjects.values() for kind in subject.identities}
    together = {kinds.match(name) for name in names if kinds.family(name) in kinds.TOGETHER}
    return tuple(sorted(names | together | ({kinds.BY_KEY} if datamap.subjects else set())))


def places(datamap: DataMap, catalogs: Mapping[str, Catalog]) -> Places:
    """List the places of every subject whose dataset is in an open store."""
    found: list[Place] = []
    left: list[LeftOut] = []
    for name, subject in datamap.subjects.items():
        catalog = catalogs.get(subject.dataset.partition(".")[0])
        table = catalog.dataset(subject.dataset) if catalog else None
        if catalog is not None and table is None:
            left.append(LeftOut(what=subject.dataset, why="its table is not in the store"))
        if table is None:
            continue
        missing = [column for column in subject.key if table.column(column) is None]
        if missing:
            left.append(LeftOut(what=subject.dataset, why=f"its key column {missing[0]} is not in the store"))
            continue
        region = region_of(datamap, subject.dataset)
        for kind, identity in subject.identities.items():
            why = _unusable(table, identity)
            if why:
                left.append(LeftOut(what=f"{subject.dataset}.{identity.field}", why=why))
                continue
            found.append(_identity(len(found), name, subject, kind, identity, region))
        found.append(_key(len(found), name, subject))
    return Places(of=tuple(found), left_out=tuple(left))


def region_of(datamap: DataMap, dataset: str) -> str:
    """Return the country in which a dataset rests, where the map gives one by its two letters."""
    mapped, store = datamap.datasets.get(dataset), datamap.stores.get(dataset.partition(".")[0])
    located = (mapped.located if mapped else "") or (store.located if store else "")
    return located.upper() if len(located) == 2 else ""


def region(datamap: DataMap) -> str:
    """Return the country of all stores with people, where there is one: how typed phone numbers are read."""
    found = {region_of(datamap, subject.dataset) for subject in datamap.subjects.values()}
    return found.pop() if len(found) == 1 else ""


def overruled(datamap: DataMap) -> Iterator[str]:
    """Name the identities that are declared `links: yes` and never lead on all the same."""
    for name, subject in datamap.subjects.items():
        for kind, identity in subject.identities.items():
            if identity.links and kinds.family(kind) in kinds.NEVER_LINK:
                yield f"{name}.{kind}"


def _unusable(table: Table, identity: Identity) -> str:
    column = table.column(identity.field)
    if column is None:
        return "the store has no such column"
    if column.kind in _UNREADABLE:
        return (
            f"values inside a column of type {column.declared or column.kind} cannot be matched in the store"
        )
    if identity.verified and table.column(identity.verified) is None:
        return f"its column {identity.verified}, which says what was verified, is not in the store"
    return ""


def _identity(number: int, name: str, subject: Subject, kind: str, identity: Identity, region: str) -> Place:
    declared = None if identity.links is None else bool(identity.links)
    return Place(
        number=number,
        subject=name,
        dataset=subject.dataset,
        kind=kind,
        family=kinds.family(kind),
        columns=(identity.field,),
        key=tuple(subject.key),
        answers=(kinds.match(kind),),
        verified=identity.verified,
        links=kinds.may_link(kind, declared=declared, verified=bool(identity.verified)),
        takes_links=declared is not False,
        region=region,
    )


def _key(number: int, name: str, subject: Subject) -> Place:
    """Make the place of a key: `id:123` finds it unless the subject has an identity of that name."""
    by_kind = () if kinds.BY_KEY in subject.identities else (kinds.BY_KEY,)
    return Place(
        number=number,
        subject=name,
        dataset=subject.dataset,
        kind=kinds.BY_KEY,
        family=Family.ACCOUNT,
        columns=tuple(subject.key),
        key=tuple(subject.key),
        answers=(*by_kind, f"{name}/"),
        typed_only=True,
        takes_links=False,
    )
