"""Correct a wrong value in every copy one database has, in one transaction; or try that, and take it back.

The person's rows are set down by key before anything changes. Wrong and right value go into temporary tables, so that
no statement holds one. What a CHECK, a UNIQUE or a trigger would refuse is found by trying.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog, Column, ColumnKind
from troth.errors import Refused
from troth.people import normal
from troth.people.entries import Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.rights.rectify import Change, Copy, unfit
from troth.stores.sql import find_match, staged_people, staging, staging_tables
from troth.stores.sql.find_match import Matcher
from troth.stores.sql.render import From, Renderer, Truth
from troth.stores.sql.store import LOCK_WAIT
from troth.stores.sql.targets import Target
from troth.stores.sql.trouble import Trouble, classify, explain

WRONG, RIGHT = "troth_wrong", "troth_right"
_NUMBERS = {"postgresql": "bigint", "mariadb": "bigint", "sqlite": "integer"}
_TEXTS = {"mariadb": "varchar(700) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"}


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What is wrong, and what is right."""

    wrong: str | None
    """As the field holds it; None where it holds nothing."""
    right: str
    family: Family | None
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What came of it in one database."""

    changes: tuple[Change, ...]
    texts: tuple[Change, ...]
    """Rows whose free text has the wrong value: left alone."""


def current(
    engine: sa.Engine, catalog: Catalog, people: Manifest, ways: Sequence[Way], copy: Copy
) -> tuple[str | None, ...]:
    """Read what stands in a column of the person's rows: each value once.

    Raises:
        StoreError: the database does not answer.
    """
    needed = staged_people.asked(catalog, people, {copy.dataset: tuple(ways)})
    with staging.opened(engine, catalog, people, needed) as (connection, staged):
        target = _target(0, catalog, copy.dataset, ways)
        source = target.source()
        where = sa.or_(*(_reached(staged, copy.dataset, way, source) for way in ways))
        query = sa.select(sa.cast(source.c[copy.column], sa.Text)).distinct().where(where).limit(100)
        return tuple(None if value is None else str(value) for value in connection.execute(query).scalars())


def correct(
    engine: sa.Engine,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    what: tuple[Sequence[Copy], Sequence[Copy]],
    correction: Correction,
    *,
    apply: bool,
) -> Corrected:
    """Correct every copy, or only try; `what` are copies and columns of free text of this store.

    Raises:
        Refused: a column, or a constraint, does not take the value; nothing is changed.
        StoreError: anything else; nothing is changed.
    """
    copies, texts = ([c for c in part if ways.get(c.dataset)] for part in what)
    _fits(catalog, copies, correction.right)
    try:
        with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            connection.detach()
            staging.in_memory(connection)
            with connection.begin() as transaction:
                if catalog.dialect == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
                done = _begun(connection, catalog, people, ways, (*copies, *texts)).corrected(
                    copies, texts, correction
                )
                if not apply:
                    transaction.rollback()
            return done
    except SQLAlchemyError as error:
        if classify(error) is Trouble.CONSTRAINT:
            told = explain(error, catalog.store)
            hint = "Nothing was changed. Give a value the database takes, or mend the row that stands in the way."
            raise Refused(told.message, hint=hint) from error
        raise explain(error, catalog.store) from error


def _fits(catalog: Catalog, copies: Sequence[Copy], right: str) -> None:
    for copy in copies:
        table = catalog.dataset(copy.dataset)
        column = table.column(copy.column) if table else None
        if column is not None and (why := unfit(column, right)):
            raise Refused(
                f"{copy.dataset}.{copy.column} does not take the new value: {why}.",
                hint="Nothing was changed. Give a value that fits, or widen the column.",
            )


def _target(number: int, catalog: Catalog, dataset: str, ways: Sequence[Way]) -> Target:
    table = catalog.dataset(dataset)
    assert table is not None, dataset
    return Target(
        number=number,
        dataset=dataset,
        table=table,
        dialect=catalog.dialect,
        ways=tuple(ways),
        names_people=False,
    )


def _reached(staged: staged_people.StagedPeople, dataset: str, way: Way, source: From) -> Truth:
    return Renderer(staged.catalog, staging=staged).where(dataset, way.where, source)


def _begun(
    connection: sa.Connection,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    columns: Sequence[Copy],
) -> _Work:
    asked = {name: ways[name] for name in dict.fromkeys(copy.dataset for copy in columns)}
    staged = staging.stage(connection, catalog, people, staged_people.asked(catalog, people, asked))
    targets = {name: _target(n, catalog, name, listed) for n, (name, listed) in enumerate(asked.items())}
    for target in targets.values():
        for command in target.created(connection.dialect):
            connection.exec_driver_sql(command)
        connection.execute(target.filled(staged))
    return _Work(connection, catalog, staged.matcher, targets)


@dataclass(frozen=True)
class _Work:
    connection: sa.Connection
    catalog: Catalog
    matcher: Matcher
    targets: Mapping[str, Target]

    def corrected(self, copies: Sequence[Copy], texts: Sequence[Copy], correction: Correction) -> Corrected:
        """Change every copy, then look again at each, in the same transaction."""
        wrong, right = self._values(correction)
        rows = {copy: self._change(copy, correction, wrong, right) for copy in copies}
        changes = tuple(
            Change(dataset=c.dataset, column=c.column, rows=n, left=self._left(c, correction, wrong, right))
            for c, n in rows.items()
        )
        named = tuple(
            Change(dataset=c.dataset, column=c.column, rows=self._named(c, correction)) for c in texts
        )
        return Corrected(changes=changes, texts=named)

    def _values(self, correction: Correction) -> tuple[sa.TableClause, sa.TableClause]:
        """Put wrong and right where statements find them."""
        schema = {"sqlite": "temp", "postgresql": "pg_temp"}.get(self.catalog.dialect)
        columns: list[Any] = [sa.column("spelling"), sa.column("number")]
        wrong = sa.table(WRONG, *columns, schema=schema)
        right = sa.table(RIGHT, sa.column("value"), schema=schema)
        text, number = _TEXTS.get(self.catalog.dialect, "text"), _NUMBERS[self.catalog.dialect]
        place = f"{schema}." if schema else ""
        end = " ON COMMIT DROP" if self.catalog.dialect == "postgresql" else ""
        made = (f"{WRONG} (spelling {text}, number {number})", f"{RIGHT} (value {text})")
        for one in made:
            self.connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {place}{one}{end}")
        staging_tables.fill(self.connection, wrong, _spelt(correction))
        staging_tables.fill(self.connection, right, [(correction.right,)])
        return wrong, right

    def _change(
        self, copy: Copy, correction: Correction, wrong: sa.TableClause, right: sa.TableClause
    ) -> int:
        source = self.targets[copy.dataset].source()
        where = self._holding(copy, source, correction, wrong, right)
        value = self._right(self._column(copy), right)
        return int(
            self.connection.execute(sa.update(source).values({copy.column: value}).where(where)).rowcount
        )

    def _left(self, copy: Copy, correction: Correction, wrong: sa.TableClause, right: sa.TableClause) -> int:
        source = self.targets[copy.dataset].source()
        where = self._holding(copy, source, correction, wrong, right)
        return int(self.connection.scalar(sa.select(sa.func.count()).select_from(source).where(where)) or 0)

    def _holding(
        self, copy: Copy, source: From, correction: Correction, wrong: sa.TableClause, right: sa.TableClause
    ) -> Truth:
        """Say that a row is the person's, and its column holds the wrong value, and not the right one already."""
        target, column = self.targets[copy.dataset], self._column(copy)
        mask = sum({1 << target.wheres[w.where] for w in target.ways if copy.role in ("", w.role)})
        if not mask:
            return sa.false()
        mine = target.member(mask, source)
        here = source.c[copy.column]
        if correction.wrong is None:
            return sa.and_(mine, here.is_(None))
        family = correction.family or Family.OTHER
        if correction.family and find_match.compares_numbers(family, column):
            same: Truth = here.in_(sa.select(wrong.c.number))
        else:
            same = self.matcher.form(family, column, here).in_(sa.select(wrong.c.spelling))
        value = sa.select(right.c.value).scalar_subquery()
        return sa.and_(mine, same, sa.cast(here, sa.Text) != value)

    def _right(self, column: Column, right: sa.TableClause) -> Any:
        value = sa.select(right.c.value).scalar_subquery()
        if self.catalog.dialect == "postgresql" and column.kind is not ColumnKind.TEXT:
            return sa.cast(value, _Declared(column.declared))
        return value

    def _named(self, copy: Copy, correction: Correction) -> int:
        """Count the person's rows whose text has the wrong value in it."""
        if correction.wrong is None or copy.dataset not in self.targets:
            return 0
        target = self.targets[copy.dataset]
        source = target.source()
        text = sa.func.lower(sa.cast(source.c[copy.column], sa.Text))
        found = text.contains(correction.wrong.strip().lower(), autoescape=True)
        query = (
            sa.select(sa.func.count()).select_from(source).where(target.member(target.every, source), found)
        )
        return int(self.connection.scalar(query) or 0)

    def _column(self, copy: Copy) -> Column:
        column = self.targets[copy.dataset].table.column(copy.column)
        assert column is not None, copy.column
        return column


class _Declared(sa.types.UserDefinedType[Any]):
    """A column's type as the database spells it."""

    cache_ok = True

    def __init__(self, declared: str) -> None:
        self.declared = declared

    def get_col_spec(self, **_: object) -> str:
        return self.declared


def _spelt(correction: Correction) -> list[tuple[object, ...]]:
    """List how the wrong value may be written."""
    if correction.wrong is None:
        return []
    if correction.family is None:
        return [(correction.wrong, None)]
    form = normal.normal(correction.family, correction.wrong, correction.region)
    found = (
        (correction.wrong.strip().lower(),)
        if form is None
        else normal.spellings(correction.family, form, correction.region)
    )
    return [(one, find_match.number(one) if one else None) for one in found]
