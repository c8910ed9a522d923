"""`troth plan`: what must happen now, as data: made, shown, compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import erase, options, screen
from troth.cli import group as groups

if TYPE_CHECKING:
    from troth.plan.model import Plan
    from troth.problems import Problem

group = groups.make("Say what must happen now, and why.")

File = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan's file.")]


class Format(StrEnum):
    """How a plan is written."""

    TEXT = "text"
    JSON = "json"


@group.command("retention", short_help="Plan what has to go by now.")
def retention(
    project: options.Project = None,
    at: options.At = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the plan here, to be applied.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
) -> None:
    """Plan what has outlived its retention rule: what goes, what is blanked, what stays and why."""
    from troth.app import ledgers, retention, stores
    from troth.app import project as projects
    from troth.app.plans import files as plans

    session = options.begin(project)
    moment = session.moment(at)
    loaded = projects.load(session.folder, moment.at.date())
    with (
        stores.opened(loaded, session.environment, readonly=True) as opened,
        ledgers.opened(session.folder, session.environment, session.clock) as ledger,
    ):
        planned = retention.plan(loaded, opened, ledger, moment)
    if format is Format.JSON:
        screen.write(plans.text(planned.plan))
    else:
        _show(planned.plan, plans.sentences(planned.plan, loaded.policy), planned.problems)
        for store in opened.unbuilt:
            screen.say(f"note: store {store} has no engine yet; nothing was planned for it.")
    if out is not None:
        plans.write(out, planned.plan)
        screen.complain(f"Plan written to {out}. To carry it out: troth apply {out}\n")


@group.command("show", short_help="Show a plan from its file.")
def show(
    plan: File,
    project: options.Project = None,
    sql: Annotated[bool, typer.Option("--sql", help="Show the SQL of each step; asks the stores.")] = False,
) -> None:
    """Show a plan from its file, after checking that nobody changed it."""
    from troth.app import project as projects
    from troth.app import stores
    from troth.app.plans import files as plans
    from troth.rights import model as erasure

    made = plans.read_any(plan)
    if isinstance(made, erasure.ErasurePlan):
        erase.tell(made)
        return
    if not sql:
        _show(made, plans.sentences(made))
        return
    session = options.begin(project)
    loaded = projects.load(session.folder, session.moment("").at.date())
    with stores.opened(loaded, session.environment, readonly=True) as opened:
        for step, statement in plans.statements(made, opened.catalogs):
            screen.say(f"-- {step.id}: {screen.number(step.planned.rows)} rows", "bold")
            screen.say(f"{statement};\n")


@group.command("diff", short_help="Compare two plans.")
def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="The earlier plan.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="The later plan.")],
) -> None:
    """Compare two plans: steps, counts, what is kept and why, and what they were made from."""
    from troth.app.plans import files as plans

    lines = plans.difference(plans.read(a), plans.read(b))
    for line in lines or ("No difference: both would do the same for the same reasons.",):
        screen.say(line)


def _show(plan: Plan, sentences: Sequence[str], problems: Sequence[Problem] = ()) -> None:
    from troth.app.plans import files as plans

    kind = "SIMULATION for" if plan.simulation else "as of"
    screen.say(f"Retention plan of {plan.organisation}, {kind} {plan.at[:16].replace('T', ' ')} UTC", "bold")
    screen.say(f"{plan.hash}\n", "dim")
    if plan.steps:
        headings = ("step", "dataset", "what", "rows", "of", "oldest", "newest", "promises")
        screen.table(headings, plans.lines(plan), right=(3, 4))
    else:
        reasons = plan.kept or plan.unproven
        screen.say("Nothing goes now; why not stands below." if reasons else "Nothing has to go.")
    if plan.kept:
        screen.say("\nStays, and why", "bold")
        rows = (
            (k.dataset, k.reason, k.detail, screen.number(k.tally.rows), plans.day(k.tally.oldest), k.review)
            for k in plan.kept
        )
        screen.table(("dataset", "reason", "by", "rows", "oldest", "review"), rows, right=(3,))
    if sentences:
        screen.say("\nIn words", "bold")
    for sentence in sentences:
        screen.say(f"- {sentence}")
    for warning in plan.warnings:
        screen.say(f"note: {warning}")
    _to_mend(problems, "\n".join(sentences))


def _to_mend(problems: Iterable[Problem], told: str) -> None:
    """Say what to do about what cannot be carried out; what a sentence told already is not told again."""
    for number, problem in enumerate(problems):
        if not number:
            screen.say("\nTo mend", "bold")
        what = problem.about if problem.about and problem.message in told else problem.message
        hint = f": {problem.hint}" if problem.hint else ""
        screen.say(f"- {problem.code}: {what.rstrip('.')}{hint or '.'}", "yellow")
