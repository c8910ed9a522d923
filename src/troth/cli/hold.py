"""`troth hold`: orders not to delete: placed, listed, lifted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen

if TYPE_CHECKING:
    from troth.holds.model import Hold

group = groups.make("Order something not to be deleted.")


@group.command("add", short_help="Place a hold.")
def add(  # noqa: PLR0913, PLR0917 each option is a parameter
    ground: Annotated[
        str,
        typer.Option("--ground", metavar="G", help="Why: legal-hold, court-order, fraud or another ground."),
    ],
    title: Annotated[str, typer.Option("--title", help="What people call it, as a file number. Not a name.")],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")],
    review: Annotated[str, typer.Option("--review", metavar="DATE", help="When it is looked at again.")],
    project: options.Project = None,
    scope: Annotated[
        str,
        typer.Option(
            "--scope", metavar="S", help="customer/123, email:…, app.orders, or app.orders: condition."
        ),
    ] = "",
    scope_file: Annotated[
        str,
        typer.Option("--scope-file", metavar="FILE", help="Read the scope from a file; - is standard input."),
    ] = "",
    by: options.By = "",
) -> None:
    """Place a hold from now on: by person, by identity, by dataset, or by a condition on one."""
    from troth.app import holding

    session = options.begin(project)
    wish = holding.Wish(
        ground=ground,
        scope=_scope(scope, scope_file),
        title=title,
        owner=owner,
        review=review,
        by=options.person(by),
    )
    hold = holding.add(wish, session.folder, session.environment, session.clock)
    screen.say(f"{hold.id} stands: {hold.ground.words} on {hold.about}, review {hold.review}.")


@group.command("list", short_help="List the holds that stand.")
def listed(
    project: options.Project = None,
    all: Annotated[bool, typer.Option("--all", help="Lifted ones too.")] = False,
    show_keys: Annotated[
        bool, typer.Option("--show-keys", help="Show whom and what they cover; may hold personal values.")
    ] = False,
    at: options.At = "",
) -> None:
    """List the holds that stand, without saying whom they are about."""
    from troth.app import holding

    session = options.begin(project)
    moment = session.moment(at)
    holds = holding.listed(session.folder, session.environment, session.clock, at=moment.at, lifted=all)
    if not holds:
        screen.say("No holds." if all else "No holds stand.")
        return
    headings = ("hold", "ground", "about", "title", "owner", "placed", "review", "lifted")
    screen.table(headings, (_row(hold, show_keys) for hold in holds))
    due = [hold.id for hold in holds if hold.due(moment.at.date())]
    if due:
        screen.say(f"Review is due: {', '.join(due)}.", "yellow")


def _row(hold: Hold, show_keys: bool) -> tuple[str, ...]:
    from troth.holds import scopes

    return (
        hold.id,
        hold.ground.value,
        scopes.show(hold.scope) if show_keys else hold.about,
        hold.title,
        hold.owner,
        f"{hold.placed_at:%Y-%m-%d}",
        hold.review.isoformat(),
        f"{hold.lifted_at:%Y-%m-%d}" if hold.lifted_at else "",
    )


@group.command("lift", short_help="Lift a hold.")
def lift(
    id: Annotated[str, typer.Argument(metavar="ID", help="hold:12, or 12.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Lift a hold; what it kept goes only by a plan made afterwards."""
    from troth.app import holding

    session = options.begin(project)
    hold = holding.lift(id, session.folder, session.environment, session.clock, by=options.person(by))
    screen.say(f"{hold.id} is lifted. What it kept goes with the next plan.")


def _scope(scope: str, file: str) -> str:
    """Take the scope from where it was given; one of the two must be."""
    if bool(scope) == bool(file):
        raise typer.BadParameter("give one of --scope and --scope-file", param_hint="--scope")
    if scope:
        return sys.stdin.read() if scope == "-" else scope
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
