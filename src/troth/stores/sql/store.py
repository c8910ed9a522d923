"""A SQL store that carries out steps: batches with their marks, rechecks, one apply at a time.

Each batch is one transaction: the change, with the whole predicate re-tested on the rows it locks, and the row in
`troth_batches` that says it is done. Dialects differ only in where marks live, how locks are bounded and how a
second apply is kept out.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.ports import Batch, Job, Purged, Span, TooMany, TooSlow
from troth.catalog.model import Catalog
from troth.errors import Refused, StoreError, TrothError
from troth.plan.model import DeleteRows
from troth.plan.predicates import Predicate
from troth.stores import locks
from troth.stores.sql import coarse, purge
from troth.stores.sql.marks import MARKS
from troth.stores.sql.places import Leaf, PlaceWalk, address, inside, leaves
from troth.stores.sql.render import Renderer, table_clause
from troth.stores.sql.trouble import Trouble, classify, explain, mariadb_number

SCHEMA = "troth"
APPLY_LOCK = 0x74726F7468
"""Key of the advisory lock on PostgreSQL: the letters of Troth."""
ANEW = 5
"""How often a batch is done anew when somebody else's change has overtaken it."""
LOCK_WAIT = "30s"
"""How long a batch waits for others' locks where no bound is given."""


