"""When a mail that could not be delivered is tried again, and when it is given up. Pure.

RFC 5321 §4.5.4.1 wants retries for four to five days; the first come sooner, for greylisting passes in minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240))
"""After the first attempt, the second, …; the last of them from then on."""
PATIENCE = timedelta(days=4)
LEASE = timedelta(minutes=10)
"""How long a mail in somebody's hand is theirs: longer than all the timeouts of one delivery."""


def next_attempt(attempts: int, *, created: datetime, at: datetime) -> datetime | None:
    """Return when to try again after so many attempts; nothing once four days have passed."""
    after = at + WAITS[min(attempts, len(WAITS)) - 1]
    return after if after <= created + PATIENCE else None
