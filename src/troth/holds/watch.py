"""Holds in force, asked for before every batch: cheap while nothing changes, right as soon as something does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from troth.holds import facts, register
from troth.plan import world

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger


class Watch:
    """Tell the holds that stand now; reads them anew only when one was placed or lifted.

    Holds named in `also` count though they were lifted meanwhile: what they kept goes by a new plan only.
    """

    def __init__(self, ledger: Ledger, seen: world.World, *, also: Iterable[str] = ()) -> None:
        """Take the ledger, the world in whose terms holds are told, and the holds of a plan."""
        self.ledger, self.seen, self.also = ledger, seen, frozenset(also)
        self._version: tuple[int, int] | None = None
        self._standing: tuple[world.Hold, ...] = ()

    def __call__(self) -> tuple[world.Hold, ...]:
        """Return the holds in force."""
        version = self.ledger.holdings.version()
        if version != self._version:
            holds = (h for h in register.read(self.ledger) if h.lifted_at is None or h.id in self.also)
            self._standing, _ = facts.of((replace(h, lifted_at=None) for h in holds), self.seen)
            self._version = version
        return self._standing
