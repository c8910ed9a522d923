"""A session for temporary tables, that leaves none behind.

On PostgreSQL it is one of the pool's, so that one command opens one session: starting one costs more than most of
what is asked in it. Elsewhere it is closed afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


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
        try:
            yield connection
            connection.rollback()
            connection.exec_driver_sql("DISCARD TEMP")
            connection.commit()
            clean = True
        finally:
            if not clean:
                connection.invalidate()
