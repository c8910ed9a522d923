"""What people must do by hand for rights plans: kept from the first apply on, done by name, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from troth.ledger.models import Task
from troth.ledger.session import Session

COLUMNS = ("id", "plan", "number", "store", "what", "due", "done_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """One task."""

    id: int
    plan: str
    number: int
    store: str
    what: str
    due: date
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task before it has an id."""

    number: int
    store: str
    what: str
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """Keep tasks, list them, and mark them done."""

    session: Session

    def keep(self, plan: str, tasks: Sequence[NewTask], *, at: datetime) -> None:
        """Keep the tasks of a plan; those that are there already stay as they are."""
        with self.session.writing() as alias:
            Task.objects.using(alias).bulk_create(
                [
                    Task(plan=plan, number=t.number, store=t.store, what=t.what, due=t.due, made_at=at)
                    for t in tasks
                ],
                ignore_conflicts=True,
            )

    def read(self, *, plan: str = "", waiting: bool = False) -> tuple[TaskRecord, ...]:
        """Return tasks, the earliest due first: of one plan, or those that wait, or all."""
        with self.session.reading() as alias:
            rows = Task.objects.using(alias).order_by("due", "pk")
            rows = rows.filter(plan=plan) if plan else rows
            rows = rows.filter(done_at__isnull=True) if waiting else rows
            return tuple(TaskRecord(**row) for row in rows.values(*COLUMNS))

    def done(self, id: int, *, at: datetime, by: int) -> bool:
        """Mark a task done that waits; return whether this call did it."""
        with self.session.writing() as alias:
            rows = Task.objects.using(alias).filter(pk=id, done_at__isnull=True)
            return bool(rows.update(done_at=at, done_by_id=by))
