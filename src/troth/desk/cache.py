"""Django's cache in the ledger's database, for what all processes must see: tries that are counted, codes once used.

Not Django's own database cache: that one keeps pickles, which run code when they are read, throws entries away at
random once there are many, and hides a database that cannot be written. Here values are JSON, and errors come out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

TABLE = "troth_cache"
CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
  name varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, until bigint NOT NULL
)"""
READ = f"SELECT value FROM {TABLE} WHERE name = %s AND until > %s"
WRITE = f"""
INSERT INTO {TABLE} (name, value, until) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, until = excluded.until"""
ADD = f"{WRITE} WHERE {TABLE}.until <= %s RETURNING name"
TOUCH = f"UPDATE {TABLE} SET until = %s WHERE name = %s AND until > %s RETURNING name"
DELETE = f"DELETE FROM {TABLE} WHERE name = %s RETURNING name"
FORGET = f"DELETE FROM {TABLE} WHERE until <= %s"
FOREVER = 253_402_300_799
"""The last second of the year 9999."""
SWEEP = 16
"""Each so many seconds, whoever writes also removes what has ended."""


class Cache(BaseCache):
    """A cache over one table; every call is one statement, so that processes do not get between each other."""

    def __init__(self, table: str, params: Mapping[str, Any]) -> None:
        del table
        super().__init__(dict(params))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value that has not ended."""
        found = self._ask(READ, self._key(key, version), int(time.time()))
        return json.loads(found[0]) if found else default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value."""
        self._ask(WRITE, self._key(key, version), json.dumps(value), self._until(timeout))
        self._sweep()

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none; tell whether it was kept."""
        name, until = self._key(key, version), self._until(timeout)
        self._sweep()
        return bool(self._ask(ADD, name, json.dumps(value), until, int(time.time())))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let a value last longer."""
        return bool(self._ask(TOUCH, self._until(timeout), self._key(key, version), int(time.time())))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a value."""
        return bool(self._ask(DELETE, self._key(key, version)))

    def clear(self) -> None:
        """Remove all."""
        self._ask(FORGET, FOREVER)

    def _key(self, key: str, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version=version))

    def _until(self, timeout: Any) -> int:
        until = self.get_backend_timeout(timeout)
        return FOREVER if until is None else int(until) + 1

    def _sweep(self) -> None:
        now = int(time.time())
        if now % SWEEP == 0:
            self._ask(FORGET, now)

    def _ask(self, statement: str, *given: str | int) -> tuple[Any, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(given))
            return cursor.fetchone() if cursor.description else None
