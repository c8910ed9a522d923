"""Tasks that rights leave to people: listed by due date, done by somebody's name, with evidence.

They come of plans, and of restrictions and corrections that a store cannot carry out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from troth.app import ledgers
from troth.app.clock import Clock
from troth.evidence.entry import Entry
from troth.ledger.ledger import Ledger
from troth.ledger.tasks import NewTask, TaskRecord
from troth.problems import BadInput, Problem
from troth.rights.certificate import Certificate
from troth.rights.model import ErasurePlan

FOUND = 10_000
"""Tasks beyond this number come of looking again, and stand in no plan."""


def keep(ledger: Ledger, plan: ErasurePlan, *, at: datetime) -> ErasurePlan:
    """Keep the tasks of a plan, and return it with those that still wait."""
    new = [
        NewTask(number=number, store=task.store, what=task.what, due=date.fromisoformat(task.due[:10]))
        for number, task in enumerate(plan.tasks, 1)
    ]
    if not new:
        return plan
    ledger.tasks.keep(plan.hash, new, at=at)
    waiting = {task.number for task in ledger.tasks.read(plan=plan.hash, waiting=True)}
    return replace(plan, tasks=tuple(t for number, t in enumerate(plan.tasks, 1) if number in waiting))


def found(ledger: Ledger, plan: ErasurePlan, made: Certificate, *, at: datetime, by: int) -> None:
    """Keep the tasks that looking again has added; those of which nothing is left to be found are done."""
    known = {task.what: task for task in ledger.tasks.read(plan=plan.hash) if task.number > FOUND}
    own = {task.what for task in plan.tasks}
    wanted = {task.what: task for task in made.tasks if task.what not in own}
    number = max((task.number for task in known.values()), default=FOUND)
    fresh = [task for what, task in wanted.items() if what not in known or known[what].done_at is not None]
    new = [
        NewTask(number=number + n, store=task.store, what=task.what, due=date.fromisoformat(task.due[:10]))
        for n, task in enumerate(fresh, 1)
    ]
    if new:
        ledger.tasks.keep(plan.hash, new, at=at)
    looked = {one.store for one in made.stores if one.looked}
    for what, task in known.items():
        if what not in wanted and task.done_at is None and task.store in looked:
            ledger.tasks.done(task.id, at=at, by=by)
            _note(ledger, task, at=at, by=by)


def by_hand(
    ledger: Ledger, reference: str, wanted: Iterable[tuple[str, str]], *, due: str, at: datetime
) -> tuple[TaskRecord, ...]:
    """Keep what a restriction or a correction leaves to people, and return what waits; nothing is kept twice.

    Args:
        ledger: Where they are kept.
        reference: What leaves them, as `restriction:3`.
        wanted: The store and what is to be done in it; no person is named.
        due: The day they are due.
        at: Now.
    """
    known = ledger.tasks.read(plan=reference)
    said, number = {one.what for one in known}, max((one.number for one in known), default=0)
    fresh = [one for one in dict.fromkeys(wanted) if one[1] not in said]
    new = [
        NewTask(number=number + n, store=store, what=what, due=date.fromisoformat(due[:10]))
        for n, (store, what) in enumerate(fresh, 1)
    ]
    if new:
        ledger.tasks.keep(reference, new, at=at)
    return ledger.tasks.read(plan=reference, waiting=True)


def over(ledger: Ledger, reference: str, *, at: datetime, by: int) -> tuple[TaskRecord, ...]:
    """End what waits of a restriction that is lifted; return what was done by hand, and is to be taken back so."""
    every = ledger.tasks.read(plan=reference)
    for task in every:
        if task.done_at is None:
            ledger.tasks.done(task.id, at=at, by=by)  # nobody did it: evidence tells of the lifting alone
    return tuple(task for task in every if task.done_at is not None)


def listed(
    folder: Path, environment: Mapping[str, str], clock: Clock, *, every: bool
) -> tuple[TaskRecord, ...]:
    """List tasks, the earliest due first; those that are done too where `every` asks for them."""
    with ledgers.opened(folder, environment, clock) as ledger:
        return ledger.tasks.read(waiting=not every)


def done(
    ids: Sequence[int], folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str
) -> tuple[TaskRecord, ...]:
    """Mark tasks done, all or none, and return them.

    Raises:
        BadInput: some of them are unknown, or were done before.
    """
    at = clock.now()
    with ledgers.opened(folder, environment, clock) as ledger, ledger.writing():
        waiting = {task.id: task for task in ledger.tasks.read(waiting=True)}
        wrong = [id for id in ids if id not in waiting]
        if wrong:
            raise BadInput([_unknown(id, tuple(waiting)) for id in wrong])
        staff = ledger.staff.identify(by, at=at)
        for id in dict.fromkeys(ids):
            ledger.tasks.done(id, at=at, by=staff)
            _note(ledger, waiting[id], at=at, by=staff)
        ledger.checkpoint(at=at)
        return tuple(waiting[id] for id in dict.fromkeys(ids))


def _note(ledger: Ledger, task: TaskRecord, *, at: datetime, by: int) -> None:
    of = task.plan.partition(":")[0] if ":" in task.plan else "plan"
    body = {of: task.plan, "task": f"task:{task.id}", "store": task.store, "by": f"staff:{by}"}
    ledger.append(Entry(kind="task.done", at=at, body=body))


def _unknown(id: int, waiting: tuple[int, ...]) -> Problem:
    return Problem(
        code="unknown-name",
        message=f"No task {id} waits to be done.",
        found=str(id),
        valid=tuple(str(one) for one in waiting),
        hint="`troth task list` shows the tasks that wait, `--all` those that are done too.",
    )
