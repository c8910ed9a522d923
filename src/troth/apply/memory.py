"""A journal that lives in memory: the twin of the ledger's, for tests and for runs that keep no proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from troth.apply.ports import Purged, Receipt
from troth.plan.model import Step
from troth.plan.world import Hold


@dataclass(slots=True)
class MemoryJournal:
    """Remembers one plan on one store."""

    state: Literal["fresh", "resumed", "finished"] = "fresh"
    in_force: tuple[Hold, ...] = ()
    kept: dict[tuple[int, int], Receipt] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    done: dict[int, int] = field(default_factory=dict)
    purges: list[Purged] = field(default_factory=list)
    outcome: str = ""

    def begin(self) -> Literal["fresh", "resumed", "finished"]:
        """Write down that the plan is being carried out."""
        state = self.state
        self.state = "finished" if state == "finished" else "resumed"
        return state

    def holds(self) -> tuple[Hold, ...]:
        """Return the holds in force now."""
        return self.in_force

    def step_begun(self, number: int, step: Step) -> bool:
        """Write down that a step begins; tell whether it had begun before."""
        del step
        before = number in self.begun
        self.begun.add(number)
        return before

    def receipts(self, number: int) -> tuple[int, int]:
        """Return how many batches of a step have a receipt, and their rows."""
        found = [r for (step, _), r in self.kept.items() if step == number]
        return len(found), sum(r.rows or 0 for r in found)

    def receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; one that is there already stays as it is."""
        self.kept.setdefault((receipt.step, receipt.batch), receipt)

    def step_done(self, number: int, step: Step, *, rows_left: int, kept_rows: int) -> None:
        """Write down that a step is done, with what the recheck found."""
        del step, kept_rows
        self.done[number] = rows_left

    def purged(self, purged: Purged) -> None:
        """Write down what the purge did."""
        self.purges.append(purged)

    def ended(self, outcome: Literal["done", "limited", "stopped", "failed"], reason: str) -> None:
        """Write down that carrying out ended."""
        del reason
        self.outcome = outcome
        self.state = "finished" if outcome == "done" else "resumed"
