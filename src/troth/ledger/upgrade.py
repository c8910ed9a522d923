"""Bring a ledger to the version of this Troth: make a new one, migrate an older one, refuse a newer one.

One process does it at a time, the others wait and find it done. A migration is all or nothing: killed in the
middle, the next run finds the ledger as it was before. Downgrading is not offered.
"""

from __future__ import annotations

import fcntl
import functools
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from troth.errors import Refused
from troth.ledger import migrations
from troth.ledger.place import Place, SQLitePlace

LABEL = "ledger"
DJANGO_TABLE = "django_migrations"
LOCK_KEY = 0x74726F7468
"""The advisory lock of PostgreSQL that migrating holds: `troth` in ASCII."""


@functools.cache
def known() -> frozenset[str]:
    """Name the migrations this Troth brings."""
    return frozenset(module.name for module in pkgutil.iter_modules(migrations.__path__))


def bring_up_to_date(place: Place, alias: str) -> None:
    """Run what is missing, under a lock; return at once when nothing is.

    Raises:
        Refused: when a newer Troth wrote it, or the database holds tables that are not Troth's.
    """
    if not _missing(place, alias):
        return
    with _locked(place, alias):
        missing = _missing(place, alias)
        if missing == known():
            _refuse_foreign(place, alias)  # under the lock, else another first user's tables look foreign
        if missing:
            _migrate(place, alias)


def _missing(place: Place, alias: str) -> frozenset[str]:
    recorded = MigrationRecorder(connections[alias]).applied_migrations()
    applied = {name for app, name in recorded if app == LABEL}
    if newer := applied - known():
        raise Refused(
            f"The ledger, {place}, was written by a newer Troth: it has {len(newer)} change(s) this one does "
            f"not know, the first being {min(newer)}.",
            hint="Install the newer version; an older one could lose what it does not know.",
        )
    return known() - applied


def _refuse_foreign(place: Place, alias: str) -> None:
    """Keep Troth's tables out of a database that belongs to something else."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    foreign = [t for t in tables if t != DJANGO_TABLE]
    if foreign:
        raise Refused(
            f"The ledger needs a database of its own: expected {place} to be empty or a ledger, found "
            f"{len(foreign)} other table(s), the first being '{min(foreign)}'.",
            hint="Set TROTH_LEDGER to an empty database or to a new file.",
        )


def _migrate(place: Place, alias: str) -> None:
    connection = connections[alias]
    if isinstance(place, SQLitePlace):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
    # Django records a migration outside its transaction when it has deferred SQL; ours goes round both. SQLite
    # can switch foreign keys off only outside a transaction, and its schema editor insists on that.
    disabled = connection.disable_constraint_checking()
    try:
        with transaction.atomic(using=alias):
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes(LABEL))
    finally:
        if disabled:
            connection.enable_constraint_checking()


@contextmanager
def _locked(place: Place, alias: str) -> Iterator[None]:
    if isinstance(place, SQLitePlace):
        with _file_locked(place.path.with_name(place.path.name + ".lock")):
            yield
        return
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


@contextmanager
def _file_locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        path.chmod(0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
