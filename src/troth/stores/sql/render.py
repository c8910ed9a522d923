"""From predicates and changes to SQLAlchemy Core; dialects are SQLAlchemy's, not ours.

Negation is pushed down to the leaves, so that SQL's third truth value never appears: what is unknown counts as
not holding, exactly as `plan.predicates` says. Constants are bound, names are quoted by SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeAlias, assert_never

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Catalog, ColumnKind, Table
from troth.plan import dates
from troth.plan.model import Blank, Change, Coarsen, Prune, Replace
from troth.plan.predicates import (
    All,
    Always,
    Before,
    Common,
    Compare,
    Differs,
    Exists,
    Filled,
    HasPath,
    Held,
    Not,
    Null,
    OneOf,
    Predicate,
    Staged,
    Unreadable,
    Value,
    conjuncts,
)
from troth.plan.predicates import (
    Any as AnyOf,
)
from troth.stores.sql import coarse, compare_mariadb, compare_postgresql, documents
from troth.stores.sql.read_mariadb import ON_UPDATE

Truth = ColumnElement[bool]
HELD = "holds are filled in before a predicate is rendered"
STAGED = "a question about people at hand needs their staging tables"
From: TypeAlias = sa.FromClause

_DAY = "[1-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
_DAY_REGEX = r"^[1-9]\d{3}-[01]\d-[0-3]\d"
_MINUTE = "[0-9][0-9]:[0-9][0-9]"
TO_THE_MINUTE = len("2020-01-01 00:00")

SHAPES = {
    "date": (_DAY, "", f"{_DAY_REGEX}$"),
    "datetime-space": (f"{_DAY} {_MINUTE}*", "*[^0-9:.]*", _DAY_REGEX + r" \d\d:\d\d[0-9:.]*$"),
    "datetime-T": (f"{_DAY}T{_MINUTE}*", "*[^0-9:.]*", _DAY_REGEX + r"T\d\d:\d\d[0-9:.]*$"),
    "datetime-T-Z": (f"{_DAY}T{_MINUTE}*Z", "*[^0-9:.Z]*", _DAY_REGEX + r"T\d\d:\d\d[0-9:.]*Z$"),
}
"""What a readable value of each text layout looks like: as SQLite GLOB, with what may not follow the minute (a
zone of its own), and as POSIX regular expression."""


EARLIEST_OF = {
    "instant": datetime(dates.EARLIEST, 1, 1, tzinfo=UTC),
    "wall": datetime(dates.EARLIEST, 1, 1),
    "day": date(dates.EARLIEST, 1, 1),
}


def table_clause(table: Table) -> sa.TableClause:
    """Make the table as SQLAlchemy sees it, with untyped columns and exact names."""
    names: list[Any] = [sa.column(sa.sql.quoted_name(c.name, quote=True)) for c in table.columns]
    clause = sa.table(sa.sql.quoted_name(table.table, quote=True), *names)
    if table.schema:
        clause = sa.table(clause.name, *(sa.column(c.name) for c in clause.columns), schema=table.schema)
    return clause


class Staging(Protocol):
    """The people at hand, as a store holds them while it works (`stores.sql.staged_people`)."""

    def member(self, entry: int, table: Table, source: From, columns: tuple[str, ...]) -> Truth:
        """Render that columns of a row are among an entry's values."""
        ...

    def common(self, asked: Common, table: Table, source: From) -> Truth:
        """Render that a column of a row holds a value of theirs that others have too."""
        ...


@dataclass(slots=True)
class Joins:
    """Outer joins to rows of other datasets that are found by their key: at most one each, looked up once.

    A question about such a row is a question about columns of the join. In a statement that reads, that lets the
    database hash each table once, however often the rules ask.
    """

    joined: sa.FromClause
    aliases: dict[tuple[int, str, tuple[tuple[str, str], ...]], From] = field(default_factory=dict)

    def alias(self, render: _Render, table: Table, dataset: str, match: tuple[tuple[str, str], ...]) -> From:
        """Return the join of a dataset to the source at hand, adding it on first sight."""
        source = render.source
        key = (id(source), dataset, match)
        if key not in self.aliases:
            alias = table_clause(table).alias(f"troth_join_{len(self.aliases)}")
            on = sa.and_(*render.pairs(match, table, alias))
            self.joined = self.joined.outerjoin(alias, on)
            self.aliases[key] = alias
        return self.aliases[key]


