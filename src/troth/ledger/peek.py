"""Look at a ledger without opening it: is it there, does it answer, which version made it, what does its clock say.

Opening a ledger makes or upgrades it; this changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from troth.ledger import setup

setup.configure()

from django.db import connections  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from troth.ledger import faults, place, upgrade  # noqa: E402
from troth.ledger.place import PostgresPlace, SQLitePlace  # noqa: E402


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeked:
    """What is known of a ledger from outside."""

    there: bool
    applied: int = 0
    missing: int = 0
    """Changes of the schema this Troth would make."""
    newer: int = 0
    """Changes a newer Troth has made."""
    clock: datetime | None = None
    """What the database server's clock says."""
    workers: int = 0
    """Locks of workers that are held."""


def peek(url: str, *, space: int) -> Peeked:
    """Look at a ledger.

    Args:
        url: Its address.
        space: First half of the keys of workers' locks.

    Raises:
        StoreError: when it cannot be reached, or the URL is none.
    """
    at = place.parse(url)
    if isinstance(at, SQLitePlace) and not at.path.exists():
        return Peeked(there=False)
    alias = setup.register(at)
    try:
        with faults.translated(at, alias):
            recorded = MigrationRecorder(connections[alias]).applied_migrations()
            applied = {name for app, name in recorded if app == upgrade.LABEL}
            found = Peeked(
                there=bool(applied),
                applied=len(applied & upgrade.known()),
                missing=len(upgrade.known() - applied),
                newer=len(applied - upgrade.known()),
            )
            return _served(found, alias, space) if isinstance(at, PostgresPlace) else found
    finally:
        setup.forget(alias)


def _served(found: Peeked, alias: str, space: int) -> Peeked:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        clock = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE d.datname = current_database() AND locktype = 'advisory' AND classid = %s AND granted",
            [space],
        )
        workers = int(cursor.fetchone()[0])
    return Peeked(
        there=found.there,
        applied=found.applied,
        missing=found.missing,
        newer=found.newer,
        clock=clock.astimezone(UTC),
        workers=workers,
    )
