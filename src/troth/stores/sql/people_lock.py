"""Keep a second apply out of a PostgreSQL database from the very session that works.

An advisory lock belongs to a session (PostgreSQL, chapter 13.3.5). The session goes back to the pool with it, and
what follows works in it: one session instead of two, and no work goes on in one after the other has lost the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import SQLAlchemyError

from troth.stores import locks
from troth.stores.sql.store import APPLY_LOCK
from troth.stores.sql.trouble import explain

_TAKEN = f"SELECT pg_try_advisory_lock({APPLY_LOCK})"
_GIVEN_BACK = f"SELECT pg_advisory_unlock({APPLY_LOCK})"


@contextmanager
def held(engine: sa.Engine, store: str) -> Iterator[None]:
    """Hold a database for one apply, until the block or the session ends.

    Raises:
        Refused: another apply holds it.
        StoreError: the store does not answer.
    """
    try:
        with engine.connect() as connection:
            session: Any = connection.connection.dbapi_connection
            about = connection.info
            # The same session is let in twice by the server itself.
            if about.get(_TAKEN) or not connection.exec_driver_sql(_TAKEN).scalar_one():
                raise locks.busy(store)
            about[_TAKEN] = True
    except SQLAlchemyError as error:
        raise explain(error, store) from error
    try:
        yield
    finally:
        about.pop(_TAKEN, None)
        with suppress(psycopg.Error):  # a session that is gone holds nothing
            idle = session.info.transaction_status is TransactionStatus.IDLE
            session.execute(_GIVEN_BACK)
            if idle:
                session.rollback()
