"""Leave to work somewhere: what a job of one queue needs before it may take a turn where another queue's limits hold.

A job that works in several places has one queue of its own. Before each turn it puts a job of kind `admission` into
the queue of each place; once the engine has let all of these begin, the turn is taken, and then they are ended. How
many are at work in a place, and how many begin within a minute, is so counted in one way whoever works there. Places
are asked in the order of their names, so that no two jobs wait for each other. An admission whose job is gone ends by
itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from troth.jobs.model import Given, Kind, Leash, Order, Queue, Turn
from troth.jobs.orders import Orders

ADMISSION = "admission"
"""The kind of job."""
PREFIX = "in-"
"""With which their ids begin."""
MARK = "admission"
"""The key of a job's state under which is kept how far its asking is."""
OPEN = ("waiting", "running")
LOOK = 0.25
"""Seconds between two looks whether an admission still is needed."""
SOON, LATER, PATIENT = 0.3, 2.0, 10
"""Seconds between two looks whether a job is let in; after so many looks the second."""

TakeTurn: TypeAlias = Callable[[Given, Given, Leash], Turn]
Needs: TypeAlias = Callable[[Given, Given], Iterable[Queue]]


def kind(orders: Callable[[], Orders], queue: str) -> Kind:
    """Return the kind of job that stands for an admission; it lasts until it is ended or its job is over."""

    def hold(given: Given, _state: Given, leash: Leash) -> Turn:
        while not leash.enough():
            if orders().state(leash.job) != "running" or orders().state(str(given["job"])) not in OPEN:
                return Turn()
            time.sleep(LOOK)
        return Turn(over=False)

    return Kind(name=ADMISSION, turn=hold, queue=queue)


def needed(orders: Callable[[], Orders], turn: TakeTurn, needs: Needs) -> TakeTurn:
    """Make a turn wait until every queue it needs has let its job in.

    Args:
        orders: Gives the jobs.
        turn: What is done once the job is in.
        needs: Told what the turn is told, names the queues.
    """

    def taken(given: Given, state: Given, leash: Leash) -> Turn:
        own = {key: value for key, value in state.items() if key != MARK}
        visit = _visit(state)
        queues = sorted(needs(given, own), key=lambda queue: queue.name)
        ids = [f"{PREFIX}{visit.number}-{queue.name}-{leash.job}" for queue in queues]
        if not queues:
            return turn(given, own, leash)
        waits = _asked(orders(), queues, ids, leash.job, visit)
        if waits is not None:
            return replace(waits, state={**own, **waits.state})
        try:
            came = turn(given, own, leash)
        finally:
            _end(orders(), ids)
        return replace(came, state={**came.state, **_Visit(number=visit.number + 1).kept})

    return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """One time a job asks to be let in."""

    number: int = 1
    looks: int = 0

    @property
    def kept(self) -> Given:
        return {MARK: {"number": self.number, "looks": self.looks}}


def _visit(state: Given) -> _Visit:
    kept = state.get(MARK)
    if not isinstance(kept, Mapping):
        return _Visit()
    return _Visit(number=int(str(kept["number"])), looks=int(str(kept["looks"])))


def _asked(
    orders: Orders, queues: Sequence[Queue], ids: Sequence[str], job: str, visit: _Visit
) -> Turn | None:
    """Ask one queue after the other; return how to wait, or nothing once the job is in."""
    for queue, id in zip(queues, ids, strict=True):
        state = orders.state(id)
        if state == "running":
            continue
        if state is None:
            orders.limit(queue)
            orders.put(Order(kind=ADMISSION, id=id, queue=queue.name, given={"job": job}))
        elif state != "waiting":  # a turn that was cut short: ask anew
            _end(orders, ids)
            return Turn(over=False, state=_Visit(number=visit.number + 1).kept)
        wait = SOON if visit.looks < PATIENT else LATER
        return Turn(over=False, state=replace(visit, looks=visit.looks + 1).kept, wait=wait)
    return None


def _end(orders: Orders, ids: Iterable[str]) -> None:
    for id in ids:
        state = orders.state(id)
        if state == "running":
            orders.tell(id)
        elif state == "waiting":
            orders.cancel(id)
