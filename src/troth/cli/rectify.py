"""`troth rectify`: a wrong value of one person corrected in every copy; shown first, done with --apply."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, identities, options, screen
from troth.cli.task import say_waiting

if TYPE_CHECKING:
    from troth.app.rectifying import Rectified
    from troth.rights.rectify import Change


def rectify(  # noqa: PLR0913, PLR0917 each option is a parameter
    field: Annotated[
        str, typer.Option("--field", metavar="F", help="The field that is wrong, as app.customers.email.")
    ],
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    to: Annotated[
        str, typer.Option("--to", metavar="VALUE", help="The right value; it stands in the process list.")
    ] = "",
    to_from: Annotated[
        str, typer.Option("--to-from", metavar="FILE", help="Read the right value; - is standard input.")
    ] = "",
    apply: Annotated[
        bool, typer.Option("--apply", "--yes", help="Do it; without it, only what would change is shown.")
    ] = False,
    joined: Annotated[
        bool,
        typer.Option(
            "--joined", help="Several rows of one kind of subject are one person's: take them as one."
        ),
    ] = False,
    limit: identities.Limit = 20,
    region: identities.Region = "",
    by: options.By = "",
) -> None:
    """Correct a wrong value in every copy (GDPR Art. 16); without --apply nothing is changed."""
    from troth.app import rectifying, wishes

    if bool(to) == bool(to_from) or (source == "-" and to_from == "-"):
        raise typer.BadParameter("give the value by one of --to and --to-from", param_hint="--to-from")
    session = options.begin(project)
    wish = wishes.Wish(lines=identities.lines(identity or (), source), limit=limit, region=region)
    ask = rectifying.Ask(
        field=field, value=_value(to, to_from), by=options.person(by), apply=apply, joined=joined
    )
    done = rectifying.correct(ask, wish, session.folder, session.environment, session.clock)
    _show(done, apply=apply)
    raise typer.Exit(_code(done))


def _value(to: str, file: str) -> str:
    if to:
        return to
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")


def _show(done: Rectified, *, apply: bool) -> None:
    verb = "Corrected" if done.applied else "Would correct"
    what = "1 value" if done.rows == 1 else f"{screen.number(done.rows)} values"
    screen.say(f"{verb} {what}; none of another person.", "bold")
    _listed(done.changes)
    if done.texts:
        screen.say("Left alone in free text, for a person to look at:", "yellow")
        _listed(done.texts)
    for one in done.unlooked:
        screen.say(f"Not looked at: {one.what}: {one.why}", "yellow")
    say_waiting(done.tasks)
    for note in done.notes:
        screen.say(f"Take care: {note}", "yellow")
    if done.applied:
        still = "1 row still has" if done.left == 1 else f"{screen.number(done.left)} rows still have"
        again = still if done.left else "no row of theirs has"
        screen.say(f"Looked again: {again} the old value.", "bold red" if done.left else "green")
    elif apply:
        screen.say("Nothing was changed, because a store does not answer.", "yellow")
    else:
        screen.say("It was tried and taken back. With --apply it is done.")


def _listed(changes: Sequence[Change]) -> None:
    for one in changes:
        rows = "1 row" if one.rows == 1 else f"{screen.number(one.rows)} rows"
        screen.say(f"  {one.dataset}.{one.column}: {rows}")


def _code(done: Rectified) -> int:
    if done.unreachable:
        return exits.STORE
    return exits.FOUND if done.left else exits.DONE
