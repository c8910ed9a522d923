"""Jobs as a screen shows them: workers, queues, what waits or is at work, what was given up, what is due when.

Reads the database of jobs beside the ledger. Plans are moved by `carrying`; other jobs can only be taken back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from troth.app import ordering, working
from troth.app.plans import carrier
from troth.app.requests.steps import Place
from troth.errors import Refused
from troth.jobs import admission
from troth.jobs.model import JobRecord, Queue, Schedule
from troth.problems import BadInput, Problem

MOST = 500
"""Jobs at work or waiting that are counted."""
SHOWN = 50
ENDED = 200
"""Newest ended jobs among which those that were given up are looked for."""
WHAT = {
    carrier.BEGIN: "Begin a plan",
    carrier.STORE: "Carry a plan out in a store",
    carrier.ERASE: "Erase people",
    "plan-case": "Work out what a request comes to",
    "do-case": "Carry out what was decided",
    "check": "Check every promise",
    "sweep": "Look for people who had been erased",
    "tidy": "Compute clocks anew, destroy what is over",
    "send-mail": "Send letters",
    "poll-mail": "Read the mailbox",
    "webhooks": "Tell other systems",
    "care": "See that plans have their jobs",
    admission.ADMISSION: "Be let into a store",
}
QUEUES = {
    carrier.PLANS: "Plans that begin",
    carrier.ERASURES: "Erasures",
    working.CHECKS: "Checks",
    working.CASES: "Requests",
    working.MAIL: "Mail",
    working.WEBHOOKS: "Webhooks",
    working.CARE: "Care",
}
_PLAN = re.compile(r"plan-([0-9a-f]{16})-")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One queue."""

    name: str
    says: str
    at_once: int | None
    per_minute: int | None
    """How many may begin within a minute; None where any number may."""
    running: int
    waiting: int

    @property
    def rate(self) -> str:
        """Say how many may begin; nothing where any number may."""
        return f"{self.per_minute} a minute" if self.per_minute else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """One job."""

    job: JobRecord
    what: str
    queue: str
    plan: str
    """First digits of the plan it carries out; empty for other jobs."""
    why: str = ""
    """Why it was given up, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is due again and again."""

    what: str
    when: str
    last: JobRecord | None
    next: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How work stands."""

    workers: int
    queues: tuple[QueueLine, ...]
    open: tuple[JobLine, ...]
    """At work or waiting, the newest first."""
    more: int
    """Of these, how many are not listed."""
    failed: tuple[JobLine, ...]
    schedules: tuple[Due, ...]


def look(at: Place) -> Seen:
    """Return how work stands.

    Raises:
        BadInput: when the project has faults.
        StoreError: when the database of jobs does not answer.
    """
    orders = ordering.orders(at)
    declared = tuple(working.queues(at))
    found = orders.listed(states=("waiting", "running"), size=MOST)
    ended = orders.listed(states=("failed", "done"), size=ENDED)
    now = datetime.now(UTC)  # schedules go by the clock of the machine
    return Seen(
        workers=ordering.workers(at),
        queues=_queues(declared, found),
        open=tuple(_line(one) for one in found[:SHOWN]),
        more=max(0, len(found) - SHOWN),
        failed=tuple(_line(one) for one in ended if one.state == "failed")[:SHOWN],
        schedules=tuple(
            _due(one, orders.listed(prefix=f"scheduled-{one.kind}-", size=1), now)
            for one in working.SCHEDULES
        ),
    )


def queues(at: Place) -> tuple[QueueLine, ...]:
    """Return the queues alone.

    Raises:
        BadInput: when the project has faults.
        StoreError: when the database of jobs does not answer.
    """
    found = ordering.orders(at).listed(states=("waiting", "running"), size=MOST)
    return _queues(tuple(working.queues(at)), found)


def cancel(id: str, at: Place) -> None:
    """Take back a job that waits or is at work; a turn at work comes to its end.

    Raises:
        BadInput: when there is no such job.
        Refused: when it belongs to a plan, which is moved as a whole, or is over.
    """
    orders = ordering.orders(at)
    found = orders.read(id)
    if found is None:
        raise BadInput(
            [Problem(code="unknown-name", message="There is no such job.", hint="It may be long over.")]
        )
    if _PLAN.match(id):
        raise Refused("This job belongs to a plan.", hint="Pause or cancel the plan, on its own page.")
    if found.state not in {"waiting", "running"}:
        raise Refused(f"The job is {found.state} already.")
    orders.cancel(id)


def _queues(declared: Sequence[Queue], found: Sequence[JobRecord]) -> tuple[QueueLine, ...]:
    counted = Counter((one.queue, one.state) for one in found)
    return tuple(
        QueueLine(
            name=queue.name,
            says=queue_says(queue.name),
            at_once=queue.at_once,
            per_minute=queue.rate[0] if queue.rate else None,
            running=counted[queue.name, "running"],
            waiting=counted[queue.name, "waiting"],
        )
        for queue in declared
    )


def queue_says(name: str) -> str:
    """Return what people call a queue."""
    store = name.removeprefix("store:")
    return f"Store {store}" if store != name else QUEUES.get(name, name)


def _line(job: JobRecord) -> JobLine:
    plan = _PLAN.match(job.id)
    return JobLine(
        job=job,
        what=WHAT.get(job.kind, job.kind),
        queue=queue_says(job.queue),
        plan=plan[1] if plan else "",
        why=carrier.WHY.get(job.code, job.code),
    )


def _due(schedule: Schedule, last: Sequence[JobRecord], now: datetime) -> Due:
    step = schedule.every or timedelta(days=1)
    if schedule.at is not None:
        when = f"every night at {schedule.at:%H:%M} UTC"
    else:
        minutes = int(step.total_seconds() // 60)
        when = "every minute" if minutes == 1 else f"every {minutes} minutes"
    return Due(
        what=WHAT.get(schedule.kind, schedule.kind),
        when=when,
        last=last[0] if last else None,
        next=schedule.due(now) + step,
    )
