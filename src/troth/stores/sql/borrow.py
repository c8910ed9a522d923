"""A session for temporary tables, that leaves none behind.

On PostgreSQL it is one of the pool's, so that one command opens one session: starting one costs more than most of
what is asked in it. Elsewhere it is closed afterwards. Whoever makes no temporary table says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_NONE = "troth-no-tables"


@contextmanager
def borrowed(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a session, and undo what is not committed; one that something went wrong in is closed.

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
            connection.rollback()
            if not connection.info.pop(_NONE, False):
                connection.exec_driver_sql("DISCARD TEMP")
                connection.commit()
            clean = True
        finally:
            if not clean:
                connection.invalidate()


def reading(connection: sa.Connection, settings: str) -> None:
    """Begin to read what is of one moment in a borrowed session of PostgreSQL, in which no temporary table is made.

    The driver would send BEGIN by itself and wait for the answer; here it goes with the first settings.

    Args:
        connection: In no transaction.
        settings: What holds for this transaction alone: `SET LOCAL …`.

    Raises:
        SQLAlchemyError: the server does not answer.
    """
    connection.info[_NONE] = True
    alone = connection.execution_options(isolation_level="AUTOCOMMIT")
    alone.exec_driver_sql(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {settings}")
