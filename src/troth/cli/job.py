"""`troth job`: hand plans to the workers, see how far they are, pause, resume and cancel them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, screen
from troth.cli import group as groups

if TYPE_CHECKING:
    from datetime import datetime

    from troth.app.requests.steps import Place
    from troth.ledger.kept_plans import KeptPlanRecord

group = groups.make("Hand plans to the workers, and see what they do.")
Plan = Annotated[str, typer.Argument(metavar="PLAN", help="The first digits of a kept plan's hash.")]
SHORT = 12


@group.command("list", short_help="List kept plans and the newest jobs.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="List also plans that are over.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List plans that were kept, and the newest jobs of every kind."""
    from troth.app import ledgers, ordering
    from troth.ledger import kept_plans

    at = _place(project)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        plans = ledger.kept_plans.listed(() if every else kept_plans.OPEN)
    jobs = ordering.orders(at).listed()
    if as_json:
        told = {"plans": [_plan(one) for one in plans], "workers": ordering.workers(at)}
        rows = [{"job": one.id, "kind": one.kind, "is": one.state, "by": one.worker} for one in jobs]
        screen.write(json.dumps({**told, "jobs": rows}, indent=1) + "\n")
        return
    if plans:
        rows_of = [
            (one.hash[:SHORT], one.state, one.kind, screen.number(one.rows), one.reason) for one in plans
        ]
        screen.table(("plan", "is", "kind", "rows", "why"), rows_of, right=(3,))
    if jobs:
        headings = ("job", "kind", "is", "by", "put in", "ended")
        screen.table(
            headings, [(o.id, o.kind, o.state, o.worker, _at(o.made_at), _at(o.ended_at)) for o in jobs]
        )
    screen.say(f"Workers at work: {ordering.workers(at)}.")


@group.command("queues", short_help="List the queues, with their limits.")
def queues(
    project: options.Project = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the queues: how many jobs of each may be at work at once, how many may begin, and how many wait."""
    from troth.app.screens import jobs

    found = jobs.queues(_place(project))
    if as_json:
        told = [
            {
                "queue": one.name,
                "at-once": one.at_once,
                "per-minute": one.per_minute,
                "running": one.running,
                "waiting": one.waiting,
            }
            for one in found
        ]
        screen.write(json.dumps({"queues": told}, indent=1) + "\n")
        return
    rows = [
        (
            *(one.name, str(one.at_once or "any number"), one.rate or "any number"),
            *(screen.number(one.running), screen.number(one.waiting)),
        )
        for one in found
    ]
    screen.table(("queue", "at once", "may begin", "at work", "waiting"), rows, right=(3, 4))


@group.command("show", short_help="Say how far a plan is.")
def show(plan: Plan, project: options.Project = None) -> None:
    """Say how far a plan is, step by step, from the receipts of its batches."""
    from troth.app import ledgers
    from troth.app.plans import kept
    from troth.app.plans import progress as plan_progress

    at = _place(project)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        found = kept.read(ledger, plan)
        progress = plan_progress.of(ledger, found)
    record = found.record
    screen.say(
        f"Plan {record.hash[:SHORT]} ({record.kind}) is {record.state}, {progress.percent} % done.", "bold"
    )
    if record.reason:
        screen.say(record.reason, "yellow")
    rows = [
        (str(s.number), s.dataset, screen.number(s.planned), screen.number(s.done), s.says)
        for s in progress.steps
    ]
    if rows:
        screen.table(("step", "dataset", "planned", "done", "is"), rows, right=(0, 2, 3))
    raise typer.Exit(exits.FOUND if record.state in ("failed", "stopped") else exits.DONE)


@group.command("start", short_help="Hand a plan to the workers.")
def start(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="A plan's file, or the first digits of a kept one.")
    ],
    project: options.Project = None,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="DATASET", help="First run: let this dataset pass the share guard."),
    ] = None,
    backup_taken: Annotated[
        bool, typer.Option("--backup-taken", help="State that a backup of every store of the plan exists.")
    ] = False,
    by: options.By = "",
) -> None:
    """Hand a plan to the workers; a file is kept first. One that stopped goes on."""
    from troth.app.plans import carrying

    at = _place(project)
    name = options.person(by)
    hash = _kept(at, plan, name)
    order = carrying.Order(by=name, backup_taken=backup_taken, allow=tuple(allow or ()))
    record = carrying.start(hash, order, at)
    screen.say(
        f"Plan {record.hash[:SHORT]} is {record.state}. `troth job show {record.hash[:SHORT]}` says how far."
    )


@group.command("pause", short_help="Have a plan stop after the batch at work.")
def pause(plan: Plan, project: options.Project = None, by: options.By = "") -> None:
    """Have a plan stop at the end of the batch at work; it stays so until it is resumed."""
    from troth.app.plans import carrying

    _move(plan, project, by, carrying.pause)


@group.command("resume", short_help="Let a paused plan go on.")
def resume(plan: Plan, project: options.Project = None, by: options.By = "") -> None:
    """Let a paused plan go on where it stopped."""
    from troth.app.plans import carrying

    _move(plan, project, by, carrying.resume)


@group.command("cancel", short_help="Carry a plan out no further.")
def cancel(plan: Plan, project: options.Project = None, by: options.By = "") -> None:
    """Carry a plan out no further; what is done stays done."""
    from troth.app.plans import carrying

    _move(plan, project, by, carrying.cancel)


def _move(plan: str, project: Path | None, by: str, move: Callable[..., KeptPlanRecord]) -> None:
    from troth.app import ledgers

    at = _place(project)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        hash = ledger.kept_plans.read(plan).hash
    record = move(hash, at, by=options.person(by))
    screen.say(f"Plan {record.hash[:SHORT]} is {record.state}.")


def _kept(at: Place, plan: str, by: str) -> str:
    """Return the hash of a plan: of one that is kept, or of a file, which is kept now."""
    from troth.app import ledgers
    from troth.app import project as projects
    from troth.app.plans import approvals
    from troth.app.plans import files as plans

    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        if not Path(plan).is_file():
            return ledger.kept_plans.read(plan).hash
        limits = projects.load(at.folder, now.date()).policy.limits
        return approvals.keep(ledger, plans.read_any(Path(plan)), limits, by=by, at=now).hash


def _place(project: Path | None) -> Place:
    from troth.app.requests.steps import Place

    session = options.begin(project)
    return Place(folder=session.folder, environment=session.environment, clock=session.clock)


def _plan(one: KeptPlanRecord) -> dict[str, object]:
    return {"plan": one.hash, "is": one.state, "kind": one.kind, "rows": one.rows, "why": one.reason}


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else ""
