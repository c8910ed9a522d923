"""A session for temporary tables, that leaves none behind.

On PostgreSQL it is one of the pool's, so that one command opens one session: starting one costs more than most of
what is asked in it. Elsewhere it is closed afterwards. Whoever makes no temporary table says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_NONE = "troth-no-tables"
READING = """SET LOCAL random_page_cost = 0.1; SET LOCAL jit = off; SET LOCAL enable_mergejoin = off;
SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL TimeZone = 'UTC';
SET LOCAL idle_in_transaction_session_timeout = 0"""
"""Rows of few people are found by index, not by reading tables whole: costs of reading as no old disk has them
(PostgreSQL, chapter 20.7.2); to compile such questions (chapter 32), or to start helpers, costs more than it saves.
One process hands rows over in the order of the statement, on which `read_together` relies. Values come without loss:
intervals by ISO 8601, instants in UTC. The moment lasts while another store is read, as it does for pg_dump."""


@contextmanager
def borrowed(engine: sa.Engine, *, last: bool = False) -> Iterator[sa.Connection]:
    """Open a session, and undo what is not committed; one that something went wrong in is closed.

    Args:
        engine: The store.
        last: Nobody needs the session afterwards: where it only read, it is closed, which saves a way there and back.

    Raises:
        SQLAlchemyError: the store does not answer.
    """
    with engine.connect() as connection:
        if connection.dialect.name != "postgresql":
            connection.detach()
            yield connection
            connection.rollback()
            return
        clean = False
        connection.info.pop(_NONE, None)
        try:
            yield connection
            only_read = connection.info.pop(_NONE, False)
            if only_read and last:
                return
            connection.rollback()
            if not only_read:
                connection.exec_driver_sql("DISCARD TEMP")
                connection.commit()
            clean = True
        finally:
            if not clean:
                connection.invalidate()


def reading(connection: sa.Connection) -> None:
    """Begin to read what is of one moment in a borrowed session of PostgreSQL, in which no temporary table is made.

    The driver would send BEGIN by itself and wait for the answer; here it goes with the settings. The connection must
    be in no transaction.

    Raises:
        SQLAlchemyError: the server does not answer.
    """
    connection.info[_NONE] = True
    alone = connection.execution_options(isolation_level="AUTOCOMMIT")
    alone.exec_driver_sql(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {READING}")
