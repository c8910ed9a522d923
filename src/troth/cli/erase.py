"""`troth erase`: plan the erasure of people: what goes, what stays and why; carried out by `troth apply`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, identities, options, screen

if TYPE_CHECKING:
    from troth.app.erasing import Planned
    from troth.rights.model import ErasurePlan, Unlooked

MOST_SHOWN = 40


class Format(StrEnum):
    """How a plan is written."""

    TEXT = "text"
    JSON = "json"


def erase(  # noqa: PLR0913, PLR0917 each option is a parameter
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="Write the plan here, to be applied.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
    joined: Annotated[
        bool,
        typer.Option(
            "--joined", help="Several rows of one kind of subject are one person's: take them as one."
        ),
    ] = False,
    limit: identities.Limit = 20,
    region: identities.Region = "",
    at: options.At = "",
    by: options.By = "",
) -> None:
    """Plan the erasure of people: what goes, what stays and why; nothing is touched before troth apply."""
    from troth.app import erasing, files, wishes
    from troth.app.plans import files as plans

    if plan is not None:
        files.check(plan)
    session = options.begin(project)
    wish = wishes.Wish(lines=identities.lines(identity or (), source), limit=limit, region=region)
    asker = erasing.Asker(by=options.person(by), joined=joined, keep=plan is not None)
    planned = erasing.plan(
        wish, session.folder, session.environment, session.clock, session.moment(at), asker
    )
    if planned.plan is not None and plan is not None:
        plans.write_erasure(plan, planned.plan)
    if format is Format.JSON:
        screen.write(plans.erasure_text(planned.plan) if planned.plan else "null\n")
    else:
        _show(planned, plan)
    raise typer.Exit(_code(planned))


def _code(planned: Planned) -> int:
    if planned.unreachable:
        return exits.STORE
    return exits.DONE if planned.plan is not None else exits.FOUND


def _show(planned: Planned, out: Path | None) -> None:
    if planned.plan is None:
        screen.say(
            "Nobody was found, so there is nothing to erase. That does not say that nothing is there.", "bold"
        )
        _not_looked(planned.unlooked)
        return
    tell(planned.plan)
    if planned.unmatched:
        names = ", ".join(f"{one.kind} {one.number}" for one in planned.unmatched[:MOST_SHOWN])
        screen.say(f"No person's own row has: {names}. Copies of it were looked for all the same.", "yellow")
    for problem in planned.problems:
        screen.say(f"Take care: {problem.message}", "yellow")
    if out is not None:
        screen.complain(f"Plan written to {out}. To carry it out: troth apply {out}\n")
    else:
        screen.say("Nothing was written. With --plan FILE the plan can be applied.")


def tell(plan: ErasurePlan) -> None:
    """Show a plan: what goes, what stays, what a person must do."""
    from troth.rights import describe

    who = "1 person" if plan.people == 1 else f"{screen.number(plan.people)} people"
    kind = "SIMULATION for" if plan.simulation else "as of"
    screen.say(f"Erasure of {who}, {kind} {plan.at[:16].replace('T', ' ')} UTC\n", "bold")
    hits = sum(1 for _, rows in plan.counted if rows)
    total = sum(rows for _, rows in plan.counted)
    screen.say(
        f"{screen.number(total)} rows about them in {hits} of {len(plan.counted)} datasets looked at.\n"
    )
    _listed("What goes", [describe.step(step) for step in plan.steps])
    _listed("What stays, and why", [describe.spared(one) for one in plan.spared])
    _listed("What a person must do", [describe.task(one) for one in plan.tasks])
    _not_looked(plan.unlooked)
    _listed("Take care", list(plan.warnings))


def _listed(heading: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    screen.say(f"{heading}:", "bold")
    for line in lines[:MOST_SHOWN]:
        screen.say(f"  {line}")
    if len(lines) > MOST_SHOWN:
        screen.say(f"  … and {len(lines) - MOST_SHOWN} more; --format json lists all.")
    screen.say()


def _not_looked(unlooked: Sequence[Unlooked]) -> None:
    for one in unlooked:
        screen.say(f"Not looked at: {one.what}: {one.why}", "yellow")
