"""What the web asks of durable work without doing any: is a worker at work, how many jobs are in which state."""

from __future__ import annotations

from collections.abc import Mapping


def worker_seen() -> bool:
    """Tell whether a worker is at work on this ledger."""
    return False


def by_state() -> Mapping[str, int]:
    """Return how many jobs are in each state."""
    return {}
