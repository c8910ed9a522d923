"""The statement that reads one dataset about the people at hand, and whose else a row is.

Where one way leads by keys to one person, rows are joined with the people and that is all. Elsewhere each way finds
its rows, one after the other by person and row, so that what two ways find is joined while it streams; and it is
asked besides whether some way leads to somebody else. No value stands in a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from troth.catalog.model import ColumnKind, Table, TableKind
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest
from troth.plan.predicates import Staged
from troth.stores.sql import places
from troth.stores.sql.render import From, Truth, table_clause
from troth.stores.sql.staged_people import StagedPeople

MINE = "troth_person"
"""What the person's number is called between the rows' own columns."""
_MADE = frozenset({TableKind.TABLE, TableKind.PARTITIONED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One dataset, to be read about some people."""

    dataset: str
    table: Table
    ways: tuple[Way, ...]
    people: Manifest
    columns: tuple[str, ...]
    """What is wanted of a row."""

    def entry(self, way: Way) -> Entry:
        """Return what a way ends at."""
        return next(e for e in self.people.entries if e.number == way.end.entry)

    def key(self, way: Way) -> Entry:
        """Return the key of the people a way leads to."""
        return _key(self.people, way.subject)

    def itself(self, way: Way) -> bool:
        """Tell whether the rows are the people themselves."""
        return not way.path and self.entry(way) == self.key(way) and self.key(way).dataset == self.dataset

    def owned(self, way: Way) -> bool:
        """Tell whether people's rows point here: several may."""
        return self.entry(way) != self.key(way) and self.entry(way).family is None

    def doubled(self, way: Way) -> bool:
        """Tell whether another way leads to the same role: together they are one person, unless they differ."""
        return not self.itself(way) and sum(1 for one in self.ways if one.role == way.role) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A statement, and how its rows are read."""

    statement: sa.Select[Any]
    place: int = -1
    """How many columns tell rows apart; -1 where every row comes once: the person's number, then the columns.

    Else the person's number, so many columns of the place, the number of the way that found the row or (without a
    place) a flag for each, a flag for each way that leads to somebody else, a flag for each way that begins at filled
    columns, then the columns.
    """
    others: tuple[int, ...] = ()
    """Ways that have such a flag."""


def _key(people: Manifest, subject: str) -> Entry:
    return next(e for e in people.entries if e.subject == subject and not e.kind and e.family is None)


def staged(ways: Mapping[str, tuple[Way, ...]], people: Manifest) -> Mapping[str, tuple[Way, ...]]:
    """Add to the ways of every dataset those by which people themselves are told from others."""
    entries = {entry.number: entry for entry in people.entries}
    found = dict(ways)
    for way in [one for some in ways.values() for one in some]:
        key = _key(people, way.subject)
        for entry in dict.fromkeys((key, entries[way.end.entry])):
            own = _own(entry)
            if entry.family is None and own not in found.get(entry.dataset, ()):
                found[entry.dataset] = (*found.get(entry.dataset, ()), own)
    return found


def _own(entry: Entry) -> Way:
    """Return the way of a subject's own rows to an entry."""
    end = Staged(entry=entry.number, columns=entry.columns)
    return Way(role=entry.subject, subject=entry.subject, path=(), end=end)


Columns: TypeAlias = Callable[[From], list[sa.ColumnElement[Any]]]
"""Names columns of rows."""
Wanted: TypeAlias = Callable[[Table, tuple[str, ...], sa.FromClause], list[sa.ColumnElement[Any]]]
"""Says how some columns of a table's rows are read (`read_text`)."""


def question(asked: Asked, people: StagedPeople, wanted: Wanted) -> Question:
    """Make the statement for one dataset."""

    def columns(rows: From) -> list[sa.ColumnElement[Any]]:
        return wanted(asked.table, asked.columns, rows)

    place = _place(people, asked.table)
    rows = table_clause(asked.table).alias("troth_rows")
    if _one_each(asked, people):
        tables, truth, person = people.joined(asked.ways[0], asked.dataset, rows)
        plain: sa.Select[Any] = sa.select(*(person, *columns(rows)))
        plain = plain.select_from(rows.join(tables, truth))
        return Question(statement=plain.order_by(person, *_order(asked.table, rows, place)))
    if not place(rows):
        return Question(statement=_each(asked, people, rows, columns(rows)), place=0)
    return _by_every_way(asked, people, place, columns)


