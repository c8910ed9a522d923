"""Carry out the steps of a plan on one store.

Intent goes to the journal, the batch and its mark into one transaction of the store, then the receipt to the
journal. Killing this anywhere and running it again finishes it: marks say which batches are done, and a batch
that is done again finds nothing to do. Every batch re-tests the step's whole predicate, narrowed by holds that
came after the plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from troth.apply.guards import Permit, most_rows
from troth.apply.pace import Pace
from troth.apply.ports import Batch, Job, Journal, Purged, Receipt, Span, Store, TooMany, TooSlow, span_at
from troth.errors import Refused, StoreError
from troth.plan import grounds
from troth.plan.model import DeleteRows, Plan, Step
from troth.plan.predicates import NEVER, Predicate
from troth.plan.world import Hold, World

PASSES = 5
"""How often a step is gone through while rows keep coming."""

Progress = Callable[[int, Step, int], None]
"""Told after each batch: number of the step, the step, rows done so far; may raise `Enough`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a run works with."""

    store: Store
    journal: Journal
    world: World
    """As it is now; its facts are not used, the journal's holds are."""
    permit: Permit
    hold_lock: timedelta | None
    now: Callable[[], datetime]
    progress: Progress = lambda _number, _step, _rows: None
    sleep: Callable[[float], None] = time.sleep
    tick: Callable[[], float] = time.perf_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What came of one step."""

    number: int
    step: Step
    rows: int
    exact: bool
    """False when a kill lost a count: then `rows` is the most it can have been."""
    batches: int
    rows_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a plan on one store."""

    store: str
    state: str
    """`done`, `limited`, or `already applied`."""
    resumed: bool
    steps: tuple[StepResult, ...]
    purged: Purged | None

    @property
    def rows(self) -> int:
        """Count the rows touched."""
        return sum(result.rows for result in self.steps)

    @property
    def clean(self) -> bool:
        """Tell whether nothing was left."""
        return all(result.rows_left == 0 for result in self.steps)


def run(plan: Plan, tools: Tools) -> Outcome:
    """Carry out a plan on one store.

    Raises:
        Enough: when whoever is told of progress has it stop; the run stands, and running again goes on with it.
        Refused: when a guard stops the run; what was done before stays, and is written down.
        StoreError: when the store fails; running again goes on from there.
    """
    with tools.store.exclusive():
        state = tools.journal.begin()
        if state == "finished":
            return Outcome(
                store=tools.store.name, state="already applied", resumed=False, steps=(), purged=None
            )
        try:
            return _run(plan, tools, resumed=state == "resumed")
        except (Refused, StoreError, KeyboardInterrupt) as stop:
            reason = type(stop).__name__.lower()
            tools.journal.ended("failed" if isinstance(stop, StoreError) else "stopped", reason)
            raise


def _run(plan: Plan, tools: Tools, *, resumed: bool) -> Outcome:
    marked = tools.store.prepare()
    left = tools.permit.limit
    results: list[StepResult] = []
    for number, step in enumerate(plan.steps, start=1):
        if not step.dataset.startswith(f"{tools.store.name}.") or tools.permit.only not in ("", step.dataset):
            continue
        if left == 0:
            break
        before = tools.journal.over(number)
        if before is not None:
            results.append(_before(number, step, *before))
            continue
        result = _Step(plan, tools, number, step, marked).carry_out(left)
        results.append(result)
        left = None if left is None else max(0, left - result.rows)
    touched = tuple(dict.fromkeys(r.step.dataset for r in results if r.rows))
    purged = tools.store.purge(touched) if touched else None
    if purged:
        tools.journal.purged(purged)
    limited = tools.permit.limit is not None or bool(tools.permit.only)
    clean = not any(result.rows_left for result in results)
    if limited or clean:
        tools.journal.ended("limited" if limited else "done", "")
    else:
        tools.journal.ended("stopped", "rows-left")
    return Outcome(
        store=tools.store.name,
        state="limited" if limited else "done",
        resumed=resumed,
        steps=tuple(results),
        purged=purged,
    )


def _before(number: int, step: Step, rows: int, batches: int) -> StepResult:
    """Return what came of a step that an earlier stretch of this run has done."""
    return StepResult(number=number, step=step, rows=rows, exact=True, batches=batches, rows_left=0)


