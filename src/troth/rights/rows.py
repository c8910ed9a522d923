"""What is to be done with the rows of each dataset: which go, which stay emptied, and what still refers to them.

Pure. A row goes where its dataset lets it, nothing in it is spared, nobody else stands in it, and nothing that stays
refers to it: no kept invoice, no row of somebody else, no row of a table that the map does not name. What the
database would do by itself (ON DELETE CASCADE, SET NULL) is never relied on: such children have steps of their own,
or stay and keep their parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from troth.catalog.model import Table
from troth.people import kinds
from troth.people.entries import Entries, Way
from troth.plan import grounds, groups
from troth.plan.model import Change
from troth.plan.predicates import (
    ALWAYS,
    NEVER,
    All,
    Exists,
    Filled,
    Held,
    Not,
    Predicate,
    Staged,
    both,
    conjuncts,
    either,
    negate,
    replaced,
    through,
)
from troth.plan.predicates import (
    Any as AnyOf,
)
from troth.plan.world import Hold, Rank, World
from troth.rights import fields, holds, shared
from troth.rights.fields import Fields, Part
from troth.rights.logic import beside, join, known, meet
from troth.rights.shared import Standing

Fate = Literal["delete", "keep", "detach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """Rows that refer to rows of a dataset: by foreign key, or by a declared way to its key."""

    dataset: str
    match: tuple[tuple[str, str], ...]
    """Pairs of (column of the row at hand, their column)."""
    columns: tuple[str, ...]
    """Their columns."""

    def rows(self, where: Predicate = ALWAYS) -> Predicate:
        """Say that such rows exist which satisfy a predicate."""
        return through(((self.dataset, self.match),), where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """Columns that lead to the person and may not be emptied, and on which rows they should be."""

    columns: tuple[str, ...]
    rows: Predicate
    what: str


@dataclass(frozen=True, kw_only=True)
class Work:
    """One dataset, as an erasure sees it."""

    dataset: str
    table: Table
    standing: Standing
    ours: Predicate
    unknown: Predicate
    """Rows that name no controller."""
    holds: tuple[tuple[Hold, Predicate], ...]
    fields: Fields
    fate: Fate
    children: tuple[Child, ...]
    detaches: tuple[Part, ...] = ()
    """Links that are cut on rows that stay."""
    tight: tuple[Tight, ...] = ()
    carriers: frozenset[str] = frozenset()
    """Own columns by which rows, its own or others', are found: not emptied beforehand."""
    stuck: str = ""
    """The dataset for whose rows no row can go although the map says delete-row."""
    unable: str = ""
    """Why the store lets no row go."""
    warnings: tuple[str, ...] = ()

    @property
    def free(self) -> Predicate:
        """Rows about people at hand that are ours and not held; says nothing of what a hold is about."""
        return both(self.standing.mine, self.ours, negate(Held(rank=int(Rank.GRANTED))))

    @property
    def whole(self) -> Predicate:
        """Of those, rows that are the person's alone and of which no duty wants anything."""
        needed = (negate(rows) for _, rows in _needs(self.fields))
        return both(negate(self.standing.others), *(duty.over for duty in self.fields.duties), *needed)

    @property
    def goes(self) -> bool:
        """Tell whether rows may go as a whole."""
        return self.fate == "delete" and not self.stuck and not self.unable

    @property
    def candidates(self) -> Predicate:
        """Rows that go as a whole unless something that stays refers to them."""
        return meet(self.free, self.whole) if self.goes else NEVER

    @property
    def inward(self) -> frozenset[str]:
        """Name own columns that refer to rows of the same dataset."""
        return frozenset(c for child in self.children if child.dataset == self.dataset for c in child.columns)

    def filled(self, where: Predicate) -> Predicate:
        """Put in what the holds are about, for counting."""
        return replaced(
            where, lambda rank: grounds.together(rows for hold, rows in self.holds if hold.rank < Rank(rank))
        )


