"""The journal of applying a plan, kept in the ledger: `apply.ports.Journal` over runs, steps, receipts, evidence.

What begins, ends, and comes of each step is written together with its evidence entry. Batches have receipts in
the ledger; evidence holds one entry per step with a hash over them, so that the log stays short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import troth
from troth.apply.ports import Purged, Receipt
from troth.apply.run import action
from troth.evidence import fields
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.ledger import Ledger
from troth.ledger.records import NewRun, ReceiptRecord, StepRecord, Totals
from troth.plan.model import ChangeFields, Plan, Step
from troth.plan.world import Hold

MOST_NAMES = 60
"""Columns and promises an entry names, so that it stays within its size; the plan, whose hash it has, names all."""

Outcome = Literal["done", "limited", "stopped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One plan on its way to one store, and who sends it."""

    plan: Plan
    store: str
    by: str
    """Name of who applies; evidence knows them by their staff id."""
    limit: int | None = None
    only: str = ""
    test_clock: bool = False
    stretch: bool = False
    """One of many stretches of a run that was begun: it begins no run anew, and a store that is away ends none."""


class LedgerJournal:
    """Remember one application in the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        application: Application,
        *,
        holds: Callable[[], tuple[Hold, ...]],
        now: Callable[[], datetime],
    ) -> None:
        """Take what is applied, what tells the holds in force, and the clock."""
        self.ledger, self.application, self.now = ledger, application, now
        self.holds = holds
        self.run = 0
        self.done: Mapping[int, tuple[int, int]] = {}

    def begin(self) -> Literal["fresh", "resumed", "finished"]:
        """Write down that the plan is being carried out."""
        given, at = self.application, self.now()
        plan_at = datetime.fromisoformat(given.plan.at)
        new = NewRun(
            plan=given.plan.hash,
            kind=given.plan.kind,
            store=given.store,
            plan_at=plan_at,
            simulation=given.plan.simulation,
        )
        with self.ledger.writing():
            if given.stretch and self._goes_on():
                return "resumed"
            record, fresh = self.ledger.runs.start(new, at=at)
            self.run = record.id
            if record.state == "finished":
                return "finished"
            self._append("apply.started", at, self._started(resumed=not fresh, at=at))
        return "fresh" if fresh else "resumed"

    def _goes_on(self) -> bool:
        """Tell whether the run stands; it is then the one that is written to."""
        runs = self.ledger.runs.of_plan(self.application.plan.hash)
        stands = [run for run in runs if run.store == self.application.store and run.state == "started"]
        self.run = stands[0].id if stands else 0
        over = [s.step for s in self.ledger.runs.steps(self.run) if s.recheck == "clean"] if stands else []
        self.done = {step: self.receipts(step) for step in over}
        return bool(stands)

    def over(self, number: int) -> tuple[int, int] | None:
        """Return rows and batches of a step that an earlier stretch has done, with nothing left."""
        batches, rows = self.done.get(number, (0, -1))
        return (rows, batches) if rows >= 0 else None

    def step_begun(self, number: int, step: Step) -> bool:
        """Write down that a step begins; tell whether it had begun before."""
        record = StepRecord(
            step=number,
            dataset=step.dataset,
            action=action(step),
            expected=step.planned.rows,
            started_at=self.now(),
        )
        return not self.ledger.runs.start_step(self.run, record)

    def receipts(self, number: int) -> tuple[int, int]:
        """Return how many batches of a step have a receipt, and their rows."""
        totals = self.ledger.runs.totals(self.run, number)
        return totals.batches, totals.rows

    def receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; one that is there already stays as it is."""
        record = ReceiptRecord(
            step=receipt.step,
            batch=receipt.batch,
            rows=receipt.rows,
            at_most=receipt.at_most,
            started_at=receipt.started,
            ended_at=receipt.finished,
        )
        self.ledger.runs.add_receipts(self.run, record)

    def step_done(self, number: int, step: Step, *, rows_left: int, kept_rows: int) -> None:
        """Write down that a step is done, with what the recheck found; a pilot with a limit has none."""
        at = self.now()
        pilot = self.application.limit is not None
        recheck = "not-run" if pilot else "still-arriving" if rows_left else "clean"
        body = {
            "step": number,
            "dataset": _place(step.dataset),
            "action": action(step),
            "promises": list(step.promises)[:MOST_NAMES],
            "planned_rows": step.planned.rows,
            "kept_rows": kept_rows,
            "recheck": recheck,
            **({} if pilot else {"rows_left": rows_left}),
            **_fields(step),
        }
        with self.ledger.writing():
            runs = self.ledger.runs
            runs.end_step(self.run, number, at=at, recheck=recheck, rows_left=None if pilot else rows_left)
            receipts = digest(runs.receipts(self.run, number))
            totals = _totals(runs.totals(self.run, number))
            self._append("step.receipt", at, {**body, **totals, "receipts": receipts})

    def purged(self, purged: Purged) -> None:
        """Write down what the purge did."""
        body = {
            "store": purged.store,
            "engine": purged.engine,
            "outcome": purged.outcome,
            "readable": list(purged.readable),
        }
        self._append("purge", self.now(), body)

    def ended(self, outcome: Outcome, reason: str) -> None:
        """Write down that carrying out ended, and sign the log; only a run that did everything is finished."""
        if self.application.stretch and outcome == "failed":
            return  # it is tried again
        at = self.now()
        state = "finished" if outcome == "done" else "stopped"
        with self.ledger.writing():
            runs = self.ledger.runs
            runs.end(self.run, state=state, at=at, reason=reason or outcome)
            body = {"outcome": outcome, "steps": len(runs.steps(self.run)), **_totals(runs.totals(self.run))}
            self._append("apply.finished", at, {**body, **({"reason": reason} if reason else {})})
            self.ledger.checkpoint(at=at)

    def _append(self, kind: str, at: datetime, body: Mapping[str, object]) -> None:
        about = {"plan": self.application.plan.hash, "run": f"run:{self.run}"}
        self.ledger.append(Entry(kind=kind, at=at, body={**about, **body}))

    def _started(self, *, resumed: bool, at: datetime) -> dict[str, object]:
        given = self.application
        return {
            "by": f"staff:{self.ledger.staff.identify(given.by, at=at)}",
            "stores": [given.store],
            "resumed": resumed,
            "test_clock": given.test_clock,
            "troth": troth.__version__,
            **({"limit": given.limit} if given.limit is not None else {}),
            **({"dataset": _place(given.only)} if given.only else {}),
        }


def digest(receipts: Iterable[ReceiptRecord]) -> str:
    """Return the SHA-256 over the receipts of a step, one line each: batch, rows or `?`, bound, two instants."""
    total = hashlib.sha256()
    for r in receipts:
        rows = "?" if r.rows is None else r.rows
        line = f"{r.batch},{rows},{r.at_most},{instant(r.started_at)},{instant(r.ended_at)}\n"
        total.update(line.encode())
    return total.hexdigest()


def _totals(totals: Totals) -> dict[str, object]:
    """Say how many rows there were, or, where a count was lost, how many at most: never a guess."""
    rows = {"rows_at_most": totals.at_most} if totals.recovered else {"rows": totals.rows}
    return {"batches": totals.batches, **rows}


def _fields(step: Step) -> dict[str, object]:
    if not isinstance(step, ChangeFields):
        return {}
    return {"fields": [fields.place(change.column) for change in step.changes][:MOST_NAMES]}


def _place(dataset: str) -> str:
    return fields.place(*dataset.split(".", 2))
