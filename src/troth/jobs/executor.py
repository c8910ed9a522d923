"""The worker's engine: DBOS with one workflow, which takes a job turn by turn.

What a turn returned is kept before the next one begins. A turn never raises into DBOS, which would keep the message:
a store that is away is waited for, anything else gives the job up with a code. Told to stop, jobs are left between
two turns; whoever starts next goes on with them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from troth.errors import Damaged, Refused, StoreError, TrothError
from troth.jobs.model import STRETCH, Given, Json, Kind, Leash, Order, Place, Queue, Turn
from troth.jobs.orders import NAME, SCHEMA, WORKFLOW, away, prepare

VERSION = "troth-1"
"""Of what a job's turns look like to DBOS, fixed by us: jobs begun before an update go on after it."""
WAITS = (5.0, 30.0, 120.0, 600.0)
"""Seconds before a turn that failed for want of a store is taken again; the last one from then on."""
POOL = 3
"""Connections of a worker to the database of jobs."""
SETTLES = 10.0
"""Seconds after its last turn in which a job's end must stand in the database."""
RECOVERIES = 20
"""Workers that may die over a job before it is taken for the reason."""
LOG = logging.getLogger("troth.jobs")


@dataclass(slots=True)
class _Stop:
    """Whether the worker is to stop, and how many turns are at work."""

    asked: threading.Event
    turns: int
    changed: threading.Condition


