"""The people at hand as temporary tables of one connection, and questions about them.

Values of the sealed manifest go in by COPY on PostgreSQL, into memory on SQLite; no statement repeats one. Few people
are read about by parameters, where the server writes none (`given`). Every entry gets a table for each type in which
some dataset has it, so that a text id of one store is compared with a number of another as what it means, by index,
and what has no such meaning is left out instead of refused. The number of statements depends on entries, never on
people. Reads nothing of the datasets themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.errors import StoreError
from troth.people import normal
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.plan.predicates import All, Common, Exists, Not, Predicate, Staged
from troth.plan.predicates import Any as AnyOf
from troth.stores.sql import (
    coarse,
    common_values,
    compare_mariadb,
    find_match,
    find_ranges,
    given,
    staging_mariadb,
    staging_values,
)
from troth.stores.sql.borrow import borrowed, reading
from troth.stores.sql.find_match import Matcher
from troth.stores.sql.find_ranges import Order, Range
from troth.stores.sql.memory import remembered
from troth.stores.sql.render import From, Truth, table_clause
from troth.stores.sql.staging_values import OWN, SPELT, Form
from troth.stores.sql.trouble import Trouble, classify, explain

TABLE = "troth_people_"
BY_INDEX = "SET LOCAL random_page_cost = 0.1; SET LOCAL jit = off"
"""Rows of few people are found by index, not by reading tables whole: costs of reading as no old disk has them
(PostgreSQL, chapter 20.7.2); and compiling such questions costs more than it saves."""
_WRITING = {
    "postgresql": "SET TRANSACTION READ WRITE",
    "mariadb": "SET SESSION TRANSACTION READ WRITE",
}
_READING = {
    "postgresql": f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; {BY_INDEX}",
    "mariadb": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


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
        types = _types(self, wanted)
        assert types is not None
        return given.table(_name(self.shapes, wanted), types, alias)

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
    return sa.table(_name(shapes, wanted), *columns, schema=schema)


def _name(shapes: tuple[Shape, ...], wanted: Shape) -> str:
    return f"{TABLE}{shapes.index(wanted)}"


def _types(staged: StagedPeople, wanted: Shape) -> Mapping[str, str] | None:
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


def stage(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    needed: Needed,
    *,
    drop: bool = True,
    first: str = "",
    by_index: bool = False,
) -> StagedPeople:
    """Make and fill the temporary tables of a connection.

    Args:
        connection: On PostgreSQL in a transaction that may write.
        catalog: The store at hand.
        people: Who is staged.
        needed: What `asked` listed.
        drop: Let the tables go with the transaction; on SQLite `unstage` drops them.
        first: Sent to PostgreSQL along with the commands that make the tables.
        by_index: Find rows of today by their spelling, where an index can (`find_ranges`).

    Raises:
        SQLAlchemyError: the store does not answer, or lets the role make no temporary table.
    """
    staged = _outlined(connection, catalog, people, needed, by_index=by_index)
    teach(connection)
    if not needed.shapes:
        if first and catalog.dialect == "postgresql":
            connection.exec_driver_sql(first)
        return staged
    _make(connection, staged, drop=drop, first=first)
    for wanted in staged.shapes:
        fill(connection, clause(catalog, staged.shapes, wanted), _rows(staged, people, wanted))
    if catalog.dialect == "postgresql":
        names = ", ".join(f"pg_temp.{TABLE}{n}" for n in range(len(staged.shapes)))
        connection.exec_driver_sql(f"ANALYZE {names}")
    for one in staged.commons:
        common_values.fill(connection, staged, one)
    return staged


def _outlined(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    needed: Needed,
    *,
    by_index: bool,
) -> StagedPeople:
    """Say what is staged, before any value is."""
    matcher = find_match.ask(connection)
    return StagedPeople(
        catalog=catalog,
        matcher=matcher,
        entries={entry.number: entry for entry in people.entries},
        shapes=needed.shapes,
        ranged=_ranged(catalog, people, needed.shapes) if by_index and matcher.ranges else {},
        commons=needed.commons,
    )


def _ranged(
    catalog: Catalog, people: Manifest, shapes: tuple[Shape, ...]
) -> Mapping[int, Mapping[str, tuple[Range, ...]]]:
    """List the ranges of all spellings of an entry; none where reading every row is cheaper, or needed."""
    found: dict[int, Mapping[str, tuple[Range, ...]]] = {}
    for one in people.entries:
        subject = catalog.dataset(one.dataset)
        if one.family is not Family.EMAIL or Shape(one.number, (SPELT,)) not in shapes:
            continue
        spelt = (s for _, values in people.rows(one.number) for s in _spellings(one, values[0]))
        if ranges := find_ranges.all_of(spelt, subject.rows if subject else None):
            found[one.number] = ranges
    return found


def unstage(connection: sa.Connection, staged: StagedPeople) -> None:
    """Drop the temporary tables: on SQLite they outlive a transaction, with all that is in them."""
    names = [f"{TABLE}{number}" for number in range(len(staged.shapes))]
    for name in (*names, *(common_values.table(staged, one).name for one in staged.commons)):
        connection.exec_driver_sql(f"{dropping(staged.catalog)} {_schema(staged.catalog)}{name}")


def dropping(catalog: Catalog) -> str:
    """Begin a statement that drops a temporary table; MariaDB commits when it is not said to be one."""
    return f"DROP {'TEMPORARY ' if catalog.dialect == 'mariadb' else ''}TABLE IF EXISTS"


def in_memory(connection: sa.Connection) -> None:
    """Let SQLite keep temporary tables in memory; it only takes that before a transaction has begun."""
    raw: object = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.execute("PRAGMA temp_store = MEMORY")


def teach(connection: sa.Connection) -> None:
    """Give a connection the functions it lacks."""
    find_match.teach(connection)
    coarse.teach(connection)


def by_value(
    connection: sa.Connection, catalog: Catalog, people: Manifest, needed: Needed
) -> StagedPeople | None:
    """Give the people's values as parameters; None for many people, and where parameters will not do.

    Raises:
        SQLAlchemyError: the store does not answer.
    """
    if len(people.people) > given.FEW or needed.commons or not given.quiet(connection):
        return None
    staged = _outlined(connection, catalog, people, needed, by_index=True)
    values: dict[str, str] = {}
    for wanted in staged.shapes:
        types = _types(staged, wanted)
        if types is None:
            return None
        values |= given.values(_name(staged.shapes, wanted), len(types), _rows(staged, people, wanted))
    return replace(staged, given=values)


@contextmanager
def opened(
    engine: sa.Engine,
    catalog: Catalog,
    people: Manifest,
    needed: Needed,
    *,
    parameters: bool = False,
    settings: str = "",
    within: sa.Connection | None = None,
) -> Iterator[tuple[sa.Connection, StagedPeople]]:
    """Open a store for reading about the people at hand; everything read is of one moment.

    PostgreSQL and MariaDB refuse CREATE of any table in a read-only transaction, so the tables are made in a short
    one before. Where the caller hands on `StagedPeople.given`, few people need no tables (`given`).

    Args:
        engine: The store.
        catalog: Its structure.
        people: Who is staged.
        needed: What `asked` listed.
        parameters: The caller's statements are given `StagedPeople.given`.
        settings: What PostgreSQL is told besides, where there are tables.
        within: A session of the store that reads what is of one moment (`borrow.reading`) and is closed afterwards:
            left as it is where few people need no tables. Else its moment ends, and the tables are made in it: a role
            may have no second session.

    Raises:
        StoreError: the store does not answer, or lets nobody make a temporary table.
    """
    try:
        if within is not None and (staged := by_value(within, catalog, people, needed)):
            yield within, staged
            return
        with _session(engine, within) as connection:
            staged = by_value(connection, catalog, people, needed) if parameters and within is None else None
            connection.rollback()
            if staged is not None:
                reading(connection)
                yield connection, staged
                return
            in_memory(connection)
            with _making(catalog.store):
                if catalog.dialect in _WRITING:
                    connection.exec_driver_sql(_WRITING[catalog.dialect])
                staged = stage(connection, catalog, people, needed, drop=False, by_index=True)
                if catalog.dialect in _READING:
                    connection.commit()
                    connection.exec_driver_sql(
                        ";\n".join(filter(None, (_READING[catalog.dialect], settings)))
                    )
            yield connection, staged
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error


@contextmanager
def _session(engine: sa.Engine, within: sa.Connection | None) -> Iterator[sa.Connection]:
    """Open a session, or take one that read of one moment until now."""
    if within is None:
        with borrowed(engine) as connection:
            yield connection
        return
    within.rollback()
    yield within.execution_options(isolation_level=within.default_isolation_level)


@contextmanager
def _making(store: str) -> Iterator[None]:
    """Say what a role needs that may not make temporary tables."""
    try:
        yield
    except SQLAlchemyError as error:
        if classify(error) not in (Trouble.DENIED, Trouble.READ_ONLY):
            raise
        raise StoreError(
            f"Store `{store}`: work on people needs temporary tables, and the database lets this role make none.",
            hint="GRANT TEMPORARY ON DATABASE … TO the role (MariaDB: CREATE TEMPORARY TABLES ON …); a read-only "
            "standby of PostgreSQL cannot have any, so name its primary, or a copy.",
        ) from error


def fill(connection: sa.Connection, target: sa.TableClause, rows: Iterable[tuple[object, ...]]) -> None:
    """Put rows into a temporary table: by COPY on PostgreSQL, which no statement log repeats."""
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {target.schema}.{target.name} FROM STDIN", rows)
        return
    names = [column.name for column in target.c]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    if values:
        connection.execute(sa.insert(target), values)


def _copy(connection: sa.Connection, command: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Send rows past SQLAlchemy, whose errors the driver's become all the same."""
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(command, None, error) from error


