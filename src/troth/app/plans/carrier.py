"""The turns of the jobs that carry kept plans out: stretch by stretch, each as short as its leash.

A retention plan begins with one job, which lets the guards look and puts in a job for each store; an erasure is one
job, which goes from store to store and then looks again. Between two batches a job sees whether its plan still is to
go on. What stops a plan is written to its row in words; a store that is away is left to the engine, which waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from troth.app import erased, files, ledgers, ordering, queues, retention, stores
from troth.app import project as projects
from troth.app.casework import doing
from troth.app.casework.desk import Desk
from troth.app.plans import kept
from troth.app.project import Project
from troth.app.requests.steps import Place
from troth.app.stores import Stores
from troth.apply.guards import Permit
from troth.apply.ports import Enough
from troth.errors import Busy, TrothError
from troth.errors import StoreError as Away
from troth.jobs import model
from troth.jobs.model import Given, Json, Leash, Turn
from troth.ledger.journal import Application, LedgerJournal, Outcome
from troth.ledger.ledger import Ledger
from troth.plan.model import Plan
from troth.problems import BadInput
from troth.rights import certificate as certificates
from troth.rights.certificate import Certificate
from troth.rights.model import ErasurePlan

from troth.ledger.kept_plans import Ended, KeptPlanRecord  # isort: skip  # after the ledger

BEGIN, STORE, ERASE = "begin-plan", "plan-store", "erase-plan"
"""Kinds of jobs."""
PLANS, ERASURES = "plans", "erasures"
"""Queues besides those of the stores."""
LOOK = 0.5
"""Seconds between two looks whether a plan still is to go on."""
BUSY = 2.0
"""Seconds before a store is tried again that another apply has."""
ROUNDS = (30.0, 120.0, 600.0)
"""Seconds before stores are tried again that failed in an erasure."""
CERTIFICATES = "certificates"
WHY = {
    "store-away": "A store did not answer for too long. Start the plan again once it does.",
    "ends-workers": "It ended every worker that tried it. Look at their memory, then start it again.",
    "bug": "A fault in Troth stopped it; the worker's log says where.",
}
LEFT = "Rows are left: they came while the plan ran, or wait for others. Make a new plan."


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """The turns of the jobs that carry plans out."""

    at: Place

    def begin(self, given: Given, _state: Given, _leash: Leash) -> Turn:
        """Let the guards look, write down that a retention plan begins, and put in a job for each store."""
        with self._ledger() as ledger:
            record = _wanted(ledger, given)
            made = kept.of_text(ledger.kept_plans.text(record.hash)) if record else None
            if record is None or not isinstance(made, Plan):
                return Turn()
            try:
                with self._stores() as (project, opened):
                    order = self._order(ledger, record, given)
                    retention.begin(project, opened, ledger, made, order, self.at.clock)
            except Away as error:
                ledger.kept_plans.note(record.hash, error.message)
                raise
            except TrothError as error:
                end(ledger, record, self.at, "stopped", _words(error))
                return Turn()
            if not made.stores:
                end(ledger, record, self.at, "done", "")
            return Turn(start=tuple(self._at_store(given, store) for store in made.stores))

    def on_store(self, given: Given, state: Given, leash: Leash) -> Turn:
        """Go on with a retention plan on one store."""
        store = str(given["store"])
        with self._ledger() as ledger:
            record = _wanted(ledger, given)
            made = kept.of_text(ledger.kept_plans.text(record.hash)) if record else None
            if record is None or not isinstance(made, Plan):
                return Turn()
            try:
                with self._stores() as (project, opened):
                    order = self._order(ledger, record, given)
                    going = retention.stretch(project, opened, ledger, made, order, self.at.clock)
                    outcome = going(store, self._progress(ledger, given, leash))
            except Enough:
                return self._rest(ledger, given, state)
            except Busy:
                return Turn(over=False, state=state, wait=BUSY)
            except Away as error:
                ledger.kept_plans.note(record.hash, error.message)
                raise
            except TrothError as error:
                _stop(ledger, made, store, self.at, "stopped", "refused")
                ledger.kept_plans.note(record.hash, _words(error))
            else:
                if not outcome.clean:
                    ledger.kept_plans.note(record.hash, LEFT)
            _sum(ledger, record, made, self.at)
            return Turn()

    def erase(self, given: Given, state: Given, leash: Leash) -> Turn:
        """Go on with an erasure: in the next store, or, when all are done, look again."""
        with self._ledger() as ledger:
            record = _wanted(ledger, given)
            made = kept.of_text(ledger.kept_plans.text(record.hash)) if record else None
            if record is None or not isinstance(made, ErasurePlan):
                return Turn()
            try:
                if record.case is not None:
                    return self._case(ledger, record, self._progress(ledger, given, leash))
                return self._erasing(ledger, record, made).turn(state, self._progress(ledger, given, leash))
            except Enough:
                return Turn(over=_wanted(ledger, given) is None, state=state)
            except Busy:
                return Turn(over=False, state=state, wait=BUSY)
            except Away as error:
                ledger.kept_plans.note(record.hash, error.message)
                raise
            except TrothError as error:
                end(ledger, record, self.at, "stopped", _words(error))
                return Turn()

    def failed(self, given: Given, code: str) -> None:
        """Write down that a job was given up."""
        with self._ledger() as ledger:
            record = _wanted(ledger, given)
            if record is None:
                return
            made = kept.of_text(ledger.kept_plans.text(record.hash))
            store = str(given.get("store", ""))
            if store and isinstance(made, Plan):
                _stop(ledger, made, store, self.at, "failed", code)
                ledger.kept_plans.note(record.hash, WHY.get(code, code))
                _sum(ledger, record, made, self.at)
            else:
                give_up(ledger, record, self.at, code)

    def _erasing(self, ledger: Ledger, record: KeptPlanRecord, made: ErasurePlan) -> _Erasing:
        by = self._by(ledger, record)
        return _Erasing(at=self.at, ledger=ledger, record=record, made=made, by=by)

    def _case(self, ledger: Ledger, record: KeptPlanRecord, progress: Callable[..., None]) -> Turn:
        """Carry out the erasure of a request by the request's own way, which writes to it."""
        assert record.case is not None
        desk = Desk(
            folder=self.at.folder,
            environment=self.at.environment,
            clock=self.at.clock,
            by=self._by(ledger, record),
        )
        carried = doing.carry_out(desk, record.case, doing.Ordered(), progress)
        end(
            ledger,
            record,
            self.at,
            "done" if carried.over else "stopped",
            "" if carried.over else carried.says,
        )
        return Turn()

    def _ledger(self) -> AbstractContextManager[Ledger]:
        return ledgers.opened(self.at.folder, self.at.environment, self.at.clock)

    def touches(self, given: Given, state: Given) -> tuple[str, ...] | None:
        """Name the stores an erasure's next turn works in; None where it looks at all of them."""
        left = _names(state.get("left"), ())
        if left:
            return left[:1]
        if state:
            return None
        with self._ledger() as ledger:
            record = _wanted(ledger, given)
            made = kept.of_text(ledger.kept_plans.text(record.hash)) if record else None
        if record is None or record.case is not None or not isinstance(made, ErasurePlan):
            return None
        return made.stores[:1] or None

    def _rest(self, ledger: Ledger, given: Given, state: Given) -> Turn:
        """End a turn that took its time; where the store is limited, what waits there goes before the next one."""
        if _wanted(ledger, given) is None:
            return Turn()
        store = str(given["store"])
        if store not in queues.limited(queues.declared(self.at)):
            return Turn(over=False, state=state)
        part = int(str(given.get("part", 1))) + 1
        return Turn(start=(self._at_store(given, store, part),))

    def _at_store(self, given: Given, store: str, part: int = 1) -> model.Order:
        queue = queues.of(store, queues.declared(self.at))
        ordering.orders(self.at).limit(queue)
        told: dict[str, Json] = {"plan": given["plan"], "job": given["job"], "store": store}
        if part > 1:
            told["part"] = part
        id = f"{given['job']}-{store}" + (f"+{part}" if part > 1 else "")
        return model.Order(kind=STORE, id=id, queue=queue.name, given=told)

    @contextmanager
    def _stores(self) -> Iterator[tuple[Project, Stores]]:
        project = projects.load(self.at.folder, self.at.clock.now().date())
        with stores.opened(project, self.at.environment, readonly=False) as opened:
            yield project, opened

    def _order(self, ledger: Ledger, record: KeptPlanRecord, given: Given) -> retention.Order:
        allow = given.get("allow")
        return retention.Order(
            by=self._by(ledger, record),
            permit=Permit(allow=frozenset(map(str, allow)) if isinstance(allow, list) else frozenset()),
            backup_taken=given.get("backup_taken") is True,
        )

    def _by(self, ledger: Ledger, record: KeptPlanRecord) -> str:
        staff = record.started_by or record.made_by
        return ledger.staff.names(staff)[staff]

    def _progress(self, ledger: Ledger, given: Given, leash: Leash) -> Callable[..., None]:
        """Return what is told of each batch and says when it is enough."""
        looked = time.monotonic()

        def progress(*_: object) -> None:
            nonlocal looked
            if leash.enough():
                raise Enough
            if time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                if _wanted(ledger, given) is None:
                    raise Enough

        return progress


