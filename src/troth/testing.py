"""Stand-ins for the edges of Troth, for tests: in memory, without a database, held to the same contracts.

`MemoryStorage` keeps an evidence log, `MemoryJournal` remembers the application of a plan. Not for production:
what they hold is gone with the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from troth.apply.ports import Purged, Receipt
from troth.evidence.memory import MemoryStorage
from troth.plan.model import Step
from troth.plan.world import Hold

__all__ = ["MemoryJournal", "MemoryStorage"]


@dataclass(kw_only=True)
class MemoryJournal:
    """`apply.ports.Journal` in dicts; keep one per plan and store, and hand it to every run of the two."""

    holds: Callable[[], tuple[Hold, ...]] = tuple
    state: Literal["", "started", "stopped", "finished"] = ""
    steps: dict[int, tuple[int, int] | None] = field(default_factory=dict)
    """By number: None while the step goes on, then rows left and kept rows."""
    kept: dict[tuple[int, int], Receipt] = field(default_factory=dict)
    """Receipts by step and batch."""
    purges: list[Purged] = field(default_factory=list)
    reason: str = ""

    def begin(self) -> Literal["fresh", "resumed", "finished"]:
        """Write down that the plan is being carried out."""
        if self.state == "finished":
            return "finished"
        fresh = not self.state
        self.state = "started"
        return "fresh" if fresh else "resumed"

    def over(self, number: int) -> tuple[int, int] | None:  # noqa: ARG002 the port asks for it
        """Return nothing: every run goes through all steps."""
        return None

    def step_begun(self, number: int, step: Step) -> bool:  # noqa: ARG002 the port asks for it
        """Write down that a step begins; tell whether it had begun before."""
        begun = number in self.steps
        self.steps.setdefault(number, None)
        return begun

    def receipts(self, number: int) -> tuple[int, int]:
        """Return how many batches of a step have a receipt, and their rows."""
        found = [receipt for (step, _), receipt in self.kept.items() if step == number]
        return len(found), sum(receipt.rows or 0 for receipt in found)

    def receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; one that is there already stays as it is."""
        self.kept.setdefault((receipt.step, receipt.batch), receipt)

    def step_done(self, number: int, step: Step, *, rows_left: int, kept_rows: int) -> None:  # noqa: ARG002
        """Write down that a step is done, with what the recheck found."""
        self.steps[number] = (rows_left, kept_rows)

    def purged(self, purged: Purged) -> None:
        """Write down what the purge did."""
        self.purges.append(purged)

    def ended(self, outcome: Literal["done", "limited", "stopped", "failed"], reason: str) -> None:
        """Write down that carrying out ended."""
        self.state = "finished" if outcome == "done" else "stopped"
        self.reason = reason