def _make(connection: sa.Connection, staged: StagedPeople, *, drop: bool, first: str) -> None:
    """Create the tables: one statement for all where the driver takes several."""
    commands = remembered(
        staged.catalog,
        ("create", staged.outline, drop),
        lambda: [
            *(_create(connection, staged, wanted, drop=drop) for wanted in staged.shapes),
            *(common_values.created(staged, one, drop=drop) for one in staged.commons),
        ],
    )
    if staged.catalog.dialect == "postgresql":
        connection.exec_driver_sql(";\n".join([first, *commands] if first else commands))
        return
    unstage(connection, staged)
    for command in commands:
        connection.exec_driver_sql(command)


def _create(connection: sa.Connection, staged: StagedPeople, wanted: Shape, *, drop: bool) -> str:
    dialect = staged.catalog.dialect
    name = f"{_schema(staged.catalog)}{TABLE}{staged.shapes.index(wanted)}"
    end = " ON COMMIT DROP" if drop and dialect == "postgresql" else ""
    entry = staged.entries[wanted.entry]
    integer = "bigint" if dialect != "sqlite" else "integer"
    if dialect == "mariadb":
        return _create_in_mariadb(connection, staged, wanted, name)
    if wanted.forms == (SPELT,):
        ranges = ", lo text, hi text" if dialect == "postgresql" else ""
        return f"CREATE TEMPORARY TABLE {name} (person integer, spelling text, number {integer}{ranges}){end}"
    types = [staging_values.declared(dialect, one) for one in wanted.forms]
    if OWN not in wanted.forms:
        columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(types))
        return f"CREATE TEMPORARY TABLE {name} (person integer, {columns}){end}"
    subject = staged.catalog.dataset(entry.dataset)
    assert subject is not None
    source = table_clause(subject)
    parts: list[Any] = [sa.cast(sa.null(), sa.Integer).label("person")]
    for n, (column, one) in enumerate(zip(entry.columns, wanted.forms, strict=True)):
        typed = sa.literal_column(f"CAST(NULL AS {types[n]})") if one is not OWN else source.c[column]
        parts.append(typed.label(f"c{n}"))
    empty = sa.select(*parts).select_from(source).where(sa.false())
    made = empty.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    return f"CREATE TEMPORARY TABLE {name}{end} AS {made}"


