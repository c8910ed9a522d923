"""The statement that reads one dataset about the people at hand, and whose else a row is.

Where one way leads by keys to one person, rows are joined with the people and that is all. Elsewhere the rows are
found first, by every way, each once for each person; then it is asked of the same rows whether some way leads to
somebody who is not that person. No value stands in a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from troth.catalog.model import ColumnKind, Table, TableKind
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest
from troth.plan.predicates import Staged
from troth.stores.sql import places
from troth.stores.sql.render import From, Truth, table_clause
from troth.stores.sql.staging import StagedPeople

Judge: TypeAlias = Callable[[tuple[bool, ...], bool, Mapping[str, object]], tuple[tuple[str, ...], bool]]
"""From which ways found the row, whether somebody else was found, and its values: the roles, and if it is shared."""
_MADE = frozenset({TableKind.TABLE, TableKind.PARTITIONED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One dataset, to be read about some people."""

    dataset: str
    table: Table
    ways: tuple[Way, ...]
    people: Manifest

    def entry(self, way: Way) -> Entry:
        """Return what a way ends at."""
        return next(e for e in self.people.entries if e.number == way.end.entry)

    def key(self, way: Way) -> Entry:
        """Return the key of the people a way leads to."""
        return _key(self.people, way.subject)

    def itself(self, way: Way) -> bool:
        """Tell whether the rows are the people themselves."""
        return not way.path and self.entry(way) == self.key(way) and self.key(way).dataset == self.dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A statement, and how its rows are read."""

    statement: sa.Select[Any]
    plain: bool
    """Rows are the person's number and the columns; else a flag for each way and one for somebody else between."""


def _key(people: Manifest, subject: str) -> Entry:
    return next(e for e in people.entries if e.subject == subject and not e.kind and e.family is None)


def staged(ways: Mapping[str, tuple[Way, ...]], people: Manifest) -> Mapping[str, tuple[Way, ...]]:
    """Add to the ways of every dataset those by which people themselves are told from others."""
    found = dict(ways)
    for way in [one for some in ways.values() for one in some]:
        key = _key(people, way.subject)
        end = Staged(entry=key.number, columns=key.columns)
        own = Way(role=way.subject, subject=way.subject, path=(), end=end)
        if own not in found.get(key.dataset, ()):
            found[key.dataset] = (*found.get(key.dataset, ()), own)
    return found


def question(
    asked: Asked, people: StagedPeople, rows: From, columns: Sequence[sa.ColumnElement[Any]]
) -> Question:
    """Make the statement for one dataset; `columns` are what is read of `rows`."""
    place = _place(people, asked.table)
    if _one_each(asked, people):
        tables, truth, person = people.joined(asked.ways[0], asked.dataset, rows)
        plain = sa.select(person, *columns).select_from(rows.join(tables, truth))
        return Question(statement=plain.order_by(person, *_order(asked.table, rows, place)), plain=True)
    if not place(rows):
        return Question(statement=_each(asked, people, rows, columns), plain=False)
    found = _found(asked, people, place)
    return Question(statement=_marked(asked, people, found, rows, columns), plain=False)


Place: TypeAlias = Callable[[From], list[sa.ColumnElement[Any]]]


def _place(people: StagedPeople, table: Table) -> Place:
    """Name what tells a row from all others: its key, else where it is kept; nothing where neither is known."""
    dialect = people.catalog.dialect
    nullable = any(c.nullable for c in table.columns if c.name in table.primary_key)
    if table.primary_key and not (dialect == "sqlite" and nullable):
        return lambda rows: [rows.c[name] for name in table.primary_key]
    if table.kind not in _MADE or dialect not in ("sqlite", "postgresql"):
        return lambda _: []
    names = [str(c) for c in places.address(dialect, table, table_clause(table))]

    def kept(rows: From) -> list[sa.ColumnElement[Any]]:
        assert isinstance(rows, sa.Alias)
        return [sa.literal_column(f"{rows.name}.{name}") for name in names]

    return kept if not table.without_rowid else lambda _: []


