"""By what the rows of all datasets are recognised as somebody's: columns of subjects that ways end at.

Pure. Every way of a dataset ends at a subject's key, or at another of its columns (an e-mail address, the address a
customer points to). What stands there for the people at hand is kept in the manifest, so that the same step can be
staged in any store, again and again, even after the subject's own row is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.catalog.reach import Hop, Reach, Reaches
from troth.people import kinds
from troth.people.kinds import Family
from troth.people.places import region_of
from troth.plan.predicates import Path, Predicate, Staged, through


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Columns of a subject's dataset by which other rows, or its own, are recognised."""

    number: int
    subject: str
    dataset: str
    columns: tuple[str, ...]
    family: Family | None = None
    """How values are compared where a copy has no key: in their normal form; exactly where left out."""
    kind: str = ""
    """What the data map calls the identity, where the entry is one."""
    region: str = ""
    """Country in which phone numbers without `+` are dialled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way from a dataset's rows to the people at hand."""

    role: str
    """Sender, recipient, …; the kind of subject where no role was named."""
    subject: str
    path: Path
    """Looks at other datasets of the same store, from the row on; empty where its own columns tell."""
    end: Staged
    """What is asked of the row at the end of the path."""

    @property
    def where(self) -> Predicate:
        """Say of a row that it is about one of the people at hand, by this way."""
        return through(self.path, self.end)


@dataclass(frozen=True, kw_only=True)
class Entries:
    """Every entry of a project, by number."""

    of: tuple[Entry, ...]

    def at(self, dataset: str, columns: tuple[str, ...], *, by_value: bool = False) -> Entry | None:
        """Return the entry of some columns, if there is one."""
        return next(
            (
                e
                for e in self.of
                if e.dataset == dataset and e.columns == columns and (e.family is not None) == by_value
            ),
            None,
        )

    def key(self, subject: str) -> Entry:
        """Return the entry of a subject's key."""
        return next(e for e in self.of if e.subject == subject and not e.kind and e.family is None)


def entries(datamap: DataMap, catalogs: Mapping[str, Catalog], reaches: Reaches) -> Entries:
    """List the keys of all subjects, then their identities, then what else ways end at."""
    found: dict[tuple[str, tuple[str, ...], Family | None], Entry] = {}

    def add(subject: str, columns: tuple[str, ...], family: Family | None, kind: str) -> None:
        dataset = datamap.subjects[subject].dataset
        region = region_of(datamap, dataset)
        made = Entry(
            number=len(found),
            subject=subject,
            dataset=dataset,
            columns=columns,
            family=family,
            kind=kind,
            region=region,
        )
        found.setdefault((dataset, columns, family), made)

    for name, subject in datamap.subjects.items():
        add(name, tuple(subject.key), None, "")
    for name, subject in datamap.subjects.items():
        for kind, identity in subject.identities.items():
            if kinds.family(kind) in kinds.TOGETHER:
                add(name, (identity.field,), kinds.family(kind), kind)
    for ways in reaches.of.values():
        for way in ways:
            if way.hops:
                hop = way.hops[-1]
                family, kind = _compared(datamap, catalogs, way, hop)
                add(way.subject, hop.target_columns, family, kind)
    return Entries(of=tuple(found.values()))


def ways(
    known: Entries, datamap: DataMap, catalogs: Mapping[str, Catalog], reaches: Reaches
) -> Mapping[str, tuple[Way, ...]]:
    """List every dataset's ways to the people at hand."""
    return {
        dataset: tuple(_way(known, datamap, catalogs, reach) for reach in found)
        for dataset, found in reaches.of.items()
    }


def _way(known: Entries, datamap: DataMap, catalogs: Mapping[str, Catalog], reach: Reach) -> Way:
    if not reach.hops:
        entry = known.key(reach.subject)
        end = Staged(entry=entry.number, columns=entry.columns)
        return Way(role=reach.role, subject=reach.subject, path=(), end=end)
    last = reach.hops[-1]
    family, _ = _compared(datamap, catalogs, reach, last)
    found = known.at(last.target, last.target_columns, by_value=family is not None)
    assert found is not None, last.target
    path: Path = tuple((hop.target, hop.match) for hop in reach.hops[:-1])
    end = Staged(entry=found.number, columns=last.columns)
    return Way(role=reach.role, subject=reach.subject, path=path, end=end)


def _compared(
    datamap: DataMap, catalogs: Mapping[str, Catalog], way: Reach, hop: Hop
) -> tuple[Family | None, str]:
    """Tell whether a hop compares values however they are written: an identity that no foreign key vouches for."""
    subject = datamap.subjects[way.subject]
    if hop.target != subject.dataset or len(hop.target_columns) != 1 or _foreign(catalogs, hop):
        return None, ""
    for kind, identity in subject.identities.items():
        if identity.field == hop.target_columns[0] and kinds.family(kind) in kinds.TOGETHER:
            return kinds.family(kind), kind
    return None, ""


def _foreign(catalogs: Mapping[str, Catalog], hop: Hop) -> bool:
    catalog = catalogs.get(hop.source.partition(".")[0])
    table = catalog.dataset(hop.source) if catalog else None
    bare = hop.target.partition(".")[2]
    same_store = hop.source.partition(".")[0] == hop.target.partition(".")[0]
    return (
        same_store
        and table is not None
        and any(key.columns == hop.columns and key.target == bare for key in table.foreign_keys)
    )
