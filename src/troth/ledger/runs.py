"""What was done with plans: runs, their steps, and a receipt for every batch.

A plan has one run per store and goes on in it after every stop. Writing the same step or receipt twice changes
nothing, so that a killed process can simply do its last thing again. No row's key ever stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Max, Sum

from troth.errors import Damaged
from troth.ledger.models import PlanRun, Receipt, RunStep
from troth.ledger.records import NewRun, ReceiptRecord, RunRecord, StepRecord, Totals
from troth.ledger.session import Session

RUN = ("id", "plan", "kind", "store", "state", "plan_at", "simulation", "started_at", "ended_at", "reason")
STEP = ("step", "dataset", "action", "expected", "started_at", "ended_at", "recheck", "rows_left")
RECEIPT = ("step", "batch", "rows", "at_most", "started_at", "ended_at")
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Write down and read what was done."""

    session: Session

    def start(self, new: NewRun, *, at: datetime) -> tuple[RunRecord, bool]:
        """Begin a run, or go on with the one this plan has on this store; tell whether it is new.

        A finished run stays finished.
        """
        values = {"kind": new.kind, "state": "started", "plan_at": new.plan_at, "started_at": at}
        with self.session.writing() as alias:
            rows = PlanRun.objects.using(alias)
            row, made = rows.select_for_update().get_or_create(
                plan=new.plan, store=new.store, defaults={**values, "simulation": new.simulation}
            )
            if not made and row.state == "stopped":
                row.state, row.ended_at, row.reason = "started", None, ""
                rows.filter(pk=row.pk).update(state="started", ended_at=None, reason="")
        return RunRecord(**{name: getattr(row, name) for name in RUN}), bool(made)

    def end(self, run: int, *, state: str, at: datetime, reason: str = "") -> None:
        """Write down that a run is `finished` or `stopped`."""
        with self.session.writing() as alias:
            PlanRun.objects.using(alias).filter(pk=run).update(state=state, ended_at=at, reason=reason)

    def read(self, run: int) -> RunRecord:
        """Return a run.

        Raises:
            Damaged: when there is none of that id.
        """
        with self.session.reading() as alias:
            found = PlanRun.objects.using(alias).filter(pk=run).values(*RUN).first()
        if found is None:
            raise Damaged(f"The ledger knows no run:{run}.")
        return RunRecord(**found)

    def of_plan(self, plan: str) -> tuple[RunRecord, ...]:
        """Return the runs of a plan, one per store, oldest first."""
        with self.session.reading() as alias:
            rows = PlanRun.objects.using(alias).filter(plan=plan).order_by("pk").values(*RUN)
            return tuple(RunRecord(**row) for row in rows)

    def on_store(self, store: str, *, state: str) -> tuple[RunRecord, ...]:
        """Return the runs on a store that are in a state, oldest first."""
        with self.session.reading() as alias:
            rows = PlanRun.objects.using(alias).filter(store=store, state=state).order_by("pk")
            return tuple(RunRecord(**row) for row in rows.values(*RUN))

    def start_step(self, run: int, step: StepRecord) -> bool:
        """Write down that a step began, and tell whether it is the first time; only the first time counts."""
        values = {name: getattr(step, name) for name in STEP if name != "step"}
        with self.session.writing() as alias:
            _, made = RunStep.objects.using(alias).get_or_create(run_id=run, step=step.step, defaults=values)
        return bool(made)

    def end_step(
        self, run: int, step: int, *, at: datetime, recheck: str = "", rows_left: int | None = None
    ) -> None:
        """Write down that a step is done, with what the recheck found."""
        with self.session.writing() as alias:
            rows = RunStep.objects.using(alias).filter(run_id=run, step=step)
            rows.update(ended_at=at, recheck=recheck, rows_left=rows_left)

    def add_steps(self, run: int, *steps: StepRecord) -> None:
        """Keep what came of several steps together; those that are there already stay as they are."""
        with self.session.writing() as alias:
            RunStep.objects.using(alias).bulk_create(
                [RunStep(run_id=run, **{name: getattr(s, name) for name in STEP}) for s in steps],
                ignore_conflicts=True,
            )

    def digests(self, run: int, digest: Callable[[Iterable[ReceiptRecord]], str]) -> Mapping[int, str]:
        """Return the digest over the receipts of each step, reading them all at once, in order."""
        with self.session.reading() as alias:
            rows = Receipt.objects.using(alias).filter(run_id=run).order_by("step", "batch").values(*RECEIPT)
            read = (ReceiptRecord(**row) for row in rows.iterator(PAGE))
            return {step: digest(found) for step, found in groupby(read, lambda r: r.step)}

    def steps(self, run: int) -> tuple[StepRecord, ...]:
        """Return the steps that began, in order."""
        with self.session.reading() as alias:
            rows = RunStep.objects.using(alias).filter(run_id=run).order_by("step").values(*STEP)
            return tuple(StepRecord(**row) for row in rows)

    def add_receipts(self, run: int, *receipts: ReceiptRecord) -> None:
        """Keep receipts, all or none; one that is there already stays as it is."""
        with self.session.writing() as alias:
            Receipt.objects.using(alias).bulk_create(
                [Receipt(run_id=run, **{name: getattr(r, name) for name in RECEIPT}) for r in receipts],
                ignore_conflicts=True,
            )

    def receipts(self, run: int, step: int) -> Iterator[ReceiptRecord]:
        """Yield the receipts of a step by number of batch, a page at a time."""
        last = -1
        while True:
            with self.session.reading() as alias:
                rows = Receipt.objects.using(alias).filter(run_id=run, step=step, batch__gt=last)
                page = list(rows.order_by("batch").values(*RECEIPT)[:PAGE])
            if not page:
                return
            for row in page:
                last = row["batch"]
                yield ReceiptRecord(**row)

    def totals(self, run: int, step: int | None = None) -> Totals:
        """Add up the receipts of a step, or of the whole run."""
        with self.session.reading() as alias:
            rows = Receipt.objects.using(alias).filter(run_id=run)
            rows = rows if step is None else rows.filter(step=step)
            found = rows.aggregate(
                n=Count("pk"),
                known=Count("rows"),
                last=Max("batch"),
                rows=Sum("rows"),
                at_most=Sum("at_most"),
            )
        return Totals(
            batches=found["n"],
            last_batch=found["last"],
            recovered=found["n"] - found["known"],
            rows=found["rows"] or 0,
            at_most=found["at_most"] or 0,
        )