def _place(people: StagedPeople, table: Table) -> Columns:
    """Name what tells a row from all others: its key, else where it is kept; nothing where neither is known."""
    dialect = people.catalog.dialect
    nullable = any(c.nullable for c in table.columns if c.name in table.primary_key)
    if table.primary_key and not (dialect == "sqlite" and nullable):
        return lambda rows: [rows.c[name] for name in table.primary_key]
    if table.kind not in _MADE or dialect not in ("sqlite", "postgresql") or table.without_rowid:
        return lambda _: []
    names = [str(c) for c in places.address(dialect, table, table_clause(table))]

    def kept(rows: From) -> list[sa.ColumnElement[Any]]:
        assert isinstance(rows, sa.Alias)
        return [sa.literal_column(f"{rows.name}.{name}") for name in names]

    return kept


def _order(table: Table, rows: From, place: Columns) -> list[sa.ColumnElement[Any]]:
    return [rows.c[name] for name in table.primary_key] or place(rows)


def _one_each(asked: Asked, people: StagedPeople) -> bool:
    """Tell whether every row is found once, for one person, and nobody else stands in it."""
    if len(asked.ways) > 1:
        return False
    way = asked.ways[0]
    arrays = any(c.kind is ColumnKind.ARRAY for c in asked.table.columns if c.name in way.end.columns)
    return (
        not asked.owned(way)
        and not arrays
        and all(
            _unique(people.catalog.dataset(name), [there for _, there in match]) for name, match in way.path
        )
    )


def _unique(table: Table | None, columns: Sequence[str]) -> bool:
    return table is not None and set(columns) in [set(k) for k in (table.primary_key, *table.uniques) if k]


def _by_every_way(asked: Asked, people: StagedPeople, place: Columns, columns: Columns) -> Question:
    """Let each way find its rows; look, for each that may, whether it leads to somebody else."""
    parts = []
    for number, way in enumerate(asked.ways):
        rows = table_clause(asked.table).alias("troth_rows")
        tables, truth, person = people.joined(way, asked.dataset, rows)
        where = [one.label(f"troth_k{n}") for n, one in enumerate(place(rows))]
        found = sa.select(person.label(MINE), *where, _number(number).label("troth_way"), *rows.c)
        parts.append(found.select_from(rows.join(tables, truth)))
    each: sa.FromClause = sa.union_all(*parts).subquery("troth_each")
    width = len(place(table_clause(asked.table).alias("troth_rows")))
    flags: list[str] = []
    looks = [n for n, way in enumerate(asked.ways) if can_look(asked, way)]
    for number in looks:
        flags.append(f"troth_other{number}")
        each = _with_others(asked, people, each, number, flags[-1])
    names = [MINE, *(f"troth_k{n}" for n in range(width)), "troth_way", *flags]
    filled = [_filled(way, each) for way in asked.ways]
    made = sa.select(*(each.c[name] for name in names), *filled, *columns(each))
    ordered = [
        each.c[name] for name in (*asked.table.column_names, *names) if name in asked.table.primary_key
    ]
    order = [each.c[MINE], *ordered, *(each.c[f"troth_k{n}"] for n in range(width))]
    return Question(statement=made.order_by(*order), place=width, others=tuple(looks))


def can_look(asked: Asked, way: Way) -> bool:
    """Tell whether it can be asked of a row if a way leads to somebody else than the person it was found for.

    It is asked where several may own the row, and where another way of the same role found it. Another role is
    another person as soon as its columns are filled; that needs no look.
    """
    here = asked.key(way).dataset.partition(".")[0] == asked.dataset.partition(".")[0]
    return here and (asked.owned(way) or asked.doubled(way))


def _with_others(
    asked: Asked, people: StagedPeople, each: sa.FromClause, number: int, name: str
) -> sa.FromClause:
    """Add a flag: a way leads from the row to somebody who is not the person it was found for.

    Where a way leads to one person, what it found for them need not be asked again; whoever reads the rows knows by
    which ways each was found. For many people it is asked all the same: rows without an answer are then few, and
    PostgreSQL does not read all owners for the others.
    """
    way = asked.ways[number]
    if asked.owned(way):
        taken = _taken(asked, people, way)
        flag = _leads(asked, people, each, way, taken, taken.c[MINE] == each.c[MINE])
        return sa.select(*each.c, _flag(flag).label(name)).select_from(each).subquery(name)
    subject = people.catalog.dataset(asked.entry(way).dataset)
    assert subject is not None
    owner = table_clause(subject).alias("troth_owner")
    if people.given is not None:
        flag = _leads(asked, people, each, way, owner, each.c.troth_way != _number(number))
        return sa.select(*each.c, _flag(flag).label(name)).select_from(each).subquery(name)
    tables, truth, person = people.joined(way, asked.dataset, each)
    joined = each.outerjoin(tables, sa.and_(truth, person == each.c[MINE]))
    flag = sa.and_(person.is_(None), _leads(asked, people, each, way, owner, sa.true()))
    return sa.select(*each.c, _flag(flag).label(name)).select_from(joined).subquery(name)


