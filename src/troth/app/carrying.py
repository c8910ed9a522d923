"""Kept plans as jobs: started, paused, resumed and cancelled by people, and looked after while they run.

A plan that is paused has no job, and resuming puts in a new one. What the jobs do is in `carrier`; how far a plan is
stands in its receipts, which `plan_progress` reads.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from troth.app import carrier, ledgers, ordering
from troth.app.carrier import BEGIN, ERASE, ERASURES, PLANS
from troth.app.request_steps import Place
from troth.jobs import model
from troth.jobs.model import Given
from troth.ledger.kept_plans import KeptPlanRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody says when they start a plan."""

    by: str
    backup_taken: bool = False
    """They state that a backup of every store of the plan exists."""
    allow: tuple[str, ...] = ()
    """Datasets that pass the share guard of a first run."""


def start(hash: str, order: Order, at: Place) -> KeptPlanRecord:
    """Hand a plan to the workers, or hand it to them again after a stop.

    Raises:
        BadInput: when no such plan is kept.
        Refused: when it was not approved, is at work, or is over.
        StoreError: when the ledger cannot be reached.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        job = _job(hash)
        with ledger.writing():
            staff = ledger.staff.identify(order.by, at=now)
            record = ledger.kept_plans.start(hash, job=job, by=staff, at=now)
            ledger.checkpoint(at=now)
    ordering.put(at, _root(record, {"backup_taken": order.backup_taken, "allow": list(order.allow)}))
    return record


def pause(hash: str, at: Place, *, by: str) -> KeptPlanRecord:
    """Have a plan stop at the end of the batch at work; it stays so until somebody resumes it.

    Raises:
        BadInput: when no such plan is kept.
        Refused: when it is not at work.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        record = ledger.kept_plans.pause(hash, by=ledger.staff.identify(by, at=now), at=now)
        ledger.checkpoint(at=now)
    return record


def resume(hash: str, at: Place, *, by: str) -> KeptPlanRecord:
    """Let a paused plan go on.

    Raises:
        BadInput: when no such plan is kept.
        Refused: when it is not paused.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        staff = ledger.staff.identify(by, at=now)
        record = ledger.kept_plans.resume(hash, job=_job(hash), by=staff, at=now)
        ledger.checkpoint(at=now)
    ordering.put(at, _root(record, {}))
    return record


def cancel(hash: str, at: Place, *, by: str) -> KeptPlanRecord:
    """Say that a plan is not to be carried out any further; what is done stays done.

    Raises:
        BadInput: when no such plan is kept.
        Refused: when it is over.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        record = ledger.kept_plans.cancel(hash, by=ledger.staff.identify(by, at=now), at=now)
        for run in ledger.runs.of_plan(hash):
            if run.state == "started":
                ledger.runs.end(run.id, state="stopped", at=now, reason="cancelled")
        ledger.checkpoint(at=now)
    return record


def care(at: Place) -> int:
    """See that every plan at work has its job; return how many had lost it.

    A process that died between writing down that a plan starts and putting in its job leaves one without. A plan
    whose jobs have all ended without an outcome has failed.
    """
    lost = 0
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        for record in ledger.kept_plans.listed(("running",)):
            found = ordering.orders(at).listed(prefix=record.job)
            if not found:
                ordering.put(at, _root(record, {}))
                lost += 1
            elif not any(one.state in ("waiting", "running") for one in found):
                now = ledger.kept_plans.read(record.hash)
                if now.state == "running" and now.job == record.job:
                    carrier.give_up(ledger, record, at, "bug")
                    lost += 1
    return lost


def _job(hash: str) -> str:
    """Name a job; another one each time a plan is started or resumed."""
    return f"plan-{hash.removeprefix('sha256:')[:16]}-{time.time_ns() // 1000}"


def _root(record: KeptPlanRecord, said: Given) -> model.Order:
    kind, queue = (BEGIN, PLANS) if record.kind == "retention" else (ERASE, ERASURES)
    given = {"plan": record.hash, "job": record.job, **said}
    return model.Order(kind=kind, id=record.job, queue=queue, given=given)
