"""Who stands in the rows of a dataset: roles of people, which of them are at hand, and who else is there.

Pure. Ways with different role names are different people (a sender and a recipient); ways with the same role are
alternatives by which one person is found (an id, or an e-mail address). A row of a subject's own dataset is that
subject's alone, whoever else it mentions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.catalog.model import ColumnKind
from troth.catalog.reach import Reach
from troth.people.entries import Entries, Way
from troth.plan.predicates import (
    NEVER,
    Common,
    Exists,
    Filled,
    Predicate,
    Staged,
    both,
    either,
    negate,
    through,
)
from troth.plan.world import World

DATABASES = frozenset({"sqlite", "postgresql", "mariadb"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Own columns of a row that lead straight to a person."""

    columns: tuple[str, ...]
    end: Staged
    by_value: bool
    """No key, but a copy of a value that is personal itself."""
    twins: Predicate = NEVER
    """It leads to somebody else as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One capacity in which people stand in a row."""

    name: str
    mine: Predicate
    """It leads to somebody at hand."""
    strangers: Predicate
    """It leads to somebody who is not at hand."""
    twins: Predicate
    """Besides leading to somebody at hand it leads to somebody else, who exists and is not."""
    links: tuple[Link, ...]
    own: bool = False
    """The row is the person's own in the subject's dataset."""

    @property
    def clear(self) -> Predicate:
        """It leads to people at hand, and to nobody else."""
        return both(self.mine, negate(self.twins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everyone who can stand in the rows of one dataset."""

    roles: tuple[Role, ...]

    @property
    def mine(self) -> Predicate:
        """Rows in which somebody at hand stands."""
        return either(*(role.mine for role in self.roles))

    @property
    def others(self) -> Predicate:
        """Rows in which somebody else stands as well; only of use together with `mine`."""
        own = [role for role in self.roles if role.own]
        if own:
            return negate(either(*(role.mine for role in own))) if len(self.roles) > 1 else NEVER
        strangers = (role.strangers for role in self.roles) if len(self.roles) > 1 else ()
        return either(*strangers, *(role.twins for role in self.roles))

    def role(self, name: str) -> Role | None:
        """Return the role of that name, if there is one."""
        return next((role for role in self.roles if role.name == name), None)

    @property
    def links(self) -> tuple[Link, ...]:
        """List the links of all roles."""
        return tuple(dict.fromkeys(link for role in self.roles for link in role.links))


def standing(world: World, known: Entries, ways: Mapping[str, tuple[Way, ...]], dataset: str) -> Standing:
    """Group the ways of a dataset by role."""
    pairs = tuple(zip(world.ways(dataset), ways.get(dataset, ()), strict=True))
    names = dict.fromkeys(way.role for _, way in pairs)
    return Standing(roles=tuple(_role(world, known, name, pairs) for name in names))


def _role(world: World, known: Entries, name: str, pairs: tuple[tuple[Reach, Way], ...]) -> Role:
    own = tuple((reach, way) for reach, way in pairs if way.role == name)
    mine = either(*(way.where for _, way in own))
    several = len(own) > 1 or any(hop.many for reach, _ in own for hop in reach.hops)
    lists = either(
        *(Filled(column=c) for reach, way in own for c in way.end.columns if listed(world, reach, c))
    )
    astray = either(*(_stranger(world, known, reach, way) for reach, way in own))
    return Role(
        name=name,
        mine=mine,
        strangers=both(negate(mine), astray) if len(own) > 1 else astray,
        twins=either(lists, *(_elsewhere(world, known, reach, way) for reach, way in own))
        if several
        else lists,
        links=tuple(
            Link(
                columns=way.end.columns,
                end=way.end,
                by_value=by_value(world, reach),
                twins=_elsewhere(world, known, reach, way) if by_value(world, reach) else NEVER,
            )
            for reach, way in own
            if len(reach.hops) == 1 and not owned(world, reach)
        ),
        own=any(not reach.hops for reach, _ in own),
    )


def listed(world: World, reach: Reach, name: str) -> bool:
    """Tell whether a column lists people in a database: nothing there says that all of them are at hand."""
    last = reach.hops[-1] if reach.hops else None
    table = world.table(last.source) if last else None
    column = table.column(name) if table else None
    return _in_database(world, reach.dataset) and column is not None and column.kind is ColumnKind.ARRAY


def _in_database(world: World, dataset: str) -> bool:
    catalog = world.catalogs.get(dataset.partition(".")[0])
    return catalog is not None and catalog.dialect in DATABASES


def owned(world: World, reach: Reach) -> bool:
    """Tell whether the last hop goes to rows that point here, as an owner does."""
    last = reach.hops[-1] if reach.hops else None
    if last is None or not last.many:
        return False
    table, own = world.table(last.target), world.table(last.source)
    bare = last.source.partition(".")[2]
    points = table is not None and any(
        key.target == bare and key.columns == last.target_columns for key in table.foreign_keys
    )
    return points or (own is not None and last.columns == own.primary_key)


def by_value(world: World, reach: Reach) -> bool:
    """Tell whether the last hop compares a copied value: no foreign key, and not the key of its target."""
    last = reach.hops[-1]
    table, there = world.table(last.source), world.table(last.target)
    bare = last.target.partition(".")[2]
    keyed = (
        table is not None
        and last.source.partition(".")[0] == last.target.partition(".")[0]
        and any(key.columns == last.columns and key.target == bare for key in table.foreign_keys)
    )
    kinds = [subject for subject in world.datamap.subjects.values() if subject.dataset == last.target]
    keys = {tuple(subject.key) for subject in kinds} | ({there.primary_key} if there else set())
    return not keyed and last.target_columns not in keys and not owned(world, reach)


def _stranger(world: World, known: Entries, reach: Reach, way: Way) -> Predicate:
    """Say that a way leads to somebody who is not at hand; a value that fits nobody known is somebody too."""
    if not reach.hops:
        return negate(way.end)
    if owned(world, reach):
        return _elsewhere(world, known, reach, way)
    filled = (Filled(column=column) for column in way.end.columns)
    return through(way.path, both(*filled, negate(way.end)))


def _elsewhere(world: World, known: Entries, reach: Reach, way: Way) -> Predicate:
    """Say that a way leads to a row of a subject that exists and is not at hand."""
    if not reach.hops:
        return negate(way.end)
    last = reach.hops[-1]
    if last.target.partition(".")[0] != last.source.partition(".")[0]:
        return NEVER
    entry = known.key(reach.subject)
    key = Staged(entry=entry.number, columns=entry.columns)
    same = through(way.path, Exists(dataset=last.target, match=last.match, where=negate(key)))
    # Who is at hand was found in a database: of people whose own rows are in a lake nobody ever is.
    return (
        either(same, _spelt_otherwise(known, reach, way, key)) if _in_database(world, last.target) else same
    )


def _spelt_otherwise(known: Entries, reach: Reach, way: Way, key: Staged) -> Predicate:
    """Say that a copied identity of somebody at hand is somebody else's too, whoever writes it how."""
    last = reach.hops[-1]
    entry = next(one for one in known.of if one.number == way.end.entry)
    if entry.family is None:
        return NEVER
    (own, other), dataset = last.match[0], last.target
    common = Common(entry=entry.number, column=own, dataset=dataset, other=other, key=key)
    return through(way.path, common)
