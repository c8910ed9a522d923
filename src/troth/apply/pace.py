"""How large a batch is: as large as the time others may be kept waiting allows.

Without a bound batches are large and follow each other at once. With one, the size is steered towards half the
bound, and the run rests as long as it worked, so that other people's work comes through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FULL_SPEED = 32_768
"""Places a batch covers when nobody waits; a place is a disk page on PostgreSQL, 100 rows on SQLite."""
FIRST = 32
LARGEST = 32_768
AIM = 0.5
"""Share of the bound a batch should take."""


@dataclass(slots=True)
class Pace:
    """The size of the next batch, and the rest before it."""

    hold_lock: timedelta | None
    size: int = FIRST
    rest: float = 0.0
    """Seconds to wait before the next batch."""

    def __post_init__(self) -> None:
        if self.hold_lock is None:
            self.size = FULL_SPEED

    def took(self, seconds: float) -> None:
        """Learn from a batch that was done."""
        if self.hold_lock is None:
            return
        aim = self.hold_lock.total_seconds() * AIM
        factor = min(2.0, max(0.25, aim / max(seconds, 1e-4)))
        self.size = max(1, min(LARGEST, int(self.size * factor)))
        self.rest = min(seconds, self.hold_lock.total_seconds())

    def too_slow(self) -> bool:
        """Learn from a batch that was rolled back; tell whether a smaller one can be tried."""
        smaller = self.size > 1
        self.size = max(1, self.size // 4)
        return smaller