@dataclass(frozen=True, slots=True, kw_only=True)
class _Erasing:
    """An erasure on its way: stores that are left, stores that failed, and in which round that is."""

    at: Place
    ledger: Ledger
    record: KeptPlanRecord
    made: ErasurePlan
    by: str

    def turn(self, state: Given, progress: Callable[..., None]) -> Turn:
        """Work in the next store; when none is left, look again everywhere."""
        left = _names(state.get("left"), self.made.stores)
        failed, tried = _names(state.get("failed"), ()), int(str(state.get("round", 0)))
        if left:
            return self._in_store(left, failed, tried, progress)
        if failed and tried < len(ROUNDS):
            return Turn(over=False, state=_state(failed, (), tried + 1), wait=ROUNDS[tried])
        came = self._apply(progress, ())
        if any(one.busy for one in came.results):
            return Turn(over=False, state=state, wait=BUSY)
        self._ended(came)
        return Turn()

    def _in_store(
        self, left: tuple[str, ...], failed: tuple[str, ...], tried: int, progress: Callable[..., None]
    ) -> Turn:
        result = next((one for one in self._apply(progress, left[:1]).results if one.store == left[0]), None)
        if result is not None and result.busy:
            return Turn(over=False, state=_state(left, failed, tried), wait=BUSY)
        if result is not None and result.state == "failed":
            self.ledger.kept_plans.note(self.record.hash, result.message)
            failed = (*failed, left[0])
        return Turn(over=False, state=_state(left[1:], failed, tried))

    def _apply(self, progress: Callable[..., None], only: tuple[str, ...]) -> erased.Erased:
        order = erased.Order(by=self.by, stores=only, patient=True)
        return erased.apply(self.made, self.at.folder, self.at.environment, self.at.clock, order, progress)

    def _ended(self, came: erased.Erased) -> None:
        if came.certificate is None:  # done and proven before
            end(self.ledger, self.record, self.at, "done", "")
            return
        self._keep(came.certificate)
        outcome = came.certificate.outcome
        if outcome in doing.FINISHED:
            end(self.ledger, self.record, self.at, "done", "")
            return
        said = next((one.message for one in came.results if one.message), "")
        reason = f"Looked at again, the erasure is {outcome}: see its certificate. {said}".strip()
        end(self.ledger, self.record, self.at, "failed" if outcome == "failed" else "stopped", reason)

    def _keep(self, written: Certificate) -> None:
        """Write the certificate beside the ledger's file; its digest stands in the evidence."""
        folder = self.at.folder / ledgers.HOME / CERTIFICATES
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(folder / f"{self.made.hash}.json", certificates.dump(written))


