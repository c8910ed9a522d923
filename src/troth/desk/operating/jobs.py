"""What the web asks of durable work without doing any: is a worker at work, and how many jobs wait, run, gave up."""

from __future__ import annotations

from collections.abc import Mapping

from troth.app import ordering
from troth.app.requests.steps import Place
from troth.errors import StoreError

STATES = ("waiting", "running", "failed")
MOST = 1_000
"""Jobs of a state that are counted; more say the same to whoever is alerted."""


def worker_seen(at: Place) -> bool:
    """Tell whether a worker is at work on this ledger."""
    try:
        return ordering.workers(at) > 0
    except StoreError:
        return False


def by_state(at: Place) -> Mapping[str, int]:
    """Return how many jobs are in each state that matters to whoever watches, up to MOST.

    Raises:
        StoreError: when the database of jobs does not answer.
    """
    orders = ordering.orders(at)
    return {state: len(orders.listed(states=(state,), size=MOST)) for state in STATES}
