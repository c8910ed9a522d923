"""One batch of people erased from a SQL store: all steps and their marks in one transaction, or nothing.

The people are staged, then the rows that are theirs, by key, before anything changes. Every step re-tests its whole
predicate, leaves alone what is already as wanted, and says which rows it touched: a single one that was not set down
beforehand undoes the batch. On PostgreSQL all of it sees one moment (REPEATABLE READ): rows that come meanwhile are
the recheck's to find, and a row that somebody else has changed lets the batch be done anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.people import Done, PeopleBatch
from troth.catalog.model import Catalog
from troth.errors import Refused
from troth.people.manifest import Manifest
from troth.plan.model import Blank, Change, Coarsen, Prune, Replace
from troth.plan.predicates import All, Common, Differs, Exists, Filled, HasPath, Not, Predicate
from troth.plan.predicates import Any as AnyOf
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub
from troth.stores.sql import memory, people_marks, scrub, staged_people, staging, staging_tables, targets
from troth.stores.sql.render import From, Renderer, Truth
from troth.stores.sql.scrub import Words
from troth.stores.sql.staged_people import StagedPeople
from troth.stores.sql.store import ANEW, LOCK_WAIT
from troth.stores.sql.targets import Standing, Target
from troth.stores.sql.trouble import explain, mariadb_number

ANEW_AFTER_REFERENCE = 2
"""A reference that stands in the way may have come meanwhile, or be there to stay: one more look tells."""


def erase(engine: sa.Engine, catalog: Catalog, batch: PeopleBatch, now: Callable[[], datetime]) -> Done:
    """Do a batch.

    Raises:
        Refused: a step touched rows of somebody else, or more than it may; everything is rolled back.
        StoreError: the database refuses; everything is rolled back.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return _once(engine, catalog, batch, now)
        except SQLAlchemyError as error:
            if tries >= _tries(error):
                raise explain(error, catalog.store) from error


def _tries(error: SQLAlchemyError) -> int:
    """Say how often a batch that failed so is worth trying: by SQLSTATE of PostgreSQL, by number of MariaDB."""
    origin = getattr(error, "orig", None)
    if number := mariadb_number(origin):
        return {1020: ANEW, 1213: ANEW, 1451: ANEW_AFTER_REFERENCE}.get(number, 1)
    state = getattr(origin, "sqlstate", None)
    return {"40001": ANEW, "40P01": ANEW, "23503": ANEW_AFTER_REFERENCE}.get(str(state), 1)


def _once(engine: sa.Engine, catalog: Catalog, batch: PeopleBatch, now: Callable[[], datetime]) -> Done:
    with engine.connect().execution_options(**_options(catalog.dialect)) as connection:
        staging.in_memory(connection)
        if catalog.dialect == "mariadb":
            connection.detach()  # its temporary tables outlive a transaction, and end with the session
        try:
            with connection.begin():
                work = _begun(connection, catalog, batch)
                rows = {number: work.step(number, step) for number, step in batch.steps}
                at = now()
                if batch.plan:
                    people_marks.put(connection, catalog, batch, rows, at)
                work.leave()
                if catalog.dialect != "postgresql":
                    staging_tables.unstage(connection, work.staged)
        finally:
            if catalog.dialect == "sqlite" and not connection.invalidated:
                scrub.forget(connection)
    return Done(number=batch.number, rows=rows, at=at)


def _options(dialect: str) -> dict[str, str]:
    return {
        "sqlite": {"sqlite_begin": "IMMEDIATE"},
        "postgresql": {"isolation_level": "REPEATABLE READ"},
    }.get(dialect, {})


def _begun(connection: sa.Connection, catalog: Catalog, batch: PeopleBatch) -> _Work:
    """Stage the people, then their rows in every dataset of the batch."""
    if catalog.dialect == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    if catalog.dialect == "mariadb":
        connection.exec_driver_sql(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT.removesuffix('s')}")
        _found_again(catalog, batch)
    predicates = [(step.dataset, step.where) for _, step in batch.steps]
    needed = staged_people.asked(catalog, batch.people, batch.ways, predicates)
    first = f"SET LOCAL lock_timeout = '{LOCK_WAIT}'; {staging.BY_INDEX}"
    staged = staging.stage(connection, catalog, batch.people, needed, first=first, by_index=True)
    work = _Work(connection, staged, _targets(catalog, batch), batch.at_most)
    work.set_down(batch.people)
    return work


