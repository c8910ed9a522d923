"""What jobs are made of: kinds with their turns, orders, queues, schedules, and the place they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
Given: TypeAlias = Mapping[str, Json]
"""What a job is told: references, never a personal value."""

STRETCH = 10.0
"""Seconds after which a turn should come to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leash:
    """How long a turn may go on."""

    enough: Callable[[], bool]
    """Whether to come to an end: the turn took its time, or the worker is to stop."""
    job: str = ""
    """Id of the job whose turn it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job to be done: the same id put in twice is one job."""

    kind: str
    id: str
    queue: str
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of one turn of a job."""

    over: bool = True
    state: Given = field(default_factory=dict)
    """What the next turn is told."""
    wait: float = 0.0
    """Seconds before the next turn."""
    start: tuple[Order, ...] = ()
    """Jobs to be put in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of job."""

    name: str
    turn: Callable[[Given, Given, Leash], Turn]
    """Told what was ordered, and the state the turn before left; doing it twice must do nothing more."""
    queue: str
    tries: int = 8
    """How often in a row a turn may fail for want of a store before the job is given up."""
    failed: Callable[[Given, str], None] | None = None
    """Told when a job was given up, with a code that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Jobs that wait for one another."""

    name: str
    at_once: int | None = 1
    """How many run at the same time, over all workers."""
    rate: tuple[int, float] | None = None
    """So many may begin within so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A job that is due again and again: every so many minutes of the day (UTC), or once a day."""

    kind: str
    every: timedelta | None = None
    at: time | None = None
    stale: timedelta = timedelta(hours=24)
    """One that is later than this is not done at all."""

    def due(self, now: datetime) -> datetime:
        """Return the last instant, up to now, at which it was due."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.every is not None:
            return midnight + (now - midnight) // self.every * self.every
        assert self.at is not None
        today = midnight + timedelta(hours=self.at.hour, minutes=self.at.minute)
        return today if today <= now else today - timedelta(days=1)

    def order(self, now: datetime, queue: str) -> Order | None:
        """Return the job that is due now; the same one whoever asks, and however often."""
        due = self.due(now)
        if now - due > self.stale:
            return None
        return Order(kind=self.kind, id=f"scheduled-{self.kind}-{due:%Y%m%dT%H%M%SZ}", queue=queue)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where jobs are kept."""

    url: str = field(repr=False)
    """As SQLAlchemy has it."""
    file: Path | None = None
    """The SQLite file; None on PostgreSQL."""

    @property
    def lock(self) -> Path | None:
        """The file whose lock the only worker holds, where there can be one alone."""
        return self.file.with_suffix(".lock") if self.file else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """What is known of a job."""

    id: str
    kind: str
    state: str
    """`waiting`, `running`, `done`, `failed` or `cancelled`."""
    queue: str
    worker: str
    made_at: datetime
    ended_at: datetime | None
    code: str = ""
    """Why it was given up."""
