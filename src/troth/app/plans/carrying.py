"""Kept plans as jobs: started, paused, resumed and cancelled by people, and looked after while they run.

A plan that is paused has no job, and resuming puts in a new one. What the jobs do is in `carrier`; how far a plan is
stands in its receipts, which `plan_progress` reads. What was said at its start stands in the evidence, so that every
later job is told the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from troth.app import ledgers, ordering
from troth.app.plans import carrier
from troth.app.plans.carrier import BEGIN, ERASE, ERASURES, PLANS
from troth.app.requests.steps import Place
from troth.evidence.entry import Entry
from troth.evidence.fields import DATASET, place
from troth.jobs import model
from troth.jobs.model import Given
from troth.ledger.kept_plans import KeptPlanRecord, State
from troth.ledger.ledger import Ledger


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
            said = {"backup_taken": order.backup_taken, "allow": _places(order.allow)}
            record = ledger.kept_plans.start(hash, job=job, by=staff, at=now, said=said)
            ledger.checkpoint(at=now)
        root = _root(record, _said(ledger, hash))
    ordering.put(at, root)
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
        root = _root(record, _said(ledger, hash))
    ordering.put(at, root)
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
        for record in tuple(_every(ledger, "running")):
            orders = ordering.orders(at)
            if not orders.listed(prefix=record.job, size=1):
                ordering.put(at, _root(record, _said(ledger, record.hash)))
                lost += 1
            elif not orders.listed(prefix=record.job, states=("waiting", "running"), size=1):
                now = ledger.kept_plans.read(record.hash)
                if now.state == "running" and now.job == record.job:
                    ended = orders.listed(prefix=record.job)
                    carrier.give_up(ledger, record, at, next((one.code for one in ended if one.code), "bug"))
                    lost += 1
    return lost


def _job(hash: str) -> str:
    """Name a job; another one each time a plan is started or resumed."""
    return f"plan-{hash.removeprefix('sha256:')[:16]}-{time.time_ns() // 1000}"


def _every(ledger: Ledger, state: State) -> Iterator[KeptPlanRecord]:
    """Yield every plan in a state, page by page."""
    page = 1
    while some := ledger.kept_plans.listed((state,), page=page):
        yield from some
        page += 1


def _places(datasets: Iterable[str]) -> list[str]:
    """Write names of datasets as evidence has them; what cannot be one lets nothing pass, and is left out."""
    named = (place(*one.split(".")) for one in dict.fromkeys(datasets) if all(one.split(".")))
    return [one for one in named if DATASET.accepts(one)]


def _said(ledger: Ledger, hash: str) -> Given:
    """Return what was said when a plan was started last."""
    found = ledger.evidence_pages.newest(kind="plan.started", about=hash, limit=1)
    body = Entry.decode(found[0].data).body if found else {}
    allow = body.get("allow")
    names = [unquote(str(one)) for one in allow] if isinstance(allow, list | tuple) else []
    return {"backup_taken": body.get("backup_taken") is True, "allow": list(names)}


def _root(record: KeptPlanRecord, said: Given) -> model.Order:
    kind, queue = (BEGIN, PLANS) if record.kind == "retention" else (ERASE, ERASURES)
    given = {"plan": record.hash, "job": record.job, **said}
    return model.Order(kind=kind, id=record.job, queue=queue, given=given)
