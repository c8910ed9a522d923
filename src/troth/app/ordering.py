"""Where a project's jobs are kept: beside its ledger; and how any process puts jobs in and looks at them."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import URL

from troth.app import ledgers
from troth.app.requests.steps import Place
from troth.jobs import model, slots
from troth.jobs.model import Order
from troth.jobs.orders import Orders, open_orders
from troth.ledger import place as places
from troth.ledger.place import PostgresPlace

FILE = "jobs.sqlite"

_OPEN: dict[tuple[int, str], Orders] = {}
"""Kept open for the life of a process, which a fork does not share."""
_opening = threading.Lock()


def kept(folder: Path, environment: Mapping[str, str]) -> model.Place:
    """Return where jobs are kept: a file beside a SQLite ledger, a schema of its own in a PostgreSQL one.

    Raises:
        StoreError: when the ledger's URL cannot be used.
    """
    place = places.parse(ledgers.address(folder, environment))
    if isinstance(place, PostgresPlace):
        url = URL.create(
            "postgresql+psycopg",
            username=place.user or None,
            password=place.password or None,
            host=place.host or None,
            port=int(place.port) if place.port else None,
            database=place.database,
            query=dict(place.options),
        )
        return model.Place(url=url.render_as_string(hide_password=False))
    file = place.path.absolute().with_name(FILE)
    return model.Place(url=f"sqlite:///{file}", file=file)


def orders(at: Place) -> Orders:
    """Return the project's jobs; they stay open.

    Raises:
        StoreError: when the ledger's database cannot be reached.
    """
    place = kept(at.folder, at.environment)
    named = os.getpid(), place.url
    with _opening:
        if named not in _OPEN:
            with ledgers.opened(at.folder, at.environment, at.clock):
                _OPEN[named] = open_orders(
                    place
                )  # after the ledger, which refuses a database that is not empty
        return _OPEN[named]


def put(at: Place, order: Order) -> None:
    """Put a job in; one of that id that is there already stays as it is.

    Raises:
        StoreError: when the ledger's database cannot be reached.
    """
    orders(at).put(order)


def workers(at: Place) -> int:
    """Count the workers that are at work.

    Raises:
        StoreError: when the ledger's database cannot be reached.
    """
    place = kept(at.folder, at.environment)
    return slots.at_work(place.url, place.lock)