def _order(table: Table, rows: From, place: Place) -> list[sa.ColumnElement[Any]]:
    return [rows.c[name] for name in table.primary_key] or place(rows)


def _one_each(asked: Asked, people: StagedPeople) -> bool:
    """Tell whether every row is found once, for one person, and nobody else stands in it."""
    if len(asked.ways) > 1:
        return False
    way = asked.ways[0]
    arrays = any(c.kind is ColumnKind.ARRAY for c in asked.table.columns if c.name in way.end.columns)
    return (
        asked.entry(way) == asked.key(way)
        and not arrays
        and all(
            _unique(people.catalog.dataset(name), [there for _, there in match]) for name, match in way.path
        )
    )


def _unique(table: Table | None, columns: Sequence[str]) -> bool:
    return table is not None and set(columns) in [set(k) for k in (table.primary_key, *table.uniques) if k]


def _found(asked: Asked, people: StagedPeople, place: Place) -> sa.CTE:
    """Find the rows by every way: person, place, and which ways led there."""
    parts = []
    for number, way in enumerate(asked.ways):
        rows = table_clause(asked.table).alias("troth_rows")
        tables, truth, person = people.joined(way, asked.dataset, rows)
        flags = [_number(int(number == n)).label(f"w{n}") for n in range(len(asked.ways))]
        where = [one.label(f"k{n}") for n, one in enumerate(place(rows))]
        parts.append(sa.select(person.label("person"), *where, *flags).select_from(rows.join(tables, truth)))
    each = sa.union_all(*parts).subquery("troth_each")
    keys = [each.c.person, *(c for c in each.c if c.name.startswith("k"))]
    ways = [sa.func.max(each.c[f"w{n}"]).label(f"w{n}") for n in range(len(asked.ways))]
    return sa.select(*keys, *ways).group_by(*keys).cte("troth_found")


def _marked(
    asked: Asked,
    people: StagedPeople,
    found: sa.CTE,
    rows: From,
    columns: Sequence[sa.ColumnElement[Any]],
) -> sa.Select[Any]:
    """Read the rows found, with who found them, and whether somebody else is found by them."""
    place = _place(people, asked.table)
    same = _same(found, place(rows))
    joined = found.join(rows, same)
    flag: sa.ColumnElement[Any] = _number(0)
    if others := [part for way in asked.ways for part in _others(asked, people, found, place, way)]:
        names = ["person", *(f"k{n}" for n in range(len(place(rows))))]
        other = sa.union(*others).cte("troth_others")
        joined = joined.outerjoin(other, sa.and_(*(found.c[name] == other.c[name] for name in names)))
        flag = sa.case((other.c.person.is_not(None), _number(1)), else_=_number(0))
    ways = [found.c[f"w{n}"] for n in range(len(asked.ways))]
    made = sa.select(found.c.person, *ways, flag, *columns).select_from(joined)
    return made.order_by(found.c.person, *_order(asked.table, rows, place))


def _same(found: sa.FromClause, place: Sequence[sa.ColumnElement[Any]]) -> Truth:
    return sa.and_(*(one == found.c[f"k{n}"] for n, one in enumerate(place)))