DEEP = 2
"""From how many looks inside one another on a question goes on the shelf."""


def height(predicate: Predicate) -> int:
    """Count how deep looks at other datasets stand in one another."""
    match predicate:
        case Exists():
            return 1 + height(predicate.where)
        case All() | AnyOf():
            return max((height(part) for part in predicate.of), default=0)
        case Not():
            return height(predicate.of)
        case _:
            return 0


@dataclass(slots=True)
class Shelf:
    """Sets of rows of other datasets, each worked out once in a WITH clause, however many questions use it.

    What an `Exists` asks is about the other row alone, so it can be asked of all of them beforehand. Nesting it
    instead doubles a statement with each table of a chain, and overflows SQLite's parser at five.
    """

    sets: dict[Exists, sa.CTE] = field(default_factory=dict)

    def put(self, render: _Render, predicate: Exists, other: Table) -> sa.CTE:
        """Return the set of rows a question is about, making it on first sight."""
        if predicate not in self.sets:
            rows = table_clause(other).alias("troth_1")
            inner = replace(render, table=other, source=rows, depth=2, known={}, joins=None)
            columns = dict.fromkeys(there for _, there in predicate.match)
            where = inner.true(predicate.where)
            query = sa.select(*(rows.c[name] for name in columns)).select_from(rows).where(where)
            self.sets[predicate] = query.cte(f"troth_set_{len(self.sets)}")
        return self.sets[predicate]


