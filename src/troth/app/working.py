"""What workers do: every kind of job with its function, the queues, and when what is due again and again is due.

A job's function is one of `app`, told references only. Instants are UTC. Machines sign as `Troth`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from troth.app import checking, ledgers, ordering, post, restoring
from troth.app import queues as stores
from troth.app.casework import doing, planning
from troth.app.casework.desk import Desk
from troth.app.clock import Moment
from troth.app.mailbox import boxes, taking
from troth.app.plans import carrying
from troth.app.plans.carrier import BEGIN, ERASE, ERASURES, PLANS, STORE, Carrier
from troth.app.requests import care as request_care
from troth.app.requests.steps import Place
from troth.app.systems import webhooks
from troth.jobs import admission, logs, worker
from troth.jobs.model import Given, Kind, Leash, Order, Queue, Schedule, Turn
from troth.letters import smtp

MACHINE = "Troth"
CHECKS, CASES, MAIL, WEBHOOKS, CARE = "checks", "cases", "mail", "webhooks", "care"
"""Queues besides those of plans and stores."""
INTO_STORES = frozenset({BEGIN, ERASE, "plan-case", "do-case", "check", "sweep"})
"""Kinds that go into stores from other queues than the stores' own."""
PLANS_AT_ONCE = 2
CASES_AT_ONCE = 2
MINUTE = timedelta(minutes=1)
SOON = timedelta(minutes=10)
"""What is due every minute and was not done for so long is not made up for."""

SCHEDULES: tuple[Schedule, ...] = (
    Schedule(kind="care", every=MINUTE, stale=SOON),
    Schedule(kind="send-mail", every=MINUTE, stale=SOON),
    Schedule(kind="poll-mail", every=MINUTE, stale=SOON),
    Schedule(kind="webhooks", every=MINUTE, stale=SOON),
    Schedule(kind="check", at=time(2, 10)),
    Schedule(kind="tidy", at=time(3, 10)),
    Schedule(kind="sweep", at=time(4, 10)),
)
"""When what is due. A night that no worker was at work is made up for by the next one to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jobs:
    """Functions of `app` as the turns of jobs."""

    at: Place

    def check(self) -> None:
        """Check every promise."""
        at = self.at
        checking.check(at.folder, at.environment, at.clock, Moment(at=at.clock.now()), by=MACHINE)

    def send_mail(self) -> None:
        """Send the letters that are due, where a mail server is set."""
        if self.at.environment.get(smtp.VARIABLE):
            post.send(self.at.folder, self.at.environment, self.at.clock)

    def poll_mail(self) -> None:
        """Take in what came to the mailbox, where one is set."""
        if self.at.environment.get(boxes.VARIABLE):
            taking.poll(self.at)

    def webhooks(self) -> None:
        """Tell other systems what happened."""
        webhooks.deliver(self.at)

    def tidy(self) -> None:
        """Compute the clocks of requests anew, and destroy what they say of people once its time is over."""
        request_care.recompute(self.at)
        request_care.tidy(self.at, by=MACHINE)

    def sweep(self) -> None:
        """Look for people who had been erased; nothing is changed."""
        at = self.at
        moment = Moment(at=at.clock.now())
        restoring.sweep(at.folder, at.environment, at.clock, moment, stores=(), by=MACHINE)

    def care(self) -> None:
        """See that plans at work have their jobs."""
        carrying.care(self.at)

    def plan_case(self, given: Given, _state: Given, _leash: Leash) -> Turn:
        """Work out what a request comes to."""
        planning.work_out(self._desk(given), int(str(given["case"])), joined=given.get("joined") is True)
        return Turn()

    def do_case(self, given: Given, _state: Given, _leash: Leash) -> Turn:
        """Carry out what was decided of a request."""
        doing.carry_out(self._desk(given), int(str(given["case"])), doing.Ordered())
        return Turn()

    def _desk(self, given: Given) -> Desk:
        staff = int(str(given["staff"]))
        with ledgers.opened(self.at.folder, self.at.environment, self.at.clock) as ledger:
            name = ledger.staff.names(staff)[staff]
        return Desk(folder=self.at.folder, environment=self.at.environment, clock=self.at.clock, by=name)


def kinds(at: Place) -> tuple[Kind, ...]:
    """Return every kind of job, with what does it."""
    return tuple(replace(kind, turn=_resting(at, _let_in(at, kind))) for kind in _kinds(at))


def _let_in(at: Place, kind: Kind) -> admission.TakeTurn:
    """Have a job wait, before each turn, for the stores that limit what jobs do in them and that it goes into."""
    if kind.name not in INTO_STORES:
        return kind.turn
    touches = Carrier(at=at).touches

    def needs(given: Given, state: Given) -> Iterator[Queue]:
        datamap = stores.declared(at)
        limited = stores.limited(datamap)
        only = touches(given, state) if limited and kind.name == ERASE else None
        for store in limited:
            if only is None or store in only:
                yield stores.of(store, datamap)

    return admission.needed(lambda: ordering.orders(at), kind.turn, needs)


def _resting(at: Place, turn: Callable[[Given, Given, Leash], Turn]) -> Callable[[Given, Given, Leash], Turn]:
    """Give the thread's connection to the ledger back after a turn: servers have few, and jobs wait for long."""

    def taken(given: Given, state: Given, leash: Leash) -> Turn:
        try:
            return turn(given, state, leash)
        finally:
            ledgers.keep(at.folder, at.environment, at.clock).rest()

    return taken