def _needs(found: Fields) -> tuple[tuple[str, Predicate], ...]:
    """List rows whose dates other duties still need."""
    return tuple((s.detail, s.rows) for s in found.stays if s.needed)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is the same for every dataset."""

    world: World
    known: Entries
    ways: Mapping[str, tuple[Way, ...]]
    dating: fields.Dating
    reached: frozenset[str] = holds.NONE


def assemble(world: World, known: Entries, ways: Mapping[str, tuple[Way, ...]]) -> dict[str, Work]:
    """Describe the work on every mapped dataset with rows of its own that lead to people."""
    names = [
        n for n in ways if known_ways(world, ways, n) and (t := world.table(n)) is not None and t.writable
    ]
    dating: fields.Dating = {}
    warnings: dict[str, tuple[str, ...]] = {}
    for name in names:
        found, warnings[name] = fields.dating(world, name)
        for place, pairs in found.items():
            dating.setdefault(place, []).extend(pairs)
    seen = Seen(world=world, known=known, ways=ways, dating=dating)
    made = {name: _work(seen, name) for name in names}
    return {n: replace(w, warnings=(*w.warnings, *warnings[n])) for n, w in made.items()}


def known_ways(world: World, ways: Mapping[str, tuple[Way, ...]], name: str) -> bool:
    """Tell whether every way of a dataset is known; with one missing, nobody can say whose a row is besides."""
    gaps = any(p.code == "no-reach" and p.about == name for p in world.reaches.problems)
    return bool(ways.get(name)) and not gaps and not world.reaches.lost(name)


def _work(seen: Seen, name: str) -> Work:
    world = seen.world
    table = world.table(name)
    assert table is not None
    standing = shared.standing(world, seen.known, seen.ways, name)
    made = fields.of(world, name, table, standing, seen.dating)
    fate, warnings = _fate(world, name)
    work = Work(
        dataset=name,
        table=table,
        standing=standing,
        ours=grounds.ours(world, name),
        unknown=grounds.nobody_s(world, name),
        holds=holds.covering(world, name, seen.reached),
        fields=made,
        fate=fate,
        children=_children(world, name),
        carriers=_carriers(world, name, standing),
        warnings=(*made.warnings, *warnings, *_alarms(name, table), *_strangers(world, name, table, fate)),
        stuck=_beyond_reach(world, name),
    )
    parts, tight = _detaching(world, work)
    return replace(work, detaches=parts, tight=tight)


def _carriers(world: World, name: str, standing: Standing) -> frozenset[str]:
    """Name columns that ways of others run through, and own ways where rows have no key of the person's."""
    own = any(role.own for role in standing.roles)
    hops = (
        hop
        for dataset, reaches in world.reaches.of.items()
        for reach in reaches
        for hop in reach.hops
        if hop.source == name and (dataset != name or not own)
    )
    return frozenset(column for hop in hops for column in hop.columns)


def _fate(world: World, name: str) -> tuple[Fate, list[str]]:
    said = world.dataset(name).on_expiry
    own, _ = groups.of(world, name, grace=False)
    if said == "keep-without-person" or any(group.without_person for group in own):
        return "detach", []
    if said is None:
        return "keep", [f"{name} does not say what becomes of a row (on-expiry): rows are emptied and stay"]
    return ("delete" if said == "delete-row" else "keep"), []


def _beyond_reach(world: World, name: str) -> str:
    """Name the dataset through whose rows an owned row is found: when those are gone, nobody finds it any more."""
    for reach in world.ways(name):
        for hop in reach.hops[:-1]:
            if hop.many:
                return hop.target
    return ""


def _alarms(name: str, table: Table) -> list[str]:
    made = [f"{name}: trigger {trigger} fires on what the plan does" for trigger in table.triggers]
    if table.rows_hidden:
        made.append(f"{name}: row security hides rows from the role that looks; they are not counted")
    elif table.row_security:
        made.append(f"{name}: row security may hide rows from the role that applies")
    if not table.transactional:
        made.append(f"{name}: its engine takes no change back, so that a failure may leave a part done")
    return made