def _found_again(catalog: Catalog, batch: PeopleBatch) -> None:
    """Refuse steps on a table without a key that empty what a later one would find its rows by."""
    emptied: dict[str, set[str]] = {}
    for _, step in batch.steps:
        ways = batch.ways.get(step.dataset, ())
        links = {own for w in ways for own in ([p[0] for p in w.path[0][1]] if w.path else w.end.columns)}
        if emptied.get(step.dataset, set()) & links and not targets.key_columns(
            Renderer(catalog).table(step.dataset)
        ):
            raise Refused(
                f"{step.dataset} has no key, and a step would empty what the next one finds its rows by.",
                hint="Give the table a primary key, then make a new plan.",
            )
        changed = step.changes if isinstance(step, EraseFields) else ()
        emptied.setdefault(step.dataset, set()).update(change.column for change in changed)


def _targets(catalog: Catalog, batch: PeopleBatch) -> Mapping[str, Target]:
    scrubbed = {
        step.dataset
        for _, step in batch.steps
        if isinstance(step, EraseFields) and any(isinstance(c, Scrub) for c in step.changes)
    }
    found: dict[str, Target] = {}
    for _, step in batch.steps:
        table = Renderer(catalog).table(step.dataset)
        found[step.dataset] = found.get(step.dataset) or Target(
            number=len(found),
            dataset=step.dataset,
            table=table,
            dialect=catalog.dialect,
            ways=tuple(batch.ways.get(step.dataset, ())),
            names_people=step.dataset in scrubbed,
        )
    return found


@dataclass(frozen=True, slots=True)
class _Made:
    """A step's statement."""

    statement: sa.Update | sa.Delete
    source: sa.TableClause
    """The table it changes."""
    joined: bool
    """It joins the rows set down, and so cannot touch any other."""


