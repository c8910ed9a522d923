"""`troth why ROW`: why a row is still here, when it goes, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, screen

if TYPE_CHECKING:
    from troth.plan.explain_row import Why


def why(
    row: Annotated[str, typer.Argument(metavar="ROW", help="store.table/key, as app.customers/123.")],
    project: options.Project = None,
    at: options.At = "",
) -> None:
    """Say why a row is still here, when it goes, and by which rule; shows dates, and no other value of it."""
    from troth.app import explaining

    session = options.begin(project)
    found = explaining.why(row, session.folder, session.environment, session.clock, session.moment(at))
    _show(found)
    raise typer.Exit(exits.DONE if found.found else exits.FOUND)


def _show(why: Why) -> None:
    from troth.plan import say_row

    screen.say(f"{why.dataset}/{why.key} on {why.at.date()}", "bold")
    first, *others = say_row.sentences(why)
    screen.say(first)
    for sentence in others:
        screen.say(f"- {sentence}")