class _Step:
    """One step on its way through the store."""

    def __init__(self, plan: Plan, tools: Tools, number: int, step: Step, marked: bool) -> None:
        self.plan, self.tools, self.number, self.step, self.marked = plan, tools, number, step, marked
        self.pace = Pace(tools.hold_lock)
        self.batch = 0
        self.rows = 0
        self.lost = 0
        self.where: Predicate = NEVER
        self.asked: tuple[Hold, ...] | None = None

    def carry_out(self, limit: int | None) -> StepResult:
        """Do what is left of the step, then look whether anything remains."""
        begun = self.tools.journal.step_begun(self.number, self.step)
        behind = self._recover(begun)
        rows_left = self._all(behind) if limit is None else self._some(limit)
        kept = self._kept(rows_left) if limit is None else 0
        self.tools.journal.step_done(self.number, self.step, rows_left=rows_left, kept_rows=kept)
        return StepResult(
            number=self.number,
            step=self.step,
            rows=self.rows + self.lost,
            exact=not self.lost,
            batches=self.batch,
            rows_left=rows_left,
        )

    def _recover(self, begun: bool) -> Span | None:
        """Take up what an earlier run did: its marks become receipts, and the place it had come to is returned."""
        done = self.tools.store.done(self.plan.hash, self.number) if self.marked else ()
        for batch in done:
            self._receipt(batch)
        self.batch = max((b.number for b in done), default=0)
        self.rows = sum(b.rows for b in done)
        if begun and not self.marked:
            self._admit_loss()
        last = span_at(done[-1].address) if done else None
        return last if last and last.high > last.low else None

    def _receipt(self, batch: Batch) -> None:
        self.tools.journal.receipt(
            Receipt(
                step=self.number,
                batch=batch.number,
                rows=batch.rows,
                at_most=batch.rows,
                started=batch.at,
                finished=batch.at,
            )
        )

    def _admit_loss(self) -> None:
        """Without marks nobody knows whether the last batch before a stop was done: say 0 to N, never a number."""
        self.batch, self.rows = self.tools.journal.receipts(self.number)
        self.lost = max(0, most_rows(self.step.planned.rows, self.tools.world.policy.limits) - self.rows)
        if not self.lost:
            return
        self.batch += 1
        now = self.tools.now()
        self.tools.journal.receipt(
            Receipt(
                step=self.number, batch=self.batch, rows=None, at_most=self.lost, started=now, finished=now
            )
        )

    def _all(self, behind: Span | None) -> int:
        """Go through the table until nothing is left, or rows keep coming; return how many are left."""
        left = 0
        for _ in range(PASSES):
            before = self.rows
            walk = self.tools.store.walk(self.step.dataset, behind)
            while (span := walk.next(self.pace.size)) is not None:
                self._do(span)
            left = self.tools.store.left(self.step.dataset, self._narrowed())
            if left == 0 or (self.rows == before and behind is None):
                break
            behind = None
        return left

    def _some(self, limit: int) -> int:
        """Touch so many rows and no more; a pilot does not look what is left."""
        self.batch += 1
        self._count(self._job(Span(leaf=0, low=0, high=0), only=limit))
        return 0

    def _do(self, span: Span) -> None:
        """Do one span, in halves of halves where it would take too long."""
        self.batch += 1
        try:
            self._count(self._job(span))
        except TooSlow as slow:
            self.batch -= 1
            if not self.pace.too_slow():
                raise Refused(slow.message, hint=slow.hint) from slow
            for part in _parts(span, self.pace.size):
                self._do(part)

    def _job(self, span: Span, *, only: int | None = None) -> Job:
        limits = self.tools.world.policy.limits
        counted = self.step.planned.rows > 0
        at_most = max(0, most_rows(self.step.planned.rows, limits) - self.rows) if counted else None
        return Job(
            plan=self.plan.hash if self.marked else "",
            number=self.number,
            batch=self.batch,
            step=self.step,
            where=self._narrowed(),
            span=span,
            at_most=at_most,
            only=only,
            hold_lock=self.tools.hold_lock,
        )

    def _count(self, job: Job) -> None:
        if self.pace.rest:
            self.tools.sleep(self.pace.rest)
        started, tick = self.tools.now(), self.tools.tick()
        try:
            rows = self.tools.store.run(job)
        except TooMany as many:
            raise self._drifted() from many
        self.pace.took(self.tools.tick() - tick)
        self.rows += rows
        self.tools.journal.receipt(
            Receipt(
                step=self.number,
                batch=job.batch,
                rows=rows,
                at_most=rows,
                started=started,
                finished=self.tools.now(),
            )
        )
        self.tools.progress(self.number, self.step, self.rows)

    def _drifted(self) -> Refused:
        planned = self.step.planned.rows
        return Refused(
            f"Step {self.step.id} was planned for {planned} rows and would touch more than "
            f"{most_rows(planned, self.tools.world.policy.limits)}: the data has drifted. "
            f"{self.rows} rows are done and stay done.",
            hint="Make a new plan and read it, or raise limits: drift: in the project.",
        )

    def _narrowed(self) -> Predicate:
        """Return the step's predicate with the holds that stand now filled in."""
        holds = self.tools.journal.holds()
        if holds != self.asked:
            self.asked = holds
            self.where = self._filled(holds)
        return self.where

    def _filled(self, holds: tuple[Hold, ...]) -> Predicate:
        world = replace(self.tools.world, facts=replace(self.tools.world.facts, holds=holds))
        return grounds.filled(world, self.step.dataset, self.step.where)

    def _kept(self, rows_left: int) -> int:
        """Count the rows that holds kept from this step."""
        if not self.asked:
            return 0
        return self.tools.store.left(self.step.dataset, self._filled(())) - rows_left


def _parts(span: Span, size: int) -> list[Span]:
    places = range(span.low, span.high, max(1, size))
    return [replace(span, low=low, high=min(low + max(1, size), span.high)) for low in places]


def action(step: Step) -> str:
    """Name what a step does, as evidence calls it."""
    if isinstance(step, DeleteRows):
        return "delete"
    return "unlink" if step.why == "unlink" else "change"
