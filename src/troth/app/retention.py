"""Retention from end to end: make a plan, keep its seal, carry it out.

Everything is decided in `plan`, done in `apply` and `stores`, remembered in the ledger; here they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from troth import __version__
from troth.app.clock import Clock, Moment
from troth.app.plans import approvals
from troth.app.project import Project
from troth.app.stores import Stores, world
from troth.apply import guards
from troth.apply import run as applying
from troth.apply.guards import Permit
from troth.apply.run import Outcome, Progress, Tools
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.evidence.fields import place
from troth.evidence.instants import instant
from troth.holds import facts, register
from troth.holds.watch import Watch
from troth.ledger.journal import Application, LedgerJournal
from troth.ledger.ledger import Ledger
from troth.plan import draft as drafting
from troth.plan import seal as sealing
from troth.plan.draft import Draft
from troth.plan.frozen import digest
from troth.plan.model import Plan
from troth.plan.seal import Answers
from troth.plan.world import World
from troth.problems import Problem
from troth.stores.sql import measure
from troth.stores.sql.store import SqlStore


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan, and what was noticed while making it."""

    plan: Plan
    draft: Draft
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a person wants a plan carried out."""

    by: str
    permit: Permit
    hold_lock: timedelta | None = timedelta(milliseconds=200)
    backup_taken: bool = False


def seen(project: Project, stores: Stores, ledger: Ledger, at: datetime) -> tuple[World, tuple[Problem, ...]]:
    """Look at the world with the holds in force."""
    bare = world(project, stores, at)
    holds, problems = facts.of(register.standing(ledger), bare)
    return replace(bare, facts=replace(bare.facts, holds=holds)), problems


def answers(draft: Draft, stores: Stores) -> Answers:
    """Ask every store what the draft wants to know."""
    found: dict[str, tuple[sealing.Answer, ...]] = {}
    for name, catalog in stores.catalogs.items():
        surveys = [s for s in draft.surveys if s.dataset.partition(".")[0] == name]
        found.update(measure.measure(stores.engines[name], catalog, surveys))
    return found


def plan(project: Project, stores: Stores, ledger: Ledger, moment: Moment) -> Planned:
    """Make a retention plan for an instant; one that is not now is a simulation."""
    looked, problems = seen(project, stores, ledger, moment.at)
    draft = drafting.draft(looked)
    made = sealing.seal(looked, draft, answers(draft, stores), simulation=moment.simulation)
    return Planned(plan=made, draft=draft, problems=(*draft.problems, *problems))


def apply(
    project: Project,
    stores: Stores,
    ledger: Ledger,
    made: Plan,
    order: Order,
    clock: Clock,
    progress: Progress,
) -> tuple[Outcome, ...]:
    """Carry a plan out on each of its stores.

    Raises:
        Refused: when a guard stops it; nothing is touched by the guards themselves.
        StoreError: when a store fails; applying again goes on from there.
    """
    going = _Going(project, stores, ledger, made, order, clock)
    if open_stores := going.guarded():
        _first_runs(ledger, made, going.looked, order, going.permit, open_stores, clock)
        _sealed(ledger, made, clock)
    outcomes = tuple(going.on_store(store, progress) for store in made.stores)
    approvals.carried_out(ledger, made, by=order.by, at=clock.now())
    return outcomes


def begin(project: Project, stores: Stores, ledger: Ledger, made: Plan, order: Order, clock: Clock) -> None:
    """Let the guards look, and write down that a plan begins on each of its stores; nothing is touched yet.

    A plan that stands as begun stays so, and nothing is written down twice.

    Raises:
        Refused: when a guard stops it.
    """
    going = _Going(project, stores, ledger, made, order, clock, stretch=True)
    open_stores = going.guarded()
    begun = {run.store for run in ledger.runs.of_plan(made.hash) if run.state == "started"}
    if begun >= set(open_stores):
        return
    with ledger.writing():
        _first_runs(ledger, made, going.looked, order, going.permit, open_stores, clock)
        _sealed(ledger, made, clock)
        for store in open_stores:
            going.journal(store).begin()


def stretch(
    project: Project, stores: Stores, ledger: Ledger, made: Plan, order: Order, clock: Clock
) -> Callable[[str, Progress], Outcome]:
    """Return what goes on with a plan that was begun, on one of its stores.

    Raises:
        Refused: when a guard stops it.
    """
    going = _Going(project, stores, ledger, made, order, clock, stretch=True)
    going.guarded()
    return going.on_store


class _Going:
    """A plan on its way to its stores."""

    def __init__(
        self,
        project: Project,
        stores: Stores,
        ledger: Ledger,
        made: Plan,
        order: Order,
        clock: Clock,
        *,
        stretch: bool = False,
    ) -> None:
        self.stores, self.ledger, self.made, self.order, self.clock = stores, ledger, made, order, clock
        self.stretch = stretch
        self.looked, self.unclear = seen(project, stores, ledger, datetime.fromisoformat(made.at))
        self.permit = replace(order.permit, test_clock=clock.test)

    def guarded(self) -> list[str]:
        """Let the guards look; return the stores that are not finished."""
        guards.check_holds(self.unclear)
        missing = [store for store in self.made.stores if store not in self.stores.catalogs]
        if missing:
            raise Refused(f"The plan is for store {missing[0]}, which this project does not have.")
        guards.check_simulation(self.made, self.permit)
        limits = self.looked.policy.limits
        open_stores = [store for store in self.made.stores if not _finished(self.ledger, self.made, store)]
        if open_stores:
            approvals.check_wanted(self.ledger, self.made)
            guards.check_basis(self.made, sealing.basis(self.looked))
            guards.check_limits(self.made, limits)
            approvals.check(self.ledger, self.made, limits, by=self.order.by, at=self.clock.now())
        return open_stores

    def on_store(self, store: str, progress: Progress) -> Outcome:
        """Carry it out on one store."""
        tools = Tools(
            store=SqlStore(self.stores.engines[store], self.stores.catalogs[store], self.clock.now),
            journal=self.journal(store),
            world=self.looked,
            permit=self.permit,
            hold_lock=self.order.hold_lock,
            now=self.clock.now,
            progress=progress,
        )
        return applying.run(self.made, tools)

    def journal(self, store: str) -> LedgerJournal:
        """Return the journal of it on one store."""
        application = Application(
            plan=self.made,
            store=store,
            by=self.order.by,
            limit=self.order.permit.limit,
            only=self.order.permit.only,
            test_clock=self.clock.test,
            stretch=self.stretch,
        )
        watch = Watch(self.ledger, self.looked, also=self.made.basis.holds)
        return LedgerJournal(self.ledger, application, holds=watch, now=self.clock.now)


def _finished(ledger: Ledger, made: Plan, store: str) -> bool:
    return any(r.store == store and r.state == "finished" for r in ledger.runs.of_plan(made.hash))


def _first_runs(
    ledger: Ledger,
    made: Plan,
    looked: World,
    order: Order,
    permit: Permit,
    open_stores: list[str],
    clock: Clock,
) -> None:
    """Keep the word of whoever says that a backup exists, then let the guard look."""
    first = [s for s in open_stores if not ledger.runs.on_store(s, state="finished")]
    for store in first if order.backup_taken else ():
        if ledger.backups.last(store) is None:
            _acknowledge(ledger, made, store, order, clock)
    backed_up: Mapping[str, bool] = {store: ledger.backups.last(store) is not None for store in first}
    limits = looked.policy.limits
    guards.check_first_run(made, limits, permit, first=first, backed_up=backed_up)
    for store in first if permit.limit is None else ():
        for dataset, rows in guards.over_share(made, limits, permit, store).items():
            _overridden(ledger, made, dataset, rows, order, clock)


def _overridden(ledger: Ledger, made: Plan, dataset: str, rows: int, order: Order, clock: Clock) -> None:
    """Write down who let a dataset pass the guard of first runs."""
    at = clock.now()
    with ledger.writing():
        body = {
            "guard": "first-run-share",
            "plan": made.hash,
            "by": f"staff:{ledger.staff.identify(order.by, at=at)}",
            "dataset": place(*dataset.split(".")),
            "rows": rows,
        }
        ledger.append(Entry(kind="guard.overridden", at=at, body=body))


def _acknowledge(ledger: Ledger, made: Plan, store: str, order: Order, clock: Clock) -> None:
    at = clock.now()
    with ledger.writing():
        who = ledger.staff.identify(order.by, at=at)
        ledger.backups.acknowledge(store, by=who, at=at)
        body = {"store": store, "by": f"staff:{who}", "plan": made.hash}
        ledger.append(Entry(kind="backup.acknowledged", at=at, body=body))


def _sealed(ledger: Ledger, made: Plan, clock: Clock) -> None:
    """Write down once that the plan exists."""
    if ledger.runs.of_plan(made.hash):
        return
    kept = sum(k.tally.rows for k in made.kept)
    body = {
        "plan": made.hash,
        "made_for": "retention",
        "planned": instant(datetime.fromisoformat(made.at)),
        "policy": made.basis.rules,
        "catalog": _together(made),
        "facts": made.basis.facts,
        "steps": len(made.steps),
        "rows": made.rows,
        "kept_rows": kept,
        "promises": list(dict.fromkeys(p for step in made.steps for p in step.promises)),
        "stores": list(made.stores),
        "troth": __version__,
    }
    ledger.append(Entry(kind="plan.sealed", at=clock.now(), body=body))


def _together(made: Plan) -> str:
    return digest([list(pair) for pair in made.basis.structure])