def _create_in_mariadb(connection: sa.Connection, staged: StagedPeople, wanted: Shape, name: str) -> str:
    if wanted.forms == (SPELT,):
        return staging_mariadb.spelt(name)
    entry = staged.entries[wanted.entry]
    subject = staged.catalog.dataset(entry.dataset)
    numbered = tuple(enumerate(wanted.forms))
    declared = [f"c{n} {staging_values.declared('mariadb', one)}" for n, one in numbered if one is not OWN]
    own = None
    if OWN in wanted.forms:
        assert subject is not None
        source = table_clause(subject)
        kept = [source.c[entry.columns[n]].label(f"c{n}") for n, one in numbered if one is OWN]
        own = staging_mariadb.empty(source, kept)
    first = subject.column(entry.columns[0]) if subject and wanted.forms[0] is OWN else None
    columns = ["person integer", *declared]
    return staging_mariadb.keyed(name, connection.dialect, columns, own, first)


def _schema(catalog: Catalog) -> str:
    return "temp." if catalog.dialect == "sqlite" else "pg_temp." if catalog.dialect == "postgresql" else ""


def _rows(staged: StagedPeople, people: Manifest, wanted: Shape) -> Iterator[tuple[object, ...]]:
    """Write an entry's values as a table holds them, each once for each person."""
    entry = staged.entries[wanted.entry]
    seen: set[tuple[object, ...]] = set()
    for person, values in people.rows(wanted.entry):
        if entry.family is not None:
            found = _spelt(staged, entry, person, values[0])
        else:
            written = staging_values.written(staged.catalog.dialect, wanted.forms, values)
            found = ((person, *one) for one in written)
        for row in found:
            key = (*row, *map(type, row))
            if key not in seen:
                seen.add(key)
                yield row


def _spelt(staged: StagedPeople, entry: Entry, person: int, value: object) -> Iterator[tuple[object, ...]]:
    ranged = staged.ranged.get(entry.number, {})
    with_ranges = staged.catalog.dialect == "postgresql"
    for spelling in _spellings(entry, value):
        number = find_match.number(spelling) if spelling else None
        for lo, hi in ((None, None), *ranged.get(spelling, ())):
            yield (person, spelling, number, lo, hi) if with_ranges else (person, spelling, number)


def _spellings(entry: Entry, value: object) -> Iterator[str]:
    assert entry.family is not None
    text = find_match.text(value)
    form = normal.normal(entry.family, text, entry.region)
    # What has no normal form is somebody's all the same: it is compared as it stands.
    plain = (text.strip().lower(),) if form is None else normal.spellings(entry.family, form, entry.region)
    return (spelling for spelling in plain if staging_values.storable(spelling))


def _element(column: Column) -> Column:
    """Return an element of a list as a column of its own."""
    return staging_values.element(column)