@dataclass(frozen=True)
class _Work:
    """A transaction with the people and their rows set down in it."""

    connection: sa.Connection
    staged: StagedPeople
    targets: Mapping[str, Target]
    at_most: Mapping[int, int]

    @property
    def _dialect(self) -> str:
        return self.staged.catalog.dialect

    @property
    def _scrubs(self) -> bool:
        return any(target.names_people for target in self.targets.values())

    def set_down(self, people: Manifest) -> None:
        """Fill the tables of rows, all of them before anything changes."""
        if not self.targets:
            return
        commands = [c for t in self.targets.values() for c in self._created(t)]
        known = scrub.words(people)
        if self._dialect == "postgresql":
            commands += [scrub.CREATED] if self._scrubs else []
            self.connection.exec_driver_sql(";\n".join(commands))
        else:
            self.leave()
            commands += [scrub.CREATED_IN_MARIADB] if self._scrubs and self._dialect == "mariadb" else []
            for command in commands:
                self.connection.exec_driver_sql(command)
        outline = self.staged.outline
        filled = [
            (("filled", outline, target), functools.partial(target.filled, self.staged))
            for target in self.targets.values()
            if target.ways and (target.keyed or self._dialect != "mariadb")
        ]
        memory.run_all(self.connection, self.staged.catalog, filled)
        if self._scrubs:
            self._ready(known)

    def _created(self, target: Target) -> Sequence[str]:
        dialect = self.connection.dialect
        return memory.remembered(self.staged.catalog, ("created", target), lambda: target.created(dialect))

    def _ready(self, known: Words) -> None:
        """Make ready what texts are searched for."""
        if self._dialect == "sqlite":
            scrub.teach(self.connection, known)
            return
        asked = [t.clause for t in self.targets.values() if t.names_people]
        query = sa.union(*(sa.select(rows.c.who).distinct().where(rows.c.who.is_not(None)) for rows in asked))
        sets = self.connection.execute(query).scalars().all()
        if self._dialect == "mariadb":
            staging_tables.fill(self.connection, scrub.IN_MARIADB, scrub.rows_in_mariadb(known, sets))
        else:
            staging_tables.fill(self.connection, scrub.TABLE, scrub.rows(known, sets))

    def leave(self) -> None:
        """Drop what does not go with the transaction by itself."""
        if self._dialect != "postgresql":
            for target in self.targets.values():
                place = f"{target.clause.schema}." if target.clause.schema else ""
                begun = staging_tables.dropping(self.staged.catalog)
                self.connection.exec_driver_sql(f"{begun} {place}{target.clause.name}")

    def step(self, number: int, step: ErasureStep) -> int:
        """Do one step; return the rows it touched."""
        target = self.targets[step.dataset]
        rows, foreign = self._run(target, step)
        if foreign:
            raise Refused(
                f"Step {number} on {step.dataset} would have touched {foreign} rows that are not of the people of "
                "the plan; the whole batch was undone.",
                hint="This is a fault of the plan or of Troth: make a new plan, and report it if it happens again.",
            )
        most = self.at_most.get(number)
        if most is not None and rows > most:
            raise Refused(
                f"Step {number} on {step.dataset} would have touched {rows} rows, at most {most} are allowed; the "
                "whole batch was undone.",
                hint="The data has moved since the plan was made: make a new plan.",
            )
        return rows

    def _run(self, target: Target, step: ErasureStep) -> tuple[int, int]:
        """Run a step's statement; return the rows it touched, and how many of those are somebody else's."""
        if self._dialect == "postgresql" and target.keyed:
            return self._counted(target, step)
        made = self._statement(target, step)
        if self._dialect == "postgresql":
            return self._moved(target, made)
        if self._dialect == "mariadb":
            return self._looked_first(target, made)
        strange = sa.case((target.member(target.every, made.source), 0), else_=1).label("troth_strange")
        flags = self.connection.execute(made.statement.returning(strange)).scalars().all()
        return len(flags), sum(flags)

    def _looked_first(self, target: Target, made: _Made) -> tuple[int, int]:
        """Lock and count the rows a step is about to touch: MariaDB's UPDATE does not say which it has touched.

        A step that joins the rows set down can touch no other.
        """
        if made.joined:
            return int(self.connection.execute(made.statement).rowcount), 0
        strange: sa.ColumnElement[int] = sa.literal_column("0")
        if target.keyed:
            strange = sa.case((target.member(target.every, made.source), 0), else_=1)
        where = made.statement.whereclause
        assert where is not None
        query = sa.select(sa.func.count(), sa.func.sum(strange)).select_from(made.source).where(where)
        expected, foreign = self.connection.execute(query.with_for_update()).one()
        touched = int(self.connection.execute(made.statement).rowcount)
        return touched, max(int(foreign or 0), touched - int(expected))

    def _counted(self, target: Target, step: ErasureStep) -> tuple[int, int]:
        """Let PostgreSQL itself compare the keys it touched with those set down."""
        changes = step.changes if isinstance(step, EraseFields) else ()
        key = ("step", self.staged.outline, target, type(step), step.where, changes)
        counts = memory.run(self.connection, self.staged.catalog, key, lambda: self._comparing(target, step))
        found: Any = counts.one()
        touched, own = found
        return touched, touched - own

    def _comparing(self, target: Target, step: ErasureStep) -> sa.Select[int, int]:
        """Do a step, and count the rows it touches and those of them that were set down."""
        made = self._statement(target, step)
        if made.joined:
            ours = target.same(made.source, target.joined)
            done = made.statement.returning(ours.label("ours")).cte("troth_done")
            return sa.select(sa.func.count(), sa.func.count(sa.case((done.c.ours, 1)))).select_from(done)
        keys = [key.label(f"k{n}") for n, key in enumerate(target.keys(made.source))]
        done = made.statement.returning(*keys).cte("troth_done")
        rows = target.clause.alias("troth_known")
        known = target.own_keys(rows)
        same = sa.and_(*(done.c[f"k{n}"] == key for n, key in enumerate(known)))
        counted = sa.select(sa.func.count(), sa.func.count(known[0]))
        return counted.select_from(done.outerjoin(rows, same))

    def _moved(self, target: Target, made: _Made) -> tuple[int, int]:
        """Follow rows without a key to where a change has put them; such steps only ever join rows set down."""
        if isinstance(made.statement, sa.Delete):
            return int(self.connection.execute(made.statement).rowcount), 0
        was = [key.label(f"f{n}") for n, key in enumerate(target.own_keys(target.joined))]
        now = [key.label(f"k{n}") for n, key in enumerate(target.keys(made.source))]
        done = made.statement.returning(*was, *now).cte("troth_done")
        rows = target.clause
        here = sa.and_(*(key == done.c[f"f{n}"] for n, key in enumerate(target.own_keys(rows))))
        values = {f"k{n}": done.c[f"k{n}"] for n in range(len(now))}
        return int(self.connection.execute(sa.update(rows).values(values).where(here)).rowcount), 0

    def _statement(self, target: Target, step: ErasureStep) -> _Made:
        """Render a step: what it changes, of which rows."""
        source = target.source()
        asked = targets.by_way(step.where, target.wheres)
        ours = targets.only_ours(asked)
        scrubs = isinstance(step, EraseFields) and any(isinstance(c, Scrub) for c in step.changes)
        joins = self._joins(step) and (ours or scrubs)
        if self._dialect == "mariadb" and not target.keyed:
            return self._keyless(step, source, ours=ours and not scrubs)
        if not joins and not target.keyed:
            raise Refused(
                f"{step.dataset} has no key, and the step on it does not say whose rows it is about.",
                hint="This is a fault of the plan: make a new one.",
            )
        rows = target.joined if joins else None
        standing = Standing(people=self.staged, target=target, rows=rows, top=source)
        renderer = Renderer(self.staged.catalog, staging=standing)
        truths = [renderer.where(step.dataset, asked, source)]
        if rows is not None:
            truths.append(target.same(source, rows))
        elif ours:
            truths.append(target.member(target.every, source))
        if isinstance(step, EraseRows):
            return _Made(sa.delete(source).where(*truths), source, joins)
        values, pending, more = self._changed(renderer, target, step, source, rows)
        made = sa.update(source).values(values).where(*truths, *more, sa.or_(*pending))
        return _Made(made, source, joins)

    def _joins(self, step: ErasureStep) -> bool:
        """Tell whether a step may join the rows set down, and so find them by index.

        MariaDB does not where the step also asks about other rows of the table it changes (its error 1093).
        """
        if self._dialect == "mariadb":
            return not _asks(step.where, step.dataset)
        return self._dialect == "postgresql"

    def _keyless(self, step: ErasureStep, source: sa.TableClause, *, ours: bool) -> _Made:
        """Render a step on a table whose rows MariaDB cannot tell apart: whose they are is asked of them anew."""
        if not ours:
            raise Refused(
                f"{step.dataset} has no key, so that a row's person can only be told by the row itself.",
                hint=f"Give it one: ALTER TABLE {source.name} ADD COLUMN … AUTO_INCREMENT PRIMARY KEY.",
            )
        renderer = Renderer(self.staged.catalog, staging=self.staged)
        where = renderer.where(step.dataset, step.where, source)
        if isinstance(step, EraseRows):
            return _Made(sa.delete(source).where(where), source, joined=False)
        plain = tuple(change for change in step.changes if not isinstance(change, Scrub))
        pending = [renderer.where(step.dataset, _unlike(change), source) for change in plain]
        values = renderer.values(step.dataset, plain, source)
        return _Made(sa.update(source).values(values).where(where, sa.or_(*pending)), source, joined=False)

    def _changed(
        self, renderer: Renderer, target: Target, step: EraseFields, source: sa.TableClause, rows: From | None
    ) -> tuple[dict[str, Any], Sequence[Truth], Sequence[Truth]]:
        """Render what an UPDATE sets, which rows are not yet so, and what else it joins."""
        plain = tuple(change for change in step.changes if not isinstance(change, Scrub))
        values = dict(renderer.values(step.dataset, plain, source))
        pending = [renderer.where(step.dataset, _unlike(change), source) for change in plain]
        more: list[Truth] = []
        for change in step.changes:
            if isinstance(change, Scrub):
                clean, found = self._scrubbed(target, change.column, source, rows)
                column = source.c[change.column]
                # MariaDB cannot choose between two binary collations, and documents have one of their own.
                kept = sa.cast(column, sa.Text) if self._dialect == "mariadb" else column
                values[change.column] = (
                    sa.case((found, clean), else_=kept) if len(step.changes) > 1 else clean
                )
                pending.append(found)
                found_by = scrub.IN_MARIADB if self._dialect == "mariadb" else scrub.TABLE
                more = [rows.c.who == found_by.c.who] if rows is not None else []
        return values, pending, more

    def _scrubbed(
        self, target: Target, name: str, source: sa.TableClause, rows: From | None
    ) -> tuple[Any, Truth]:
        column = target.table.column(name)
        assert column is not None, name
        if rows is not None and self._dialect == "mariadb":
            return scrub.in_mariadb(column, source.c[name], scrub.IN_MARIADB.c.pattern)
        if rows is not None:
            return scrub.in_postgresql(self.staged.matcher, column, source.c[name], scrub.TABLE.c.pattern)
        known = target.clause
        if self._dialect == "mariadb":
            pattern = sa.select(scrub.IN_MARIADB.c.pattern).select_from(known)
            pattern = pattern.join(scrub.IN_MARIADB, scrub.IN_MARIADB.c.who == known.c.who)
            mine = pattern.where(target.same(source, known)).correlate(source).scalar_subquery()
            return scrub.in_mariadb(column, source.c[name], mine)
        who = sa.select(known.c.who).where(target.same(source, known)).correlate(source).scalar_subquery()
        return scrub.in_sqlite(column, source.c[name], who)


def _asks(predicate: Predicate, dataset: str) -> bool:
    """Tell whether a predicate looks at rows of a dataset."""
    match predicate:
        case Exists(dataset=name, where=where):
            return name == dataset or _asks(where, dataset)
        case Common(dataset=name):
            return name == dataset
        case All(of=parts) | AnyOf(of=parts):
            return any(_asks(part, dataset) for part in parts)
        case Not(of=part):
            return _asks(part, dataset)
        case _:
            return False


def _unlike(change: Change) -> Predicate:
    """Say that a column is not yet what a change makes of it: done again, a step touches nothing."""
    match change:
        case Blank(column=name):
            return Filled(column=name)
        case Replace(column=name, text=text, unique=unique):
            return Differs(column=name, to=f"{'unique' if unique else 'text'}:{text}")
        case Coarsen(column=name, to=to):
            return Differs(column=name, to=to)
        case Prune(column=name, path=path):
            return HasPath(column=name, path=path)
