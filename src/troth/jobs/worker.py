"""One worker from its start to its end: its slot, its engine, the schedule, and a watch over the others' slots.

On PostgreSQL every worker looks every two seconds whether its own lock stands, for else it must end at once, and
whether jobs are held by slots that nobody has any more. Those it puts back into their queues, while it holds the dead
slot's lock, so that nobody else does the same and no new worker takes that slot in between.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from dbos import DBOS, WorkflowStatus
from sqlalchemy.exc import SQLAlchemyError

from troth.errors import StoreError
from troth.jobs import admission, slots
from troth.jobs.executor import RECOVERIES, Executor
from troth.jobs.model import Given, Kind, Place, Queue, Schedule
from troth.jobs.orders import ENDED, away
from troth.jobs.slots import PREFIX, Slots

WATCH = 2.0
"""Seconds between two looks."""
GRACE = 25.0
"""Seconds turns at work have to come to their end in when the worker stops."""
ALONE = "alone"
"""Name of the only worker beside a SQLite ledger."""
KEPT = timedelta(days=14)
"""For how long ended jobs can be looked at."""
KEPT_SCHEDULED = timedelta(days=2)
"""The same for those of the schedule, and for admissions."""
PRUNE_EVERY = timedelta(hours=1)
PRUNED_AT_ONCE = 500
LOG = logging.getLogger("troth.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker does."""

    kinds: Sequence[Kind]
    queues: Sequence[Queue]
    schedules: Sequence[Schedule]
    now: Callable[[], datetime]
    """The clock of this machine: work waits for real time to pass."""


def work(place: Place, what: Work, stop: threading.Event, told: Callable[[str], None]) -> bool:
    """Work until told to stop; return whether every turn at work came to its end.

    The process must end afterwards, and `os._exit` is the way: threads may still hold jobs between two turns.

    Args:
        place: Where jobs are kept.
        what: What can be done, and when.
        stop: Set when the worker is to stop.
        told: Told the worker's name once it works.

    Raises:
        Refused: when the only worker a SQLite ledger can have is at work already.
        StoreError: when the database cannot be reached, or the slot was lost: others may have its jobs.
    """
    with ExitStack() as held:
        mine, name = None, ALONE
        if place.lock is not None:
            held.enter_context(slots.only_one(place.lock))
        else:
            mine = held.enter_context(slots.opened(place.url))
            name = f"{PREFIX}{mine.take()}"
        executor = Executor(place, what.kinds, what.queues, name)
        executor.start()
        told(name)
        _Watch(executor, what, mine).until(stop)
        return executor.stop(GRACE)


class _Watch:
    """What a worker looks after besides its jobs."""

    def __init__(self, executor: Executor, what: Work, mine: Slots | None) -> None:
        self.executor, self.what, self.mine = executor, what, mine
        self._put: dict[str, str] = {}
        self._pruned: datetime | None = None

    def until(self, stop: threading.Event) -> None:
        """Look again and again until told to stop.

        Raises:
            StoreError: when the slot was lost, or the database of jobs cannot be written.
        """
        while True:
            try:
                self._look()
            except SQLAlchemyError as error:
                raise away() from error
            if stop.wait(WATCH):
                return

    def _look(self) -> None:
        self._schedule()
        if self.mine is not None:
            self._slots(self.mine)
        self._prune()
        self.executor.check()

    def _schedule(self) -> None:
        """Put in what is due; each worker does, and the same id is one job."""
        now = self.what.now()
        for schedule in self.what.schedules:
            order = schedule.order(now, self.executor.kinds[schedule.kind].queue)
            if order is not None and self._put.get(schedule.kind) != order.id:
                self.executor.put(order)
                self._put[schedule.kind] = order.id

    def _slots(self, mine: Slots) -> None:
        if not mine.alive():
            raise StoreError(
                "The connection that holds this worker's slot is gone, so it stops: another may have its jobs.",
                hint="Look at the PostgreSQL server; `troth serve` starts the worker again by itself.",
            )
        names = {one.executor_id for one in _pending()} - {self.executor.name}
        for name in sorted(name for name in names if name and name.startswith(PREFIX)):
            try:
                self._take_over(mine, name)
            except psycopg.Error:
                return  # the next look says that the slot is gone

    def _take_over(self, mine: Slots, name: str) -> None:
        number = int(name.removeprefix(PREFIX))
        if not mine.borrow(number):
            return
        try:
            left = _pending(name)  # again, now that nobody else can have them
            for one in left:
                self._put_back(one)
            LOG.warning("taken over", extra={"slot": name, "jobs": len(left)})
        finally:
            mine.give_back(number)

    def _put_back(self, one: WorkflowStatus) -> None:
        """Let another worker go on with a job; one that ended too many of them is given up."""
        before = (one.attributes or {}).get("takeovers", 0)
        if before >= RECOVERIES:
            DBOS.cancel_workflow(one.workflow_id)
            self._give_up(one)
            return
        DBOS.update_workflow_attributes(one.workflow_id, {"takeovers": before + 1}, merge=True)
        DBOS.resume_workflow(one.workflow_id, queue_name=one.queue_name)

    def _give_up(self, one: WorkflowStatus) -> None:
        kind, given = _ordered(one)
        known = self.executor.kinds.get(kind)
        if known is not None and known.failed is not None:
            known.failed(given, "ends-workers")

    def _prune(self) -> None:
        """Forget jobs that ended long ago, a few at a time."""
        now = self.what.now()
        if self._pruned is not None and timedelta(0) <= now - self._pruned < PRUNE_EVERY:
            return
        self._pruned = now
        for prefix, kept in (
            ("scheduled-", KEPT_SCHEDULED),
            (admission.PREFIX, KEPT_SCHEDULED),
            (None, KEPT),
        ):
            found = DBOS.list_workflows(
                status=list(ENDED),
                completed_before=(now - kept).isoformat(),
                workflow_id_prefix=prefix,
                limit=PRUNED_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            DBOS.delete_workflows([one.workflow_id for one in found])
            if len(found) == PRUNED_AT_ONCE:
                self._pruned = None


def _pending(name: str | None = None) -> list[WorkflowStatus]:
    """Return the jobs workers hold, of all of them or of one."""
    return DBOS.list_workflows(
        status="PENDING", executor_id=name, load_input=name is not None, load_output=False
    )


def _ordered(one: WorkflowStatus) -> tuple[str, Given]:
    args = tuple(one.input["args"]) if one.input else ()
    return (str(args[0]), dict(args[1])) if len(args) > 1 else ("", {})
