"""Make the tables of a new ledger as they were made for the first one, instead of by running every migration again.

Migrating works out the state of all models after each step: half a second of work for each new ledger, and
there are thousands here. The first ledger of a process on each kind of database is migrated in earnest, and so is
any ledger that an older Troth made; `test_ledger.py` shows that both ways end with the same tables.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from django.db import connections, transaction

from troth.ledger import upgrade
from troth.ledger.place import Place, SQLitePlace

really = upgrade._migrate
_tables: sqlite3.Connection | None = None
_statements: list[tuple[str, Any]] = []


def migrate(place: Place, alias: str) -> None:
    """Stand in for `upgrade._migrate`."""
    if upgrade._missing(place, alias) != upgrade.known():
        really(place, alias)
    elif isinstance(place, SQLitePlace):
        _sqlite(place, alias)
    else:
        _postgresql(place, alias)


def _sqlite(place: Place, alias: str) -> None:
    global _tables  # noqa: PLW0603  # one for the process
    connection = connections[alias]
    if _tables is None:
        really(place, alias)
        made = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(made)
        _tables = made
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
    _tables.backup(connection.connection)


def _postgresql(place: Place, alias: str) -> None:
    connection = connections[alias]
    if not _statements:
        said: list[tuple[str, Any]] = []

        def listen(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
            if not str(sql).startswith("SELECT"):
                said.append((str(sql), parameters))
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(listen):
            really(place, alias)
        _statements.extend(said)
        return
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        for sql, parameters in _statements:
            cursor.execute(sql, parameters)