@dataclass(slots=True)
class SqlStore:
    """One database, opened for applying."""

    engine: sa.Engine
    catalog: Catalog
    now: Callable[[], datetime]
    _leaves: dict[str, tuple[Leaf, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        return self.catalog.store

    @property
    def _sqlite(self) -> bool:
        return self.catalog.dialect == "sqlite"

    @property
    def _marks(self) -> sa.Table:
        return (
            MARKS if self.catalog.dialect != "postgresql" else MARKS.to_metadata(sa.MetaData(), schema=SCHEMA)
        )

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn the database's own words into ours, without a value in them."""
        try:
            yield
        except SQLAlchemyError as error:
            raise explain(error, self.name) from error

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep a second apply out until the block ends, even when this process is killed."""
        locks = {"sqlite": self._locked_file, "mariadb": self._named_lock}
        with self._speaking(), locks.get(self.catalog.dialect, self._advisory)():
            yield

    @contextmanager
    def _locked_file(self) -> Iterator[None]:
        path = Path(f"{self.engine.url.database}.troth-lock")
        with locks.held(self._opened(path), path, self.name):
            yield

    def _opened(self, path: Path) -> IO[str]:
        try:
            return path.open("w")
        except OSError as error:
            raise StoreError(
                f"Store `{self.name}`: the file {path.name} beside it cannot be written: {error.strerror}.",
                hint="Troth needs write permission on the folder of the database file.",
            ) from error

    @contextmanager
    def _advisory(self) -> Iterator[None]:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(APPLY_LOCK))).scalar_one():
                raise locks.busy(self.name)
            try:
                yield
            finally:
                with suppress(
                    SQLAlchemyError
                ):  # a session that is gone holds nothing; a pooled one would for good
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(APPLY_LOCK)))

    @contextmanager
    def _named_lock(self) -> Iterator[None]:
        """Hold a lock of the session; its name is the whole server's, so it says which database is meant."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = f"troth-apply-{hashlib.sha256((self.engine.url.database or '').encode()).hexdigest()[:32]}"
            if connection.execute(sa.select(sa.func.get_lock(name, 0))).scalar_one() != 1:
                raise locks.busy(self.name)
            try:
                yield
            finally:
                with suppress(SQLAlchemyError):  # a session that is gone holds nothing
                    connection.execute(sa.select(sa.func.release_lock(name)))

    def prepare(self) -> bool:
        """Make the table of batches; False where the role may not."""
        self._leaves.clear()
        # A read that becomes a write does not wait for other writers (sqlite.org/c3ref/busy_handler.html).
        options = {"sqlite_begin": "IMMEDIATE"}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                if self.catalog.dialect == "postgresql" and not sa.inspect(connection).has_schema(SCHEMA):
                    connection.execute(sa.schema.CreateSchema(SCHEMA))
                self._marks.create(connection, checkfirst=True)
            return True
        except SQLAlchemyError as error:
            if classify(error) is Trouble.DENIED:
                return False
            raise explain(error, self.name) from error

    def done(self, plan: str, step: int) -> tuple[Batch, ...]:
        """List the batches of a step that are done, in order."""
        marks = self._marks
        query = sa.select(marks.c.batch, marks.c.address, marks.c.rows, marks.c.at)
        query = query.where(marks.c.plan == plan, marks.c.step == step).order_by(marks.c.batch)
        with self._speaking(), self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Batch(number=number, address=place, rows=rows, at=datetime.fromisoformat(at))
            for number, place, rows, at in rows
        )

    def walk(self, dataset: str, after: Span | None) -> PlaceWalk:
        """Go through a dataset's rows in the order they are kept in, from behind a span."""
        table = Renderer(self.catalog).table(dataset)
        if not table.transactional:
            raise Refused(
                f"{dataset} is kept by an engine without transactions: a batch that fails half-way could not be "
                "taken back, so nothing is changed in it.",
                hint=f"ALTER TABLE {table.table} ENGINE=InnoDB, then make a new plan.",
            )
        with self._speaking(), self.engine.connect() as connection:
            found = leaves(connection, table)
        self._leaves[dataset] = found
        return PlaceWalk(found, after)

    def run(self, job: Job) -> int:
        """Do a batch and its mark in one transaction; return the rows touched.

        Raises:
            TooMany: more rows than the job allows; rolled back.
            TooSlow: others would have waited longer than the job allows; rolled back.
            StoreError: anything else; rolled back.
        """
        tries = ANEW
        while True:
            tries -= 1
            try:
                return self._run(job)
            except SQLAlchemyError as error:
                if not tries or not _overtaken(error):
                    raise self._failed(job, error) from error

    def _failed(self, job: Job, error: SQLAlchemyError) -> TrothError:
        trouble = classify(error)
        if job.hold_lock is not None and trouble in (Trouble.CANCELLED, Trouble.LOCKED):
            return TooSlow(
                f"A single page of {job.step.dataset} could not be done within the bound on locks.",
                hint="Raise --max-lock, or wait until whoever holds the rows has finished.",
            )
        return explain(error, self.name)

    def _run(self, job: Job) -> int:
        options = {"sqlite_begin": "IMMEDIATE"} if self._sqlite else self._isolation(job)
        with (
            self.engine.connect().execution_options(**options) as connection,
            self._bounded(connection, job),
            connection.begin(),
        ):
            self._bound(connection, job)
            rows = connection.execute(self._statement(job)).rowcount
            if job.at_most is not None and rows > job.at_most:
                raise TooMany(f"{rows} rows instead of at most {job.at_most}")
            if job.plan:
                connection.execute(sa.insert(self._marks).values(**self._mark(job, rows)))
        return rows

    def _isolation(self, job: Job) -> dict[str, str]:
        """Where a delete takes other rows along, let PostgreSQL refuse those that came after the batch began.

        At READ COMMITTED a row that refers to one being deleted can come between the look and the delete, and
        would go with it; at REPEATABLE READ the server refuses (manual, chapter 13.2.2), and the batch is done anew.
        """
        if self.catalog.dialect == "mariadb":
            # Sessions are at REPEATABLE READ, where rows that subqueries look at are locked too, so that nothing
            # comes between the look and the change (mariadb.com/kb, "InnoDB Lock Modes").
            return {}
        if not isinstance(job.step, DeleteRows):
            return {}
        keys = self.catalog.referrers.get(job.step.dataset.partition(".")[2], ())
        taken = any(key.on_delete not in ("no action", "restrict") for _, key in keys)
        return {"isolation_level": "REPEATABLE READ"} if taken else {}

    def _mark(self, job: Job, rows: int) -> dict[str, Any]:
        return {
            "plan": job.plan,
            "step": job.number,
            "batch": job.batch,
            "address": job.span.address,
            "rows": rows,
            "at": self.now().isoformat(),
        }

    @contextmanager
    def _bounded(self, connection: sa.Connection, job: Job) -> Iterator[None]:
        """Bound a batch on MariaDB, whose settings last as long as the session: what is set is set back."""
        if self.catalog.dialect != "mariadb":
            yield
            return
        bound = job.hold_lock.total_seconds() if job.hold_lock is not None else 0
        wait = max(1, math.ceil(bound)) if bound else int(LOCK_WAIT.removesuffix("s"))
        waits = f"innodb_lock_wait_timeout = {wait}, lock_wait_timeout = {wait}"
        connection.exec_driver_sql(f"SET SESSION {waits}, max_statement_time = {bound:.3f}")
        connection.commit()
        try:
            yield
        finally:
            if bound and not connection.invalidated:
                with suppress(SQLAlchemyError):  # what went wrong before is the news
                    connection.exec_driver_sql("SET SESSION max_statement_time = 0")

    def _bound(self, connection: sa.Connection, job: Job) -> None:
        """Bound how long the batch may wait and may keep others waiting; on SQLite, forget what is deleted."""
        if self._sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            coarse.teach(connection)
            return
        if self.catalog.dialect == "mariadb":
            return
        if job.hold_lock is None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
            return
        milliseconds = max(1, int(job.hold_lock.total_seconds() * 1000))
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")

    def _statement(self, job: Job) -> sa.Delete | sa.Update:
        renderer = Renderer(self.catalog)
        table = renderer.table(job.step.dataset)
        source = self._source(job)
        where = renderer.where(job.step.dataset, job.where, source)
        if job.only is not None and self.catalog.dialect == "mariadb":
            pass
        elif job.only is not None:
            place = address(self.catalog.dialect, table, source)
            chosen = sa.select(*place).select_from(source).where(where).limit(job.only)
            where = sa.and_(sa.tuple_(*place).in_(chosen.correlate(None)), where)
        else:
            leaf = self._leaf(job)
            where = sa.and_(inside(self.catalog.dialect, table, job.span, leaf), where)
        made: sa.Delete | sa.Update
        if isinstance(job.step, DeleteRows):
            made = sa.delete(source).where(where)
        else:
            values = renderer.values(job.step.dataset, job.step.changes, source)
            made = sa.update(source).values(values).where(where)
        if job.only is not None and self.catalog.dialect == "mariadb":
            # No LIMIT stands in a subquery of IN there; on the statement itself it may.
            made = made.with_dialect_options(mariadb_limit=job.only)
        return made

    def _leaf(self, job: Job) -> Leaf | None:
        found = self._leaves.get(job.step.dataset)
        return found[job.span.leaf] if found else None

    def _source(self, job: Job) -> sa.TableClause:
        found = self._leaves.get(job.step.dataset)
        if job.only is not None or not found:
            return table_clause(Renderer(self.catalog).table(job.step.dataset))
        return found[job.span.leaf].source

    def left(self, dataset: str, where: Predicate) -> int:
        """Count the rows that still satisfy a predicate."""
        renderer = Renderer(self.catalog)
        source = table_clause(renderer.table(dataset))
        query = sa.select(sa.func.count()).select_from(source).where(renderer.where(dataset, where, source))
        with self._speaking(), self.engine.connect() as connection:
            coarse.teach(connection)
            return int(connection.execute(query).scalar_one())

    def purge(self, datasets: Sequence[str]) -> Purged:
        """Deal with what the engine keeps of deleted rows."""
        with self._speaking():
            return purge.run(self.engine, self.catalog, datasets)


def _overtaken(error: SQLAlchemyError) -> bool:
    """Tell whether a new look would see what stood in the way: a row that came, changed or waits for us."""
    if mariadb_number(getattr(error, "orig", None)) in (1020, 1213, 1451):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state in ("40001", "40P01", "23503")
