"""Configure Django once per process, and give every open ledger a connection of its own.

Several ledgers may be open in one process, as in tests. When a web application has configured Django before,
its settings stay as they are. Nothing here runs a query.
"""

from __future__ import annotations

import itertools
import threading
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

from troth.ledger.place import Place, PostgresPlace

APP = "troth.ledger"
BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""
SQLITE_PRAGMAS = "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON"
"""A receipt must survive a power cut (FULL), and a destroyed secret must be gone (sqlite.org/pragma.html)."""

_once = threading.Lock()
_numbers = itertools.count()


def configure() -> None:
    """Configure Django for the ledger alone, unless this process has done so already."""
    with _once:
        if settings.configured:
            return
        settings.configure(
            INSTALLED_APPS=[APP],
            DATABASES={},
            USE_TZ=True,
            TIME_ZONE="UTC",
            USE_I18N=False,
            LOGGING_CONFIG=None,
        )
        # All of django.setup() but the URLs and logging of a web application, whose import costs a tenth of a second.
        apps.populate(settings.INSTALLED_APPS)


def register(place: Place) -> str:
    """Add a connection for `place` and return the alias Django knows it by."""
    alias = f"ledger-{next(_numbers)}"
    filled = connections.configure_settings({"default": {}, alias: connection(place)})
    connections.settings[alias] = filled[alias]
    return alias


def rest(alias: str) -> None:
    """Close this thread's connection; it opens another one when it asks again."""
    connections[alias].close()


def forget(alias: str) -> None:
    """Close this thread's connection and drop the alias."""
    connections[alias].close()
    del connections[alias]
    connections.settings.pop(alias, None)


def connection(place: Place) -> dict[str, Any]:
    """Say to Django how a ledger is connected to."""
    if isinstance(place, PostgresPlace):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": place.database,
            "HOST": place.host,
            "PORT": place.port,
            "USER": place.user,
            "PASSWORD": place.password,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"application_name": "troth", "connect_timeout": 10, **dict(place.options)},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(place.path.absolute()),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": BUSY_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": SQLITE_PRAGMAS,
        },
    }