def by_key(catalog: Catalog, predicate: Exists) -> bool:
    """Tell whether at most one row can match, and must be there to."""
    table = catalog.dataset(predicate.dataset)
    columns = {there for _, there in predicate.match}
    return (
        table is not None
        and bool(columns)
        and columns in [set(k) for k in (table.primary_key, *table.uniques)]
    )


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders for the stores of one engine."""

    catalog: Catalog
    known: Mapping[Predicate, str] = field(default_factory=dict)
    """Predicates whose truth stands in a column of the source already."""
    joins: Joins | None = None
    """Where rows found by key are joined instead of asked for."""
    shelf: Shelf | None = None
    """Where deep questions stand once, beside the statement, instead of nested in it."""
    staging: Staging | None = None
    """The people at hand, for questions about them."""

    def table(self, dataset: str) -> Table:
        """Return the live table of a dataset; the planner only names those that exist."""
        table = self.catalog.dataset(dataset)
        assert table is not None, dataset
        return table

    def where(self, dataset: str, predicate: Predicate, source: From) -> Truth:
        """Render a predicate about rows of `source`, which is the table of `dataset` or an alias of it."""
        table = self.table(dataset)
        render = _Render(
            self.catalog, table, source, 1, self.known, self.joins, self.shelf, staging=self.staging
        )
        return render.true(predicate)

    def values(self, dataset: str, changes: tuple[Change, ...], source: From) -> Mapping[str, Any]:
        """Render what an UPDATE sets."""
        table = self.table(dataset)
        found: dict[str, Any] = {}
        for change in changes:
            paths = [c.path for c in changes if isinstance(c, Prune) and c.column == change.column]
            found[change.column] = _value(self.catalog.dialect, table, change, source, paths)
        return {**_unmoved(table, source), **found}


def _unmoved(table: Table, source: From) -> Mapping[str, Any]:
    """Set columns to themselves that MariaDB would set to now: blanking a row must not make it look young."""
    return {c.name: source.c[c.name] for c in table.columns if ON_UPDATE in c.declared and not c.generated}


def _value(
    dialect: str, table: Table, change: Change, source: From, paths: Sequence[tuple[str, ...]]
) -> object:
    """Render what becomes of a column; all paths are taken out of a document at once."""
    match change:
        case Blank():
            return sa.null()
        case Replace(text=text, unique=False):
            return sa.literal(text)
        case Replace(text=text):
            parts = [sa.literal(text), *(sa.cast(source.c[k], sa.Text) for k in table.primary_key)]
            joined: ColumnElement[Any] = parts[0]
            for part in parts[1:]:
                joined = joined.concat("-").concat(part)
            return joined
        case Coarsen(column=name, to=to):
            column = table.column(name)
            assert column is not None
            return coarse.value(dialect, column, source.c[name], to)
        case Prune(column=name):
            column = table.column(name)
            assert column is not None
            return documents.pruned(dialect, column, source.c[name], paths)
        case _:
            assert_never(change)


@dataclass(frozen=True, slots=True)
class _Render:
    catalog: Catalog
    table: Table
    source: From
    depth: int
    known: Mapping[Predicate, str]
    joins: Joins | None = None
    shelf: Shelf | None = None
    staging: Staging | None = None

    def true(self, predicate: Predicate) -> Truth:
        """Render that a predicate holds."""
        if predicate in self.known:
            return self.source.c[self.known[predicate]]
        match predicate:
            case Always():
                return sa.true()
            case All(of=parts):
                return sa.and_(*(self.true(p) for p in self._folded(parts)))
            case AnyOf(of=parts):
                return sa.or_(*(self.true(p) for p in parts))
            case Not(of=part):
                return self.false(part)
            case Exists():
                return self._exists(predicate)
            case _:
                return self._leaf(predicate)

    def false(self, predicate: Predicate) -> Truth:
        """Render that a predicate does not hold, or is unknown."""
        if predicate in self.known:
            return sa.not_(self.source.c[self.known[predicate]])
        match predicate:
            case Always():
                return sa.false()
            case All(of=parts):
                return sa.or_(*(self.false(p) for p in self._folded(parts)))
            case AnyOf(of=parts):
                return sa.and_(*(self.false(p) for p in parts))
            case Not(of=part):
                return self.true(part)
            case Exists():
                return self._exists_not(predicate)
            case Null(column=name):
                return self.source.c[name].is_not(None)
            case Filled(column=name):
                return self.source.c[name].is_(None)
            case Held():
                raise AssertionError(HELD)
            case Staged() | Common():
                return sa.func.coalesce(self._leaf(predicate), sa.false()).is_(sa.false())
            case _:
                opposite = sa.not_(self._leaf(predicate))
                if not self._nullable(predicate.column):
                    return opposite
                return sa.or_(self.source.c[predicate.column].is_(None), opposite)

    def _folded(self, parts: tuple[Predicate, ...]) -> tuple[Predicate, ...]:
        """Put a known conjunction in place of its parts."""
        for whole in self.known:
            if isinstance(whole, All) and set(whole.of) <= set(parts):
                parts = (whole, *(p for p in parts if p not in whole.of))
        return parts

    def _nullable(self, name: str) -> bool:
        column = self.table.column(name)
        return column is None or column.nullable

    def _exists(self, predicate: Exists) -> Truth:
        if self.joins is not None and by_key(self.catalog, predicate):
            present, inner = self._joined(self.joins, predicate)
            found = inner.true(predicate.where)
            return found if _asks_the_row(predicate.where) else sa.and_(present, found)
        return self._looked_up(predicate)

    def _exists_not(self, predicate: Exists) -> Truth:
        """Ask a joined row whether it is missing or says no: a bare NOT would leave unknown what is NULL."""
        if self.joins is not None and by_key(self.catalog, predicate):
            present, inner = self._joined(self.joins, predicate)
            return sa.or_(sa.not_(present), inner.false(predicate.where))
        return sa.not_(self._looked_up(predicate))

    def _joined(self, joins: Joins, predicate: Exists) -> tuple[Truth, _Render]:
        other = self._other(predicate)
        joined = joins.alias(self, other, predicate.dataset, predicate.match)
        inner = replace(self, table=other, source=joined, known={})
        return joined.c[predicate.match[0][1]].is_not(None), inner

    def _looked_up(self, predicate: Exists) -> Truth:
        other = self._other(predicate)
        if self.shelf is not None and height(predicate.where) >= DEEP:
            alias: From = self.shelf.put(self, predicate, other)
        else:
            alias = table_clause(other).alias(f"troth_{self.depth}")
        pairs = self.pairs(predicate.match, other, alias)
        query: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(alias).where(*pairs)
        if not isinstance(alias, sa.CTE):
            inner = replace(self, table=other, source=alias, depth=self.depth + 1, known={}, joins=None)
            query = query.where(inner.true(predicate.where))
        return query.correlate_except(alias).exists()

    def pairs(self, match: tuple[tuple[str, str], ...], other: Table, there: From) -> list[Truth]:
        """Render that the columns of the row at hand equal those of another."""
        if self.catalog.dialect == "sqlite":
            return [self.source.c[own] == there.c[theirs] for own, theirs in match]
        same = {"mariadb": compare_mariadb.same, "postgresql": compare_postgresql.same}[self.catalog.dialect]
        return [
            same(self.table.column(own), other.column(theirs), self.source.c[own], there.c[theirs])
            for own, theirs in match
        ]

    def _other(self, predicate: Exists) -> Table:
        other = self.catalog.dataset(predicate.dataset)
        assert other is not None, predicate.dataset
        return other

    def _leaf(self, predicate: Predicate) -> Truth:
        match predicate:
            case Null(column=name):
                return self.source.c[name].is_(None)
            case Filled(column=name):
                return self.source.c[name].is_not(None)
            case Before():
                return self._before(predicate)
            case Unreadable(column=name, layout=layout):
                return sa.and_(self.source.c[name].is_not(None), sa.not_(self._shaped(name, layout)))
            case Compare() | OneOf() if self.catalog.dialect == "mariadb":
                return self._compared_by_mariadb(predicate)
            case Compare(column=name, operator=operator, value=value):
                column, (constant,) = self._written(name, (value,))
                return _compared(column, operator, constant)
            case OneOf(column=name, values=values):
                column, constants = self._written(name, values)
                return column.in_(constants)
            case Differs(column=name, to=to):
                return self._differs(name, to)
            case HasPath(column=name, path=path):
                return documents.has(self.catalog.dialect, self.table.column(name), self.source.c[name], path)
            case Staged() | Common():
                return self._staged(predicate)
            case Held():
                raise AssertionError(HELD)
            case _:
                raise AssertionError(f"{type(predicate).__name__} is not a leaf")

    def _staged(self, predicate: Staged | Common) -> Truth:
        if self.staging is None:
            raise AssertionError(STAGED)
        if isinstance(predicate, Common):
            return self.staging.common(predicate, self.table, self.source)
        return self.staging.member(predicate.entry, self.table, self.source, predicate.columns)

    def _compared_by_mariadb(self, predicate: Compare | OneOf) -> Truth:
        column, declared = self.source.c[predicate.column], self.table.column(predicate.column)
        if isinstance(predicate, OneOf):
            return compare_mariadb.one_of(column, declared, predicate.values)
        return compare_mariadb.compared(column, declared, predicate.operator, predicate.value)

    def _written(self, name: str, values: tuple[Value, ...]) -> tuple[ColumnElement[Any], tuple[Value, ...]]:
        """Write constants as a column takes them: PostgreSQL compares no text with a number, uuid or enum."""
        column, declared = self.source.c[name], self.table.column(name)
        kind = declared.kind if declared else ColumnKind.OTHER
        fitting = {ColumnKind.TEXT: str, ColumnKind.INTEGER: int, ColumnKind.BOOLEAN: bool}.get(kind)
        if self.catalog.dialect == "sqlite" or all(type(value) is fitting for value in values):
            return column, values
        texts = (str(v).lower() if isinstance(v, bool) else str(v) for v in values)
        return sa.type_coerce(column, Unknown()), tuple(texts)

    def _before(self, predicate: Before) -> Truth:
        bound: object = predicate.bound
        match predicate.form:
            case "instant" | "wall":
                bound = _instant(self.catalog.dialect, datetime.fromisoformat(str(bound)))
            case "day":
                bound = date.fromisoformat(str(bound))
            case "text" | "number":
                pass
            case _:
                assert_never(predicate.form)
        shaped = self._shaped(predicate.column, predicate.layout or predicate.form)
        return sa.and_(self.source.c[predicate.column] < sa.literal(bound), shaped)

    def _shaped(self, name: str, layout: str) -> Truth:
        column = self.source.c[name]
        if layout in EARLIEST_OF:
            earliest = EARLIEST_OF[layout]
            if isinstance(earliest, datetime):
                earliest = _instant(self.catalog.dialect, earliest)
            return column >= sa.literal(earliest)
        if layout not in SHAPES:
            first, last = (bound * dates.NUMBER_LAYOUTS[layout] for bound in dates.EPOCH)
            plausible = sa.and_(column >= first, column < last)
            numeric = sa.func.typeof(column).in_(("integer", "real"))
            return sa.and_(numeric, plausible) if self.catalog.dialect == "sqlite" else plausible
        glob, never, pattern = SHAPES[layout]
        if self.catalog.dialect == "mariadb":
            return compare_mariadb.shaped(column, pattern)
        if self.catalog.dialect != "sqlite":
            return column.op("~", is_comparison=True)(pattern)
        shaped: Truth = column.op("GLOB", is_comparison=True)(glob)
        if never:
            rest = sa.func.substr(column, TO_THE_MINUTE + 1)
            shaped = sa.and_(shaped, sa.not_(rest.op("GLOB", is_comparison=True)(never)))
        return shaped

    def _differs(self, name: str, to: str) -> Truth:
        kind, _, text = to.partition(":")
        column = self.source.c[name]
        if kind == "text":
            exact = compare_mariadb.text(column) if self.catalog.dialect == "mariadb" else column
            return exact != sa.literal(text)
        if kind == "unique":
            return sa.not_(column.startswith(f"{text}-", autoescape=True))
        declared = self.table.column(name)
        assert declared is not None
        return coarse.differs(self.catalog.dialect, declared, column, to)


class Unknown(sa.types.UserDefinedType[str]):
    """A constant without a type: PostgreSQL reads it as the column's own (manual, chapter 10.2)."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name a type, as SQLAlchemy asks for; nothing is ever made of it."""
        return "text"

    def literal_processor(self, dialect: sa.Dialect) -> Callable[[str], str]:  # noqa: ARG002 given by SQLAlchemy
        """Write a constant into the text of a statement, for people."""
        return lambda text: "'" + text.replace("'", "''") + "'"


def _instant(dialect: str, bound: datetime) -> datetime:
    """Write an instant as the engine compares it: MariaDB's carry no zone, and its sessions here keep UTC."""
    if dialect != "mariadb" or bound.tzinfo is None:
        return bound
    return bound.astimezone(UTC).replace(tzinfo=None)


def _asks_the_row(where: Predicate) -> bool:
    """Tell whether a missing row cannot satisfy a predicate anyway: something in it wants a value to be there."""
    return any(
        isinstance(part, Before | Filled | Compare | OneOf | Differs | Exists) for part in conjuncts(where)
    )


def _compared(column: ColumnElement[Any], operator: str, bound: Value) -> Truth:
    comparisons = {
        "=": column == bound,
        "!=": column != bound,
        "<": column < bound,
        "<=": column <= bound,
        ">": column > bound,
        ">=": column >= bound,
    }
    return comparisons[operator]
