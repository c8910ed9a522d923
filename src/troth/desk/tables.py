"""Bring the tables of accounts and sessions up to date, beside those of the ledger, in the same database.

Processes may start at once: one makes what is missing, the others wait and find it made.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from troth.desk import cache, here, throttle
from troth.ledger import faults

TABLES_OF_OTHERS = (
    "contenttypes",
    "auth",
    "sessions",
    "admin",
    "account",
    "socialaccount",
    "mfa",
    "usersessions",
)
LOCK_KEY = 0x6465736B
"""The advisory lock of PostgreSQL that migrating holds: `desk` in ASCII."""


def bring_up_to_date() -> None:
    """Make or migrate every table; the ledger's own first, under its own lock.

    Raises:
        StoreError: when the ledger cannot be reached.
        Refused: when a newer Troth wrote it.
    """
    ledger = here.ledger()
    with faults.translated(ledger.session.place, ledger.session.alias):
        if _complete():
            return
        with _locked():
            for app in TABLES_OF_OTHERS:
                call_command("migrate", app, verbosity=0, interactive=False)
            with connection.cursor() as cursor:
                cursor.execute(cache.CREATE)
                cursor.execute(throttle.CREATE)


def _complete() -> bool:
    tables = set(connection.introspection.table_names())
    if not {cache.TABLE, throttle.TABLE} <= tables:
        return False
    executor = MigrationExecutor(connection)
    wanted = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in TABLES_OF_OTHERS]
    return not executor.migration_plan(wanted)


@contextmanager
def _locked() -> Iterator[None]:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]) + ".desk.lock")
        with path.open("a") as lock:
            path.chmod(0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
