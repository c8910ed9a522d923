"""Which worker is which: the only one beside a SQLite ledger, or one of many by a numbered lock in PostgreSQL.

A slot is an advisory lock on a connection of its own: the server gives it back the moment its worker is gone. A
worker whose connection breaks must end, for another may have its slot already. Whoever can take the lock of a slot
knows that nobody works in it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from troth.errors import Refused, StoreError

SPACE = 0x74726F74
"""First half of the locks' keys: `trot` in ASCII."""
MOST = 1_000
"""Workers that can be at work on one ledger."""
PREFIX = "slot-"
LOOKS, PAUSE = 10, 0.05
"""How often, and seconds apart, the only worker's lock is tried."""
KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "connect_timeout": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The numbered locks of a ledger's workers, seen from one connection."""

    connection: psycopg.Connection[Any]

    def take(self) -> int:
        """Take the lowest slot that is free.

        Raises:
            Refused: when all are taken.
        """
        for number in range(1, MOST + 1):
            if self.borrow(number):
                return number
        raise Refused(f"{MOST} workers are at work on this ledger, which is as many as there can be.")

    def borrow(self, number: int) -> bool:
        """Take a slot if nobody has it."""
        return bool(self._ask("SELECT pg_try_advisory_lock(%s, %s)", number))

    def give_back(self, number: int) -> None:
        """Let others have a slot."""
        self._ask("SELECT pg_advisory_unlock(%s, %s)", number)

    def alive(self) -> bool:
        """Tell whether the connection stands, and with it the locks."""
        try:
            self.connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _ask(self, statement: str, number: int) -> object:
        found = self.connection.execute(statement, (SPACE, number)).fetchone()
        return found[0] if found else None


@contextmanager
def opened(url: str) -> Iterator[Slots]:
    """Open the connection that holds the locks.

    Raises:
        StoreError: when the server does not answer.
    """
    made = make_url(url).set(drivername="postgresql").update_query_dict(_texts(KEEPALIVE))
    try:
        connection = psycopg.connect(made.render_as_string(hide_password=False), autocommit=True)
    except psycopg.OperationalError as error:
        raise StoreError(
            "The ledger's PostgreSQL server does not answer, so no worker can start.",
            hint="Start it, or mend TROTH_LEDGER; `troth worker` works then.",
        ) from error
    with connection:
        yield Slots(connection=connection)


def at_work(url: str, lock: Path | None) -> int:
    """Count the workers that are at work.

    Raises:
        StoreError: when the server does not answer.
    """
    if lock is not None:
        return int(_held(lock))
    with opened(url) as found:
        statement = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND database = "
        )
        database = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        row = found.connection.execute(statement + database, (SPACE,)).fetchone()
    return int(row[0]) if row else 0


def _held(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Be the only worker beside a SQLite ledger until the block ends, or the process.

    Raises:
        Refused: when another one is at work.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    if not _taken(descriptor):
        os.close(descriptor)
        raise Refused(
            "Another worker is at work on this ledger; a SQLite ledger can have one only.",
            hint="Leave it to that one (`troth serve` has one of its own), or keep the ledger in PostgreSQL.",
        )
    try:
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Take the lock; whoever only looks whether somebody works (`at_work`) has it for an instant, too."""
    for _ in range(LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE)
        else:
            return True
    return False


def _texts(values: dict[str, int]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
