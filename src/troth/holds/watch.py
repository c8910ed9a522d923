"""Holds in force, asked for before every batch: cheap while nothing changes, right as soon as something does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troth.holds import facts, register
from troth.plan import world

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger


class Watch:
    """Tell the holds that stand now; reads them anew only when one was placed or lifted."""

    def __init__(self, ledger: Ledger, seen: world.World) -> None:
        """Take the ledger, and the world in whose terms holds are told."""
        self.ledger, self.seen = ledger, seen
        self._version: tuple[int, int] | None = None
        self._standing: tuple[world.Hold, ...] = ()

    def __call__(self) -> tuple[world.Hold, ...]:
        """Return the holds in force."""
        version = self.ledger.holdings.version()
        if version != self._version:
            self._standing, _ = facts.of(register.standing(self.ledger), self.seen)
            self._version = version
        return self._standing
