"""The people at hand as a connection holds them, and how questions about them are asked. Reads nothing.

Every entry gets a table for each type in which some dataset has it, so that a text id of one store is compared with a
number of another as what it means, by index, and what has no such meaning is left out instead of refused. How the
tables come to be stands in `staging`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest
from troth.plan.predicates import All, Common, Exists, Not, Predicate, Staged
from troth.plan.predicates import Any as AnyOf
from troth.stores.sql import common_values, compare_mariadb, find_match, given, staging_values
from troth.stores.sql.find_match import Matcher
from troth.stores.sql.find_ranges import Order, Range
from troth.stores.sql.render import From, Truth, table_clause
from troth.stores.sql.staging_values import OWN, SPELT, Form

TABLE = "troth_people_"


class Shape(NamedTuple):
    """What one temporary table holds: an entry, and how each of its columns is written there."""

    entry: int
    forms: tuple[Form, ...]


class Needed(NamedTuple):
    """Which tables are needed for some questions."""

    shapes: tuple[Shape, ...]
    commons: tuple[Common, ...] = ()
    """What is asked of values that others have too."""


@dataclass(frozen=True, kw_only=True)
class StagedPeople:
    """The people at hand, staged; fills `render.Staging`."""

    catalog: Catalog
    matcher: Matcher
    entries: Mapping[int, Entry]
    shapes: tuple[Shape, ...]
    ranged: Mapping[int, Mapping[str, tuple[Range, ...]]] = field(default_factory=dict)
    """For an entry, the ranges of texts in which an index finds each spelling, where it is to be found so."""
    given: Mapping[str, str] | None = None
    """Their values as parameters (`given`); None where they stand in temporary tables."""
    commons: tuple[Common, ...] = ()
    """What is asked of values that others have too: each has a table of its own (`common_values`)."""

    @property
    def outline(self) -> Hashable:
        """All that a statement about the people depends on: who they are is not of it."""
        own = frozenset(self.ranged), self.given is not None, self.commons
        return (tuple(self.entries.values()), self.shapes, self.matcher, *own)

    def clause(self, wanted: Shape, alias: str = "") -> From:
        """Return the values of a shape as a table."""
        if self.given is None:
            found = clause(self.catalog, self.shapes, wanted)
            return found.alias(alias) if alias else found
        kinds = types(self, wanted)
        assert kinds is not None
        return given.table(name(self.shapes, wanted), kinds, alias)

    def spelt(self, entry: int, alias: str) -> From:
        """Return the spellings of an identity as a table."""
        return self.clause(Shape(entry, (SPELT,)), alias)

    def member(self, entry: int, table: Table, source: From, columns: tuple[str, ...]) -> Truth:
        """Render that columns of a row are among an entry's values; unknown where one of them is NULL."""
        one = self.entries[entry]
        own = [staging_values.found(table, name) for name in columns]
        wanted = shape(self.catalog, one, own)
        staged = self.clause(wanted)
        if own[0].kind is ColumnKind.ARRAY:
            return self._listed(one, wanted.forms[0], own[0], source, staged)
        if order := self._order(one, table, own):
            return self._by_index(order, one, table, own[0], source, staged)
        left = [self._left(one, f, c, source.c[c.name]) for f, c in zip(wanted.forms, own, strict=True)]
        found = sa.select(*(staged.c[name] for name in self._compared(one, own))).where(
            *self._whole(one, staged)
        )
        return left[0].in_(found) if len(left) == 1 else sa.tuple_(*left).in_(found)

    def common(self, asked: Common, table: Table, source: From) -> Truth:
        """Render that a column of a row holds a value of theirs that others have too; unknown where it is NULL."""
        return common_values.among(self, asked, table, source)

    def _order(self, one: Entry, table: Table, own: list[Column]) -> Order | None:
        """Return the index that finds what is compared in its normal form, where there is one."""
        if one.family is None or one.number not in self.ranged:
            return None
        return self.matcher.order(one.family, table, own[0].name)

    def _whole(self, one: Entry, staged: From) -> tuple[Truth, ...]:
        """Take each spelling once where it stands there for each of its ranges too."""
        return (staged.c.lo.is_(None),) if one.number in self.ranged else ()

    def _by_index(
        self, order: Order, one: Entry, table: Table, own: Column, source: From, staged: From
    ) -> Truth:
        """Say that a column holds one of the texts that the table has and whose normal form is staged."""
        rows = table_clause(table).alias("troth_spelt")
        same = self._left(one, SPELT, own, rows.c[own.name]) == staged.c.spelling
        there = sa.join(staged, rows, order.within(rows.c[own.name], staged, same))
        texts = sa.select(order.value(rows.c[own.name])).select_from(there).scalar_subquery()
        # As an array they are looked up by the index; PostgreSQL takes a query for one that finds half the table.
        return order.value(source.c[own.name]) == sa.any_(sa.func.array(texts))

    def joined(self, way: Way, dataset: str, source: From) -> tuple[From, Truth, sa.ColumnElement[int]]:
        """Give what to join to rows of a dataset to see whose they are by one way.

        Returns:
            Tables to join with, the condition, and the column with the person's number. A row comes once for each
            match: the same person may come more than once.
        """
        table = self._table(dataset)
        rows: From = source
        joined: From | None = None
        truths: list[Truth] = []
        for depth, (name, match) in enumerate(way.path):
            before, table = table, self._table(name)
            there = table_clause(table).alias(f"troth_way_{depth}")
            truths += [self._alike(before, own, rows, table, other, there) for own, other in match]
            joined = there if joined is None else sa.join(joined, there, sa.and_(*truths))
            truths = truths if depth == 0 else []
            rows = there
        return self._ended(way, table, rows, joined, truths)

    def _alike(self, one: Table, own: str, rows: From, other: Table, theirs: str, there: From) -> Truth:
        """Say that a column of one row equals a column of another."""
        if self.catalog.dialect == "mariadb":
            return compare_mariadb.same(one.column(own), other.column(theirs), rows.c[own], there.c[theirs])
        return rows.c[own] == there.c[theirs]

    def _ended(
        self, way: Way, table: Table, rows: From, joined: From | None, first: list[Truth]
    ) -> tuple[From, Truth, sa.ColumnElement[int]]:
        """Close a chain of tables with the staged values."""
        one = self.entries[way.end.entry]
        own = [staging_values.found(table, name) for name in way.end.columns]
        wanted = shape(self.catalog, one, own)
        staged = self.clause(wanted, "troth_people")
        person: sa.ColumnElement[int] = staged.c.person
        if own[0].kind is ColumnKind.ARRAY:
            elements, inside, left = self._elements(one, wanted.forms[0], own[0], rows)
            same = sa.and_(left == staged.c[self._compared(one, own)[0]], *self._whole(one, staged))
            if joined is None:
                return sa.join(elements, staged, same), inside, person
            return sa.join(sa.join(joined, elements, inside), staged, same), sa.and_(*first), person
        parts = zip(wanted.forms, own, self._compared(one, own), strict=True)
        same = sa.and_(*(self._left(one, f, c, rows.c[c.name]) == staged.c[n] for f, c, n in parts))
        if order := self._order(one, table, own):
            same = order.within(rows.c[own[0].name], staged, same)
        else:
            same = sa.and_(same, *self._whole(one, staged))
        if joined is None:
            return staged, same, person
        return sa.join(joined, staged, same), sa.and_(*first), person

    def persons(self, way: Way, dataset: str, source: From) -> sa.Select[Any]:
        """Render the numbers of the people a row is about by one way, as a query inside another about the row."""
        tables, truth, person = self.joined(way, dataset, source)
        return sa.select(person).select_from(tables).where(truth).correlate(source)

    def _elements(self, one: Entry, form: Form, column: Column, rows: From) -> tuple[From, Truth, Any]:
        """Give the elements of a row's list as a table, how it belongs to the row, and what is compared."""
        listed = (
            sa.func.unnest(rows.c[column.name]).table_valued("one", name="troth_element").render_derived()
        )
        inside: Truth = listed.c.one == sa.any_(rows.c[column.name])
        return listed, inside, self._left(one, form, _element(column), listed.c.one)

    def _listed(self, one: Entry, form: Form, column: Column, source: From, staged: From) -> Truth:
        """Ask the elements of a list."""
        element = sa.func.unnest(source.c[column.name]).column_valued("troth_element")
        left = self._left(one, form, _element(column), element)
        found = sa.select(staged.c[self._compared(one, [column])[0]]).where(*self._whole(one, staged))
        return sa.select(element).where(left.in_(found)).exists()

    def _left(self, one: Entry, form: Form, column: Column, value: Any) -> Any:
        """Bring a column to what it is compared with."""
        if one.family is not None:
            numbers = find_match.compares_numbers(one.family, column)
            return value if numbers else self.matcher.form(one.family, column, value)
        if self.catalog.dialect == "mariadb" and form is OWN:
            subject = self.catalog.dataset(one.dataset)
            theirs = [subject.column(name) for name in one.columns] if subject else []
            fits = any(
                there is not None and compare_mariadb.collated_alike(there, column) for there in theirs
            )
            return value if fits else compare_mariadb.text(value)
        return sa.cast(value, sa.Text) if staging_values.as_text(form, column) else value

    def _compared(self, one: Entry, own: list[Column]) -> list[str]:
        if one.family is None:
            return [f"c{n}" for n in range(len(own))]
        return ["number" if find_match.compares_numbers(one.family, own[0]) else "spelling"]

    def _table(self, dataset: str) -> Table:
        table = self.catalog.dataset(dataset)
        assert table is not None, dataset
        return table