def _kinds(at: Place) -> tuple[Kind, ...]:
    carry, jobs = Carrier(at=at), _Jobs(at=at)
    return (
        Kind(name=BEGIN, turn=carry.begin, queue=PLANS, failed=carry.failed),
        Kind(name=STORE, turn=carry.on_store, queue=PLANS, failed=carry.failed),
        Kind(name=ERASE, turn=carry.erase, queue=ERASURES, failed=carry.failed),
        Kind(name="plan-case", turn=jobs.plan_case, queue=CASES),
        Kind(name="do-case", turn=jobs.do_case, queue=CASES),
        _once("check", jobs.check, CHECKS, tries=3),
        _once("sweep", jobs.sweep, CHECKS, tries=3),
        _once("tidy", jobs.tidy, CASES, tries=3),
        _once("send-mail", jobs.send_mail, MAIL),
        _once("poll-mail", jobs.poll_mail, MAIL),
        _once("webhooks", jobs.webhooks, WEBHOOKS),
        _once("care", jobs.care, CARE),
        admission.kind(lambda: ordering.orders(at), PLANS),
    )


def _once(name: str, do: Callable[[], None], queue: str, *, tries: int = 0) -> Kind:
    """Make a kind of one turn that is told nothing; what is due every minute is not tried again before the next."""

    def turn(_given: Given, _state: Given, _leash: Leash) -> Turn:
        do()
        return Turn()

    return Kind(name=name, turn=turn, queue=queue, tries=tries)


def queues(at: Place) -> Iterator[Queue]:
    """Yield the queues: each store has its own, as the data map limits it.

    Raises:
        BadInput: when the project has faults.
    """
    yield Queue(name=PLANS, at_once=PLANS_AT_ONCE)
    yield Queue(name=CASES, at_once=CASES_AT_ONCE)
    for name in (ERASURES, CHECKS, MAIL, WEBHOOKS, CARE):
        yield Queue(name=name)
    yield from stores.each(stores.declared(at))


def work(at: Place, stop: threading.Event, told: Callable[[str], None]) -> bool:
    """Do what waits until told to stop; return whether every turn at work came to its end.

    The process must end afterwards by `os._exit`.

    Raises:
        BadInput: when the project has faults.
        Refused: when a SQLite ledger has its only worker already.
        StoreError: when the ledger cannot be reached, or was lost.
    """
    logs.configure()
    ledgers.keep(at.folder, at.environment, at.clock)
    what = worker.Work(
        kinds=kinds(at), queues=tuple(queues(at)), schedules=SCHEDULES, now=lambda: datetime.now(UTC)
    )
    return worker.work(ordering.kept(at.folder, at.environment), what, stop, told)


def check_now(at: Place) -> str:
    """Have every promise checked as soon as a worker is free; return the job's id.

    Raises:
        StoreError: when the ledger's database cannot be reached.
    """
    return _ask(at, "check", CHECKS, f"check-{datetime.now(UTC):%Y%m%dT%H%M%SZ}", {})


def plan_case(at: Place, case: int, *, by: str, joined: bool = False) -> str:
    """Have it worked out what a request comes to; return the job's id.

    Raises:
        StoreError: when the ledger's database cannot be reached.
    """
    return _ask(at, "plan-case", CASES, _of(case, "plan"), {**_whose(at, case, by), "joined": joined})


def do_case(at: Place, case: int, *, by: str) -> str:
    """Have carried out what was decided of a request that needs no more said; return the job's id.

    Raises:
        StoreError: when the ledger's database cannot be reached.
    """
    return _ask(at, "do-case", CASES, _of(case, "do"), _whose(at, case, by))


def _ask(at: Place, kind: str, queue: str, id: str, given: Given) -> str:
    ordering.put(at, Order(kind=kind, id=id, queue=queue, given=given))
    return id


def _of(case: int, what: str) -> str:
    return f"case-{case}-{what}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"


def _whose(at: Place, case: int, by: str) -> Mapping[str, int]:
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        return {"case": case, "staff": ledger.staff.identify(by, at=at.clock.now())}
