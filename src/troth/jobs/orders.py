"""Jobs seen from any process: put in, listed, cancelled; the tables made where nobody has worked yet."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, WorkflowStatus
from sqlalchemy.exc import DBAPIError

from troth.errors import StoreError
from troth.jobs.model import JobRecord, Order, Place, Queue

NAME = "troth"
SCHEMA = "troth_jobs"
"""The schema of the tables on PostgreSQL, beside the ledger's own."""
WORKFLOW = "troth-job"
TOLD = "told-to-end"
"""The attribute of a job that was told to end."""
PAGE = 50
STATES = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}
ENDED = ("SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


def prepare(place: Place) -> None:
    """Make the tables, or bring them up to date; a SQLite file is nobody else's to read.

    Raises:
        StoreError: when the database cannot be reached.
    """
    logging.getLogger("dbos").setLevel(logging.WARNING)
    try:
        if place.file is not None:
            _make_file(place)
        DBOS.migrate(place.url, schema=SCHEMA)
    except (DBAPIError, OSError, sqlite3.Error) as error:
        raise away() from error


def away() -> StoreError:
    """Say that the database of jobs does not answer."""
    return StoreError(
        "The database of jobs cannot be reached or written.",
        hint="It is beside the ledger: look whether that answers, and whether its disk has room.",
    )


def _make_file(place: Place) -> None:
    assert place.file is not None
    descriptor = os.open(place.file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    os.close(descriptor)
    with contextlib.closing(sqlite3.connect(place.file, timeout=30)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The jobs of a ledger."""

    client: DBOSClient

    def put(self, order: Order) -> None:
        """Put a job in; one of that id that is there already stays as it is.

        Raises:
            StoreError: when the database cannot be reached.
        """
        try:
            self.client.enqueue(
                {"workflow_name": WORKFLOW, "queue_name": order.queue, "workflow_id": order.id},
                order.kind,
                dict(order.given),
            )
        except DBAPIError as error:
            raise away() from error

    def limit(self, queue: Queue) -> None:
        """Make a queue, or have one of that name go by these limits from now on, also for jobs that wait.

        Raises:
            StoreError: when the database cannot be reached.
        """
        rate = {"limit": queue.rate[0], "period": queue.rate[1]} if queue.rate else None
        try:
            self.client.register_queue(
                queue.name,
                global_concurrency=queue.at_once,
                limiter=rate,  # type: ignore[arg-type]
                on_conflict="always_update",
            )
        except DBAPIError as error:
            raise away() from error

    def listed(
        self, *, states: Sequence[str] = (), prefix: str = "", page: int = 1, size: int = PAGE
    ) -> tuple[JobRecord, ...]:
        """Return a page of jobs, the newest first: those in some states, or whose id begins so, or all.

        Raises:
            StoreError: when the database cannot be reached.
        """
        wanted = [theirs for theirs, ours in STATES.items() if ours in states]
        try:
            found = self.client.list_workflows(
                status=wanted or None,
                workflow_id_prefix=prefix or None,
                limit=size,
                offset=(max(1, page) - 1) * size,
                sort_desc=True,
            )
        except DBAPIError as error:
            raise away() from error
        return tuple(_record(one) for one in found)

    def read(self, id: str) -> JobRecord | None:
        """Return a job; None where there is none of that id, or it was forgotten.

        Raises:
            StoreError: when the database cannot be reached.
        """
        try:
            found = self.client.list_workflows(workflow_ids=[id])
        except DBAPIError as error:
            raise away() from error
        return _record(found[0]) if found else None

    def state(self, id: str) -> str | None:
        """Return the state of a job, `done` for one that was told to end; None where there is none of that id.

        Raises:
            StoreError: when the database cannot be reached.
        """
        try:
            found = self.client.list_workflows(workflow_ids=[id], load_input=False, load_output=False)
        except DBAPIError as error:
            raise away() from error
        if not found:
            return None
        told = (found[0].attributes or {}).get(TOLD) is True
        return "done" if told else STATES.get(found[0].status, "failed")

    def tell(self, id: str) -> None:
        """Tell a job to end, which sees it by its own state; unlike a cancelled one it counts towards the rate.

        Raises:
            StoreError: when the database cannot be reached.
        """
        try:
            self.client.update_workflow_attributes(id, {TOLD: True}, merge=True)
        except DBAPIError as error:
            raise away() from error

    def cancel(self, id: str) -> None:
        """Take a job back; a turn at work comes to its end."""
        self.client.cancel_workflow(id)

    def close(self) -> None:
        """Let go of the database."""
        self.client.destroy()


def open_orders(place: Place) -> Orders:
    """Open the jobs of a ledger, making their tables on first use.

    Raises:
        StoreError: when the database cannot be reached.
    """
    prepare(place)
    client = DBOSClient(
        system_database_url=place.url,
        dbos_system_schema=SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        system_database_pool_size=2,
        application_name=NAME,
        retry_connection_errors=False,
    )
    return Orders(client=client)


def _record(one: WorkflowStatus) -> JobRecord:
    code = _code(one)
    return JobRecord(
        id=one.workflow_id,
        kind=_kind(one),
        # To DBOS a job that was given up has ended like others: nothing is ever raised into it.
        state="failed" if code else STATES.get(one.status, "failed"),
        queue=one.queue_name or "",
        worker=one.executor_id or "",
        made_at=_at(one.created_at) or datetime.fromtimestamp(0, UTC),
        ended_at=_at(one.completed_at),
        code=code,
    )


def _kind(one: WorkflowStatus) -> str:
    given: Any = one.input["args"] if one.input else ()
    return str(given[0]) if given else ""


def _code(one: WorkflowStatus) -> str:
    if one.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
        return "ends-workers"
    came: Any = one.output
    return str(came.get("code", "")) if isinstance(came, dict) else ""


def _at(milliseconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
