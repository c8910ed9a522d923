"""The queues of stores, with the limits that the data map sets (`work:` of a store).

A store without `work:` lets one retention plan through at a time; what else is done there waits for the store's own
lock alone. In a store with `work:`, whatever jobs do there counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.app import project as projects
from troth.app.requests.steps import Place
from troth.catalog.datamap import DataMap, Store
from troth.jobs.model import Queue

PREFIX = "store:"
MINUTE = 60.0
BY_HAND = frozenset({"physical", "device"})
"""Kinds of stores in which people work, and no job does."""


def name(store: str) -> str:
    """Name the queue of a store."""
    return f"{PREFIX}{store}"


def of(store: str, datamap: DataMap) -> Queue:
    """Return the queue of a store; a store that is not declared any more has one as well."""
    declared = datamap.stores.get(store, Store())
    if declared.work is None:
        return Queue(name=name(store))
    rate = (declared.work.per_minute, MINUTE) if declared.work.per_minute else None
    return Queue(name=name(store), at_once=declared.work.at_once, rate=rate)


def each(datamap: DataMap) -> Iterator[Queue]:
    """Yield the queue of each store that jobs work in."""
    for store, declared in datamap.stores.items():
        if declared.kind not in BY_HAND:
            yield of(store, datamap)


def limited(datamap: DataMap) -> tuple[str, ...]:
    """Name the stores that limit whatever jobs do there."""
    return tuple(
        store for store, one in datamap.stores.items() if one.work is not None and one.kind not in BY_HAND
    )


def declared(at: Place) -> DataMap:
    """Return the project's data map as it is now.

    Raises:
        BadInput: when the project has faults.
    """
    return projects.load(at.folder, at.clock.now().date()).datamap