def _taken(asked: Asked, people: StagedPeople, way: Way) -> sa.Subquery:
    """List what rows of the people point at and rows of others too."""
    entry, key = asked.entry(way), asked.key(way)
    subject = people.catalog.dataset(entry.dataset)
    assert subject is not None
    owner = table_clause(subject).alias("troth_owner")
    tables, truth, person = people.joined(_own(entry), entry.dataset, owner)
    names = dict.fromkeys((*key.columns, *entry.columns))
    pointing = sa.select(person.label(MINE), *(owner.c[n] for n in names))
    point = pointing.select_from(owner.join(tables, truth)).subquery("troth_pointing")
    mine, same, number = people.joined(_own(key), key.dataset, point)
    joined = point.outerjoin(mine, sa.and_(same, number == point.c[MINE]))
    others = sa.select(point.c[MINE], *(point.c[n] for n in entry.columns)).select_from(joined)
    return others.where(number.is_(None)).distinct().subquery("troth_taken")


def _leads(
    asked: Asked, people: StagedPeople, each: sa.FromClause, way: Way, end: sa.FromClause, also: Truth
) -> Truth:
    """Say that a way leads from a row to some row of `end`, whose columns are those of the way's entry."""
    entry = asked.entry(way)
    tables: sa.FromClause = end
    here: From = each
    truths = [also]
    last = asked.table
    for depth, (name, match) in enumerate(way.path):
        there = people.catalog.dataset(name)
        assert there is not None, name
        step = table_clause(there).alias(f"troth_step_{depth}")
        truths += [here.c[own] == step.c[other] for own, other in match]
        tables, here, last = tables.join(step, sa.true()), step, there
    subject = people.catalog.dataset(entry.dataset)
    assert subject is not None
    if not _comparable(last, way.end.columns, subject, entry.columns):
        return sa.and_(*(each.c[name].is_not(None) for name in _links(way)))
    pairs = zip(way.end.columns, entry.columns, strict=True)
    truths += [here.c[own] == end.c[other] for own, other in pairs]
    return sa.select(_number(1)).select_from(tables).where(*truths).correlate(each).exists()


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
    filled = [_filled(way, rows) for way in asked.ways]
    made = sa.select(persons.c.person, *map(_flag, truths), *filled, *columns)
    return made.select_from(rows.join(persons, sa.or_(*truths))).order_by(persons.c.person)


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value))


def _flag(truth: Truth) -> sa.ColumnElement[int]:
    return sa.case((truth, _number(1)), else_=_number(0))


def _filled(way: Way, rows: From) -> sa.ColumnElement[int]:
    return _flag(sa.and_(*(rows.c[name].is_not(None) for name in _links(way))))


def _links(way: Way) -> tuple[str, ...]:
    """Name the row's own columns at which a way begins."""
    return tuple(own for own, _ in way.path[0][1]) if way.path else way.end.columns


Judge: TypeAlias = Callable[[Collection[int], Sequence[Any]], tuple[tuple[str, ...], bool]]
"""From the ways that found a row, and flags of those that begin at filled columns: roles, and if it is shared."""


def judge(asked: Asked, looked: Collection[int]) -> Judge:
    """Return what tells the roles of a person in a row, and whether a way that was not looked at leads elsewhere."""
    roles = [way.role for way in asked.ways]
    blind = [
        number
        for number, way in enumerate(asked.ways)
        if number not in looked and not asked.itself(way) and len(asked.ways) > 1
    ]

    def judged(found: Collection[int], filled: Sequence[Any]) -> tuple[tuple[str, ...], bool]:
        mine = tuple(dict.fromkeys(roles[number] for number in sorted(found)))
        return mine, any(filled[number] for number in blind if number not in found)

    return judged
