"""Work that another system asked of the workers: put in once, and followed."""

from __future__ import annotations

from troth.app import ordering
from troth.app.requests.steps import Place
from troth.jobs.model import JobRecord, Order

CHECK, CHECKS = "check", "checks"
"""The kind of job that checks every promise, and its queue, as `working` has them."""


def check(at: Place, call: str) -> str:
    """Have every promise checked as soon as a worker is free; the same call twice is one job. Return its id.

    Raises:
        StoreError: when the database of jobs cannot be reached.
    """
    id = f"check-{call}"
    ordering.put(at, Order(kind=CHECK, id=id, queue=CHECKS))
    return id


def read(at: Place, id: str) -> JobRecord | None:
    """Return a job; nothing where there is none of that id, or it was long ago."""
    return ordering.orders(at).read(id)