class Executor:
    """One worker's engine; a process has one."""

    def __init__(self, place: Place, kinds: Sequence[Kind], queues: Sequence[Queue], name: str) -> None:
        """Take where jobs are kept, what can be done, and the name under which this worker is known."""
        self.place, self.queues, self.name = place, queues, name
        self.kinds: Mapping[str, Kind] = {kind.name: kind for kind in kinds}
        self._stop = _Stop(threading.Event(), 0, threading.Condition())
        self._lost = threading.Event()
        self._ended: dict[str, float] = {}

    def start(self) -> None:
        """Begin to take jobs, first of all those this worker's name left behind.

        Raises:
            StoreError: when the database cannot be reached.
        """
        prepare(self.place)
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": self.place.url,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self.name,
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": POOL,
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        DBOS(config=config)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=RECOVERIES)
        def job(kind: str, given: dict[str, Any]) -> dict[str, Any]:
            return self._whole(kind, given)

        try:
            self._launch()
        except SQLAlchemyError as error:
            raise away() from error

    def _launch(self) -> None:
        DBOS.launch()
        for queue in self.queues:
            rate = {"limit": queue.rate[0], "period": queue.rate[1]} if queue.rate else None
            DBOS.register_queue(
                queue.name,
                global_concurrency=queue.at_once,
                limiter=rate,  # type: ignore[arg-type]
                on_conflict="always_update",
            )

    def put(self, order: Order) -> None:
        """Put a job in; one of that id that is there already stays as it is."""
        DBOS.enqueue_workflow_with_options(
            {"workflow_name": WORKFLOW, "queue_name": order.queue, "workflow_id": order.id},
            order.kind,
            dict(order.given),
        )

    def stop(self, seconds: float) -> bool:
        """Take no more turns and wait for those at work; tell whether all came to their end in time.

        The process must end afterwards: jobs between two turns stay where they are until then.
        """
        self._stop.asked.set()
        deadline = time.monotonic() + seconds
        with self._stop.changed:
            while self._stop.turns and time.monotonic() < deadline:
                self._stop.changed.wait(deadline - time.monotonic())
            return not self._stop.turns

    def check(self) -> None:
        """See that what jobs came to could be kept; else only a new worker goes on with them.

        Raises:
            StoreError: when something was not kept: this worker must end.
        """
        late = [id for id, ended in list(self._ended.items()) if time.monotonic() - ended > SETTLES]
        if late:
            held = DBOS.list_workflows(
                workflow_ids=late, status="PENDING", load_input=False, load_output=False
            )
            if any(one.executor_id == self.name for one in held):
                self._lost.set()
            for id in late:
                self._ended.pop(id, None)
        if self._lost.is_set():
            raise away()

    def _whole(self, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run a job; where what it came to cannot be kept, hold it until the process has ended.

        Were the error raised into DBOS, the job would be over, or be held by a worker that forgot it.
        """
        try:
            return self._run(kind, given)
        except SQLAlchemyError:
            LOG.error("not kept", extra={"kind": kind})
            self._lost.set()
            threading.Event().wait()  # until the process has ended
            raise
        finally:
            self._ended[str(DBOS.workflow_id)] = time.monotonic()

    def _run(self, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        """Take a job from its first turn to its last: the workflow, which a new worker goes through again."""
        state: dict[str, Any] = {}
        tried = 0
        while True:
            came: dict[str, Any] = DBOS.run_step({"name": kind}, self._turn, kind, given, state)
            for order in came["start"]:
                self.put(Order(**order))
            tried = tried + 1 if came["away"] else 0
            if came["code"] or (known := self.kinds.get(kind)) is None or tried > known.tries:
                code = str(came["code"] or "store-away")
                DBOS.run_step({"name": "failed"}, self._give_up, kind, given, code)
                return {"code": code}
            if came["over"]:
                return {}
            state = came["state"]
            wait = WAITS[min(tried, len(WAITS)) - 1] if tried else came["wait"]
            if wait:
                DBOS.sleep(wait)

    def _turn(self, kind: str, given: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        """Take one turn, whatever comes of it; the edge at which nothing is raised any more."""
        with self._at_work():
            try:
                known = self.kinds.get(kind)
                return (
                    _kept(known.turn(given, state, self._leash())) if known else _kept(Turn(), "unknown-kind")
                )
            except StoreError:
                LOG.warning("away", extra={"kind": kind})
                return _kept(Turn(over=False, state=state), away=True)
            except TrothError as error:
                LOG.warning("refused", extra={"kind": kind})
                return _kept(Turn(), _CODES.get(type(error), "bad-input"))
            except Exception as error:  # noqa: BLE001 the edge of a job
                LOG.error("bug", extra={"kind": kind, "error": type(error).__name__, "where": _where(error)})
                return _kept(Turn(), "bug")

    def _give_up(self, kind: str, given: dict[str, Any], code: str) -> None:
        known = self.kinds.get(kind)
        if known is None or known.failed is None:
            return
        with self._at_work():
            try:
                known.failed(given, code)
            except TrothError:
                LOG.warning("not noted", extra={"kind": kind})
            except Exception as error:  # noqa: BLE001 the edge of a job
                LOG.error("bug", extra={"kind": kind, "error": type(error).__name__, "where": _where(error)})

    def _leash(self) -> Leash:
        end = time.monotonic() + STRETCH
        return Leash(
            enough=lambda: self._stop.asked.is_set() or time.monotonic() >= end, job=str(DBOS.workflow_id)
        )

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Count a turn; once the worker is to stop, none begins any more."""
        if self._stop.asked.is_set():
            threading.Event().wait()  # until the process has ended
        with self._stop.changed:
            self._stop.turns += 1
        try:
            yield
        finally:
            with self._stop.changed:
                self._stop.turns -= 1
                self._stop.changed.notify_all()


_CODES: Mapping[type[TrothError], str] = {Refused: "refused", Damaged: "damaged"}


def _kept(turn: Turn, code: str = "", *, away: bool = False) -> dict[str, Any]:
    """Write a turn down as DBOS keeps it."""
    start: list[Json] = [
        {"kind": one.kind, "id": one.id, "queue": one.queue, "given": dict(one.given)} for one in turn.start
    ]
    state: Given = turn.state
    return {
        **{"over": turn.over, "state": dict(state), "wait": turn.wait, "start": start},
        **{"code": code, "away": away},
    }


def _where(error: Exception) -> str:
    """Name the line an error comes from, which holds no value."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}" if place else ""