def clause(catalog: Catalog, shapes: tuple[Shape, ...], wanted: Shape) -> sa.TableClause:
    """Return the temporary table of a shape: the one place that knows where it is."""
    spelt = ("spelling", "number", *(("lo", "hi") if catalog.dialect == "postgresql" else ()))
    names = ["person", *(spelt if wanted.forms == (SPELT,) else ())]
    names += [f"c{n}" for n in range(len(wanted.forms)) if wanted.forms != (SPELT,)]
    columns: list[Any] = [sa.column(name) for name in names]
    schema = {"sqlite": "temp", "postgresql": "pg_temp"}.get(catalog.dialect)
    return sa.table(name(shapes, wanted), *columns, schema=schema)


def name(shapes: tuple[Shape, ...], wanted: Shape) -> str:
    """Return what the table of a shape is called."""
    return f"{TABLE}{shapes.index(wanted)}"


def types(staged: StagedPeople, wanted: Shape) -> Mapping[str, str] | None:
    """Return the columns of a shape's table with their types as parameters; None where one has none."""
    if wanted.forms == (SPELT,):
        return {"person": "integer", "spelling": "text", "number": "bigint", "lo": "text", "hi": "text"}
    entry = staged.entries[wanted.entry]
    subject = staged.catalog.dataset(entry.dataset)
    found = {"person": "integer"}
    for n, (name, form) in enumerate(zip(entry.columns, wanted.forms, strict=True)):
        own = subject.column(name) if subject and form is OWN else None
        kind = given.own_type(own) if own else staging_values.declared("postgresql", form)
        if kind is None:
            return None
        found[f"c{n}"] = kind
    return found