def _strangers(world: World, name: str, table: Table, fate: Fate) -> list[str]:
    """Warn where somebody else may stand in rows that go, and the map does not say so."""
    people = {subject.dataset for subject in world.datamap.subjects.values()}
    if fate != "delete" or name in people:
        return []
    store = name.partition(".")[0]
    known = {reach.hops[0].columns for reach in world.ways(name) if reach.hops}
    made = [
        f"{name}.{' + '.join(key.columns)} also refers to {store}.{key.target}, but no role of the data map says so: "
        "rows go without regard to whom it names"
        for key in table.foreign_keys
        if f"{store}.{key.target}" in people and key.columns not in known
    ]
    for reach in world.ways(name):
        hop = reach.hops[-1] if reach.hops else None
        if hop is None or _identity(world, reach.subject, hop.target_columns):
            continue
        there = world.table(hop.target)
        alone = there is not None and hop.target_columns in (there.primary_key, *there.uniques)
        if hop.target.partition(".")[0] != store and not alone:
            columns = ", ".join(hop.target_columns)
            made.append(
                f"{name}: rows are found by {columns} of {hop.target}, in another store, where several people may "
                "have the same: nobody looks for them"
            )
    return made


def _identity(world: World, subject: str, columns: tuple[str, ...]) -> bool:
    """Tell whether columns are an identity of which it is looked up who else has it (`people.common`)."""
    found = world.datamap.subjects[subject].identities.items()
    return any((one.field,) == columns and kinds.family(kind) in kinds.TOGETHER for kind, one in found)


def _children(world: World, name: str) -> tuple[Child, ...]:
    """List what refers to a dataset: every foreign key, and declared ways to its key."""
    store, _, bare = name.partition(".")
    table = world.table(name)
    found: dict[Child, None] = {}
    for child, key in world.catalogs[store].referrers.get(bare, ()):
        if world.catalogs[store].tables[child].writable:
            match = tuple(zip(key.target_columns, key.columns, strict=True))
            found[Child(dataset=f"{store}.{child}", match=match, columns=key.columns)] = None
    for hop in world.reaches.hops():
        to_key = table is not None and hop.target_columns == table.primary_key and not hop.many
        if hop.target == name and hop.source.partition(".")[0] == store and to_key:
            match = tuple((there, own) for own, there in hop.match)
            found[Child(dataset=hop.source, match=match, columns=hop.columns)] = None
    return tuple(found)


def _detaching(world: World, work: Work) -> tuple[tuple[Part, ...], tuple[Tight, ...]]:
    """List the links that are cut on rows that stay, and those that cannot be."""
    standing = work.standing
    duties = both(*(duty.over for duty in work.fields.duties))
    wanted: list[tuple[tuple[str, ...], Predicate, bool]] = []
    for role in standing.roles:
        for link in role.links:
            if not link.by_value:
                wanted.append((link.columns, both(link.end, standing.others, duties), True))
    if work.fate == "detach":
        for reach in world.ways(work.dataset):
            if reach.hops and not reach.hops[0].many and not _copied(standing, reach.hops[0].columns):
                wanted.append((reach.hops[0].columns, work.whole, True))
    for columns in _owning(world, work.dataset):
        wanted.append((columns, work.whole, False))
    parts: dict[Predicate, dict[str, Change]] = {}
    tight = []
    for columns, rows, must in wanted:
        if rows == NEVER:
            continue
        changes = fields.loosened(work.table, columns)
        for change in changes:
            parts.setdefault(rows, {})[change.column] = change
        if not changes and must:
            what = f"{work.dataset}.{' + '.join(columns)} leads to the person and may not be empty"
            tight.append(Tight(columns=columns, rows=rows, what=what))
    made = tuple(
        Part(changes=tuple(found.values()), rows=rows, pending=either(*(Filled(column=c) for c in found)))
        for rows, found in parts.items()
    )
    return made, tuple(tight)


def _copied(standing: Standing, columns: tuple[str, ...]) -> bool:
    return any(link.by_value for link in standing.links if link.columns == columns)


