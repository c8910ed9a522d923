"""The journal of an apply, kept by the ledger: runs and receipts, and an evidence entry for what they prove.

A change of the ledger and the entry about it are written together. Receipts of single batches stand in the
ledger; the evidence log holds one entry per step with the digest of its receipts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from troth import __version__
from troth.apply.ports import Purged, Receipt
from troth.apply.run import action
from troth.evidence.entry import Entry
from troth.evidence.fields import place
from troth.evidence.instants import instant
from troth.holds import facts, register
from troth.ledger.ledger import Ledger
from troth.ledger.records import NewRun, ReceiptRecord, StepRecord
from troth.plan.model import ChangeFields, Plan, Step
from troth.plan.world import Hold, World


def holds_in_force(ledger: Ledger, world: World) -> tuple[Hold, ...]:
    """Return the holds in force, as the planner knows them."""
    return facts.of(register.standing(ledger), world)[0]


@dataclass(slots=True)
class LedgerJournal:
    """Remembers one plan on one store, in the ledger."""

    ledger: Ledger
    plan: Plan
    store: str
    world: World
    by: str
    """Name of the person who applies."""
    now: Callable[[], datetime]
    test_clock: bool
    limit: int | None = None
    only: str = ""
    run: int = 0
    started: datetime | None = None

    def begin(self) -> Literal["fresh", "resumed", "finished"]:
        """Write down that the plan is being carried out."""
        at = self.now()
        before = [r for r in self.ledger.runs.of_plan(self.plan.hash) if r.store == self.store]
        new = NewRun(
            plan=self.plan.hash,
            kind="retention",
            store=self.store,
            plan_at=datetime.fromisoformat(self.plan.at),
            simulation=self.plan.simulation,
        )
        with self.ledger.writing():
            record, _ = self.ledger.runs.start(new, at=at)
            self.run, self.started = record.id, at
            if record.state == "finished":
                return "finished"
            self._note("apply.started", self._started(resumed=bool(before)))
        return "resumed" if before else "fresh"

    def _started(self, *, resumed: bool) -> dict[str, object]:
        body: dict[str, object] = {
            "by": self._staff(),
            "stores": [self.store],
            "resumed": resumed,
            "test_clock": self.test_clock,
            "troth": __version__,
        }
        if self.limit is not None:
            body["limit"] = self.limit
        if self.only:
            body["dataset"] = place(*self.only.split("."))
        return body

    def _staff(self) -> str:
        return f"staff:{self.ledger.staff.identify(self.by, at=self.now())}"

    def _note(self, kind: str, body: dict[str, object]) -> None:
        whole = {"plan": self.plan.hash, "run": f"run:{self.run}", **body}
        self.ledger.append(Entry(kind=kind, at=self.now(), body=whole))

    def holds(self) -> tuple[Hold, ...]:
        """Return the holds in force now."""
        return holds_in_force(self.ledger, self.world)

    def step_begun(self, number: int, step: Step) -> bool:
        """Write down that a step begins; tell whether it had begun before."""
        before = any(s.step == number for s in self.ledger.runs.steps(self.run))
        record = StepRecord(
            step=number,
            dataset=step.dataset,
            action=action(step),
            expected=step.planned.rows,
            started_at=self.now(),
        )
        self.ledger.runs.start_step(self.run, record)
        return before

    def receipts(self, number: int) -> tuple[int, int]:
        """Return how many batches of a step have a receipt, and their rows."""
        totals = self.ledger.runs.totals(self.run, number)
        return totals.last_batch or 0, totals.rows

    def receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; one that is there already stays as it is."""
        self.ledger.runs.add_receipts(
            self.run,
            ReceiptRecord(
                step=receipt.step,
                batch=receipt.batch,
                rows=receipt.rows,
                at_most=receipt.at_most,
                started_at=receipt.started,
                ended_at=receipt.finished,
            ),
        )

    def step_done(self, number: int, step: Step, *, rows_left: int, kept_rows: int) -> None:
        """Write down that a step is done, with what the recheck found."""
        recheck = "clean" if rows_left == 0 else "still-arriving"
        totals = self.ledger.runs.totals(self.run, number)
        body: dict[str, object] = {
            "step": number,
            "dataset": place(*step.dataset.split(".")),
            "action": action(step),
            "batches": totals.batches,
            "promises": list(step.promises),
            "rows": totals.rows,
            "kept_rows": kept_rows,
            "planned_rows": step.planned.rows,
            "recheck": recheck if self.limit is None else "not-run",
            "rows_left": rows_left,
            "receipts": _digest(self.ledger.runs.receipts(self.run, number)),
            "finished": instant(self.now()),
        }
        if totals.at_most != totals.rows:
            body["rows_at_most"] = totals.at_most
        if isinstance(step, ChangeFields):
            body["fields"] = [place(*step.dataset.split("."), c.column) for c in step.changes]
        with self.ledger.writing():
            self.ledger.runs.end_step(self.run, number, at=self.now(), recheck=recheck, rows_left=rows_left)
            self._note("step.receipt", body)

    def purged(self, purged: Purged) -> None:
        """Write down what the purge did."""
        self._note(
            "purge",
            {
                "store": purged.store,
                "engine": purged.engine,
                "outcome": purged.outcome,
                "readable": list(purged.readable),
            },
        )

    def ended(self, outcome: Literal["done", "limited", "stopped", "failed"], reason: str) -> None:
        """Write down that carrying out ended, and sign what the log holds now."""
        steps = [record.step for record in self.ledger.runs.steps(self.run)]
        records = [r for step in steps for r in self.ledger.runs.receipts(self.run, step)]
        body: dict[str, object] = {
            "outcome": outcome,
            "steps": len({r.step for r in records}),
            "batches": len(records),
            "rows": sum(r.rows or 0 for r in records),
            "receipts": _digest(records),
        }
        if reason:
            body["reason"] = reason
        with self.ledger.writing():
            state = "finished" if outcome == "done" else "stopped"
            self.ledger.runs.end(self.run, state=state, at=self.now(), reason=reason or outcome)
            self._note("apply.finished", body)
        self.ledger.checkpoint(at=self.now())


def _digest(receipts: Iterable[ReceiptRecord]) -> str:
    """Return the SHA-256 over the receipts' numbers, one canonical line each."""
    hashed = hashlib.sha256()
    for r in receipts:
        hashed.update(json.dumps([r.step, r.batch, r.rows, r.at_most]).encode() + b"\n")
    return hashed.hexdigest()