def shape(catalog: Catalog, entry: Entry, own: Iterable[Column]) -> Shape:
    """Tell how an entry must be written to be compared with some columns."""
    if entry.family is not None:
        return Shape(entry.number, (SPELT,))
    subject = catalog.dataset(entry.dataset)
    theirs = [subject.column(name) if subject else None for name in entry.columns]
    forms = [
        staging_values.form(there, _element(column) if column.kind is ColumnKind.ARRAY else column)
        for there, column in zip(theirs, own, strict=True)
    ]
    return Shape(entry.number, tuple(forms))


def asked(
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    predicates: Iterable[tuple[str, Predicate]] = (),
) -> Needed:
    """List the tables that some ways and predicates need.

    Args:
        catalog: The store at hand; ways of other stores need nothing here.
        people: The manifest, for its entries.
        ways: Ways by dataset.
        predicates: Predicates with the dataset they are about.
    """
    entries = {entry.number: entry for entry in people.entries}
    about = tuple(predicates)
    ends = [(way.path[-1][0] if way.path else name, way.end) for name, found in ways.items() for way in found]
    ends += [end for name, predicate in about for end in _ends(name, predicate)]
    shapes: dict[Shape, None] = {}
    for dataset, end in ends:
        table = catalog.dataset(dataset)
        if table is not None:
            own = [staging_values.found(table, column) for column in end.columns]
            shapes[shape(catalog, entries[end.entry], own)] = None
    commons = dict.fromkeys(found for _, predicate in about for found in _commons(predicate))
    return Needed(tuple(shapes), tuple(commons))


def _ends(dataset: str, predicate: Predicate) -> Iterator[tuple[str, Staged]]:
    match predicate:
        case Staged():
            yield dataset, predicate
        case Common():
            yield predicate.dataset, predicate.key
            yield predicate.dataset, Staged(entry=predicate.entry, columns=(predicate.other,))
        case Exists():
            yield from _ends(predicate.dataset, predicate.where)
        case All() | AnyOf():
            for part in predicate.of:
                yield from _ends(dataset, part)
        case Not():
            yield from _ends(dataset, predicate.of)
        case _:
            return


def _commons(predicate: Predicate) -> Iterator[Common]:
    match predicate:
        case Common():
            yield predicate
        case Exists(where=part) | Not(of=part):
            yield from _commons(part)
        case All(of=parts) | AnyOf(of=parts):
            yield from (found for part in parts for found in _commons(part))
        case _:
            return


def _element(column: Column) -> Column:
    """Return an element of a list as a column of its own."""
    return staging_values.element(column)