def _owning(world: World, name: str) -> tuple[tuple[str, ...], ...]:
    """List own columns that point at rows which are owned by the rows of this dataset."""
    found = {
        reach.hops[-1].target_columns: None
        for reaches in world.reaches.of.values()
        for reach in reaches
        if reach.hops and reach.hops[-1].target == name and shared.owned(world, reach)
    }
    return tuple(found)


class Ahead:
    """Which rows will be gone, and which references, once the steps before have run: for counting beforehand."""

    def __init__(self, works: Mapping[str, Work], broken: frozenset[tuple[str, Child]]) -> None:
        self.works = works
        self.broken = broken
        """(parent, child) whose reference is emptied first."""
        self._deleted: dict[str, Predicate] = {}

    def deleted(self, name: str) -> Predicate:
        """Rows of a dataset that will go."""
        if name not in self._deleted:
            work = self.works[name]
            goes = work.filled(work.candidates)
            waits = (negate(rows) for _, rows in self.needed(work)) if goes != NEVER else ()
            self._deleted[name] = meet(goes, *waits)
        return self._deleted[name]

    def needed(self, work: Work) -> tuple[tuple[str, Predicate], ...]:
        """Rows that something that stays refers to, by the dataset it lies in; only of use with `candidates`."""
        found: dict[str, Predicate] = {}
        given = frozenset(conjuncts(work.filled(work.candidates)))
        for child in work.children:
            rows = child.rows(self.stays(work, child, given))
            found[child.dataset] = either(found.get(child.dataset, NEVER), rows)
        return tuple((dataset, rows) for dataset, rows in found.items() if rows != NEVER)

    def stays(self, parent: Work, child: Child, given: frozenset[Predicate]) -> Predicate:
        """Rows of a child that will still refer to their parent when its turn comes."""
        work = self.works.get(child.dataset)
        if work is None:
            return ALWAYS
        if (parent.dataset, child) in self.broken:
            gone = work.filled(work.candidates)
        else:
            gone = self.deleted(child.dataset) if child.dataset != parent.dataset else NEVER
        ways = [_beyond(parent, child, gone, given)]
        for part in work.detaches:
            if part.columns & {*child.columns}:
                ways.append(_beyond(parent, child, work.filled(both(work.free, part.rows)), given))
        return negate(join(*ways))

    def remaining(self, work: Work, where: Predicate) -> Predicate:
        """Rows of a step that changes fields: those that do not go."""
        return beside(work.filled(where), self.deleted(work.dataset))


def _beyond(parent: Work, child: Child, goes: Predicate, given: frozenset[Predicate]) -> Predicate:
    """Leave out what is true of a child's row anyway, by what is known of the row it refers to.

    Most children are the person's by way of their parent and ask after the very row at hand; without this the look
    ahead would nest the same questions once per table.
    """
    if goes == NEVER:
        return NEVER

    def holds(part: Predicate) -> bool:
        above = _above(part, parent, child)
        if above is None and isinstance(part, AnyOf):
            return any(map(holds, part.of))
        return above is not None and known(above, given)

    return both(*(part for part in conjuncts(goes) if not holds(part)))


def _above(part: Predicate, parent: Work, child: Child) -> Predicate | None:
    """Say of the parent's row what a part asks of a child's, where that is the same."""
    own = {theirs: mine for mine, theirs in child.match}
    match part:
        case Staged(entry=entry, columns=columns) if all(c in own for c in columns):
            return Staged(entry=entry, columns=tuple(own[c] for c in columns))
        case Filled(column=column) if column in own:
            return ALWAYS
        case Exists(dataset=parent.dataset, match=match, where=where):
            keys = [frozenset(key) for key in (parent.table.primary_key, *parent.table.uniques) if key]
            back = frozenset((theirs, mine) for mine, theirs in child.match)
            return where if frozenset(match) == back and frozenset(own.values()) in keys else None
        case Not(of=inner):
            above = _above(inner, parent, child)
            return None if above is None else negate(above)
        case All(of=parts) | AnyOf(of=parts):
            found = [_above(each, parent, child) for each in parts]
            if any(each is None for each in found):
                return None
            join = both if isinstance(part, All) else either
            return join(*(each for each in found if each is not None))
        case _:
            return None
