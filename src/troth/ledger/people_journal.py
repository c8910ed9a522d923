"""The journal of an erasure, kept in the ledger: few statements, however many steps a plan has.

Receipts of a batch are written together; what came of a store's steps is written once, with its evidence entries, in
one transaction. Runs are those of retention plans: one per plan and store, going on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import troth
from troth.apply.erase import StoreResult
from troth.apply.people import Done
from troth.evidence import fields
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.journal import MOST_NAMES, digest
from troth.ledger.ledger import Ledger
from troth.ledger.records import NewRun, ReceiptRecord, StepRecord
from troth.rights.model import EraseRows, ErasurePlan, ErasureStep


class LedgerPeopleJournal:
    """Remember one erasure in the ledger."""

    def __init__(
        self, ledger: Ledger, plan: ErasurePlan, *, staff: int, test_clock: bool, now: Callable[[], datetime]
    ) -> None:
        """Take what is applied, who applies it, and the clock."""
        self.ledger, self.plan, self.staff, self.test_clock, self.now = ledger, plan, staff, test_clock, now
        self.runs: dict[str, int] = {}
        self.started: dict[str, datetime] = {}

    def begin(self, store: str) -> Literal["fresh", "resumed", "finished"]:
        """Write down that work on a store begins."""
        at = self.now()
        new = NewRun(
            plan=self.plan.hash,
            kind=self.plan.kind,
            store=store,
            plan_at=datetime.fromisoformat(self.plan.at),
            simulation=self.plan.simulation,
        )
        with self.ledger.writing():
            record, fresh = self.ledger.runs.start(new, at=at)
            self.runs[store], self.started[store] = record.id, at
            if record.state == "finished":
                return "finished"
            body = {
                "by": f"staff:{self.staff}",
                "stores": [store],
                "resumed": not fresh,
                "test_clock": self.test_clock,
                "troth": troth.__version__,
            }
            self.ledger.append(self._entry("apply.started", store, at, body))
        return "fresh" if fresh else "resumed"

    def batch(self, store: str, done: Done) -> None:
        """Keep the receipts of one batch; those that are there already stay as they are."""
        finished = self.now()
        started = min(self.started[store], finished)
        self.ledger.runs.add_receipts(
            self.runs[store],
            *(
                ReceiptRecord(
                    step=step,
                    batch=done.number,
                    rows=rows,
                    at_most=rows,
                    started_at=started,
                    ended_at=finished,
                )
                for step, rows in done.rows.items()
            ),
        )

    def ended(self, store: str, result: StoreResult) -> None:
        """Write down what came of a store, with an entry for each step, and sign the log."""
        at, run = self.now(), self.runs.get(store)
        if run is None:
            return  # another apply had the store: nothing was begun
        done = result.state == "done"
        with self.ledger.writing():
            self.ledger.runs.end(run, state="finished" if done else "stopped", at=at, reason=result.state)
            steps = self.plan.of_store(store) if done else ()
            self.ledger.runs.add_steps(run, *(_record(n, s, at) for n, s in steps))
            receipts = self.ledger.runs.digests(run, digest) if done else {}
            self.ledger.append(*self._entries(store, result, receipts, at))
            self.ledger.checkpoint(at=at)

    def _entries(
        self, store: str, result: StoreResult, receipts: Mapping[int, str], at: datetime
    ) -> Iterator[Entry]:
        for number, step in self.plan.of_store(store) if result.state == "done" else ():
            yield self._entry("step.receipt", store, at, _step(number, step, result, receipts))
        if result.purged:
            purged = result.purged
            kept: dict[str, object] = {"engine": purged.engine, "readable": list(purged.readable)}
            yield self._entry("purge", store, at, {"store": store, "outcome": purged.outcome, **kept})
        outcome = "done" if result.state == "done" else "failed" if result.state == "failed" else "stopped"
        body: dict[str, object] = {
            "outcome": outcome,
            "steps": len(result.rows),
            "rows": sum(result.rows.values()),
        }
        body |= {"batches": result.batches, "started": instant(self.started[store])}
        yield self._entry("apply.finished", store, at, body)

    def _entry(self, kind: str, store: str, at: datetime, body: Mapping[str, object]) -> Entry:
        about = {"plan": self.plan.hash, "run": f"run:{self.runs[store]}"}
        return Entry(kind=kind, at=at, body={**about, **body})


def _record(number: int, step: ErasureStep, at: datetime) -> StepRecord:
    return StepRecord(
        step=number,
        dataset=step.dataset,
        action=action(step),
        expected=step.rows,
        started_at=at,
        ended_at=at,
        recheck="not-run",
    )


def _step(
    number: int, step: ErasureStep, result: StoreResult, receipts: Mapping[int, str]
) -> dict[str, object]:
    body: dict[str, object] = {
        "step": number,
        "dataset": fields.place(*step.dataset.split(".", 2)),
        "action": action(step),
        "promises": list(step.promises)[:MOST_NAMES],
        "planned_rows": step.rows,
        "rows": result.rows.get(number, 0),
        "batches": result.batches,
        "recheck": "not-run",
    }
    if number in receipts:
        body["receipts"] = receipts[number]
    if not isinstance(step, EraseRows):
        columns = dict.fromkeys(change.column for change in step.changes)
        body["fields"] = [fields.place(column) for column in columns][:MOST_NAMES]
    return body


def action(step: ErasureStep) -> str:
    """Name what a step does, as evidence calls it."""
    if isinstance(step, EraseRows):
        return "delete"
    return {"erased": "blank", "detach": "unlink", "scrub": "replace"}[step.why]