def end(ledger: Ledger, record: KeptPlanRecord, at: Place, state: Ended, reason: str | None) -> None:
    """Write down what came of a plan."""
    ledger.kept_plans.end(record.hash, state, at=at.clock.now(), reason=reason)


def give_up(ledger: Ledger, record: KeptPlanRecord, at: Place, code: str) -> None:
    """Write down that the job of a plan was given up, and with it what it had begun."""
    made = kept.of_text(ledger.kept_plans.text(record.hash))
    for run in ledger.runs.of_plan(record.hash):
        if run.state == "started" and isinstance(made, Plan):
            _stop(ledger, made, run.store, at, "failed", code)
    end(ledger, record, at, "failed", WHY.get(code, code))


def _wanted(ledger: Ledger, given: Given) -> KeptPlanRecord | None:
    """Return the plan of a job; None where it is not to go on, or goes on by another job."""
    record = ledger.kept_plans.read(str(given["plan"]))
    return record if record.state == "running" and record.job == given["job"] else None


def _stop(ledger: Ledger, made: Plan, store: str, at: Place, outcome: Outcome, reason: str) -> None:
    """Write down that carrying a plan out on a store stopped, where nobody has done so."""
    now = at.clock.now
    run = next((r for r in ledger.runs.of_plan(made.hash) if r.store == store and r.state == "started"), None)
    if run is not None:
        journal = LedgerJournal(ledger, Application(plan=made, store=store, by=""), holds=tuple, now=now)
        journal.run = run.id
        journal.ended(outcome, reason)


def _sum(ledger: Ledger, record: KeptPlanRecord, made: Plan, at: Place) -> None:
    """Once no store is at work any more, write down what came of the plan."""
    states = {run.store: run for run in ledger.runs.of_plan(made.hash)}
    runs = [states.get(store) for store in made.stores]
    if any(run is None or run.state == "started" for run in runs):
        return
    if all(run is not None and run.state == "finished" for run in runs):
        end(ledger, record, at, "done", "")
    else:
        gone = any(run is not None and run.reason in WHY for run in runs)
        end(ledger, record, at, "failed" if gone else "stopped", None)


def _state(left: tuple[str, ...], failed: tuple[str, ...], tried: int) -> Given:
    return {"left": list(left), "failed": list(failed), "round": tried}


def _names(kept_names: Json, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(str, kept_names)) if isinstance(kept_names, list) else otherwise


def _words(error: TrothError) -> str:
    """Say what stopped a plan; of faults in the project's files, the first."""
    if isinstance(error, BadInput):
        return f"The project cannot be used: {error.problems[0].message}"
    return f"{error.message} {error.hint}".strip()