def _others(
    asked: Asked, people: StagedPeople, found: sa.CTE, place: Place, way: Way
) -> Iterator[sa.Select[Any]]:
    """Ask of the rows found whether a way leads to a person of the store who is not the one they were found for."""
    entry, key = asked.entry(way), asked.key(way)
    subject = people.catalog.dataset(entry.dataset)
    if not looks(asked, way) or subject is None or entry.dataset != key.dataset:
        return
    rows = table_clause(asked.table).alias("troth_rows")
    joined = found.join(rows, _same(found, place(rows)))
    here: From = rows
    for depth, (name, match) in enumerate(way.path):
        there = people.catalog.dataset(name)
        assert there is not None, name
        step = table_clause(there).alias(f"troth_way_{depth}")
        joined = joined.join(step, sa.and_(*(here.c[own] == step.c[other] for own, other in match)))
        here = step
    last = people.catalog.dataset(way.path[-1][0]) if way.path else asked.table
    assert last is not None
    if not _comparable(last, way.end.columns, subject, entry.columns):
        return
    owner = table_clause(subject).alias("troth_owner")
    pairs = zip(way.end.columns, entry.columns, strict=True)
    joined = joined.join(owner, sa.and_(*(here.c[own] == owner.c[other] for own, other in pairs)))
    end = Staged(entry=key.number, columns=key.columns)
    itself = Way(role=way.subject, subject=way.subject, path=(), end=end)
    mine, truth, person = people.joined(itself, key.dataset, owner)
    joined = joined.outerjoin(mine, sa.and_(truth, person == found.c.person))
    names = [found.c.person, *(found.c[f"k{n}"] for n in range(len(place(rows))))]
    yield sa.select(*names).select_from(joined).where(person.is_(None))


def looks(asked: Asked, way: Way) -> bool:
    """Tell whether a way may lead to somebody else though the row was found for a person.

    It does where several own the row (what points here, equal values), and where another way of the same role found
    it. Another role is another person as soon as its columns are filled; that needs no look.
    """
    alike = sum(1 for one in asked.ways if one.role == way.role) > 1
    return not asked.itself(way) and (asked.entry(way) != asked.key(way) or alike)


def _comparable(table: Table, columns: Sequence[str], other: Table, others: Sequence[str]) -> bool:
    kinds = [getattr(table.column(name), "kind", None) for name in columns]
    return kinds == [getattr(other.column(name), "kind", None) for name in others] and None not in kinds


def _each(
    asked: Asked, people: StagedPeople, rows: From, columns: Sequence[sa.ColumnElement[Any]]
) -> sa.Select[Any]:
    """Ask of every row, person by person, whose it is: for views, whose rows nothing tells apart."""
    parts = []
    for way in asked.ways:
        source = table_clause(asked.table).alias("troth_any")
        tables, truth, person = people.joined(way, asked.dataset, source)
        parts.append(sa.select(person.label("person")).select_from(source.join(tables, truth)))
    persons = sa.union(*parts).subquery("troth_persons")
    truths = [persons.c.person.in_(people.persons(way, asked.dataset, rows)) for way in asked.ways]
    flags = [sa.case((truth, _number(1)), else_=_number(0)) for truth in truths]
    made = sa.select(persons.c.person, *flags, _number(0), *columns)
    return made.select_from(rows.join(persons, sa.or_(*truths))).order_by(persons.c.person)


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value))


def judge(asked: Asked) -> Judge:
    """Return what tells the roles of a person in a row, and whether others stand in it."""
    links = [way.path[0][1] if way.path else tuple((c, c) for c in way.end.columns) for way in asked.ways]
    columns = [tuple(own for own, _ in pairs) for pairs in links]
    roles = [way.role for way in asked.ways]
    blind = [not looks(asked, way) or _elsewhere(asked, way) for way in asked.ways]
    own = [asked.itself(way) for way in asked.ways]

    def judged(
        found: tuple[bool, ...], others: bool, values: Mapping[str, object]
    ) -> tuple[tuple[str, ...], bool]:
        mine = dict.fromkeys(role for role, hit in zip(roles, found, strict=True) if hit)
        shared = others or any(
            not hit and unseen and not itself and all(values[name] is not None for name in names)
            for hit, unseen, itself, names in zip(found, blind, own, columns, strict=True)
        )
        return tuple(mine), shared

    return judged


def _elsewhere(asked: Asked, way: Way) -> bool:
    """Tell whether nobody can look where a way leads, for its people are in another store."""
    return asked.key(way).dataset.partition(".")[0] != asked.dataset.partition(".")[0]
