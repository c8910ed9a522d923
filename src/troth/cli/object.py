"""`troth object`: objections to a purpose: recorded, asked before every use, listed, decided."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, identities, options, screen

if TYPE_CHECKING:
    from troth.app.objecting import Objected


def object_(  # noqa: PLR0913, PLR0917 each option is a parameter
    identity: Annotated[
        list[str] | None,
        typer.Argument(metavar="IDENTITY", help="As email:… or customer/123; or `check`, `list`."),
    ] = None,
    project: options.Project = None,
    source: identities.Source = "",
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="P", help="What is objected to, as marketing.")
    ] = "",
    decide: Annotated[
        str,
        typer.Option("--decide", metavar="D", help="Decide it: granted or refused."),
    ] = "",
    because: Annotated[str, typer.Option("--because", help="Why it was decided so; sealed.")] = "",
    limit: identities.Limit = 20,
    region: identities.Region = "",
    by: options.By = "",
) -> None:
    """Record an objection to a purpose (GDPR Art. 21); with check or list look at what was recorded."""
    from troth.app import objecting, wishes

    session = options.begin(project)
    words = identity or []
    if words == ["list"]:
        _list(session)
        return
    if not purpose:
        raise typer.BadParameter("name what is objected to", param_hint="--purpose")
    if words[:1] == ["check"]:
        if words[1:]:
            raise typer.BadParameter(
                "check reads who is asked about from --from FILE or standard input", param_hint="IDENTITY"
            )
        _check(session, purpose, source)
        return
    wish = wishes.Wish(lines=identities.lines(words, source), limit=limit, region=region)
    ask = objecting.Ask(purpose=purpose, by=options.person(by), decide=decide, because=because)
    done = objecting.record(ask, wish, session.folder, session.environment, session.clock)
    _show(done)
    raise typer.Exit(exits.STORE if done.unreachable else exits.FOUND if done.unmarked else exits.DONE)


def _check(session: options.Session, purpose: str, source: str) -> None:
    """Answer line by line, with nothing but numbers: a mailing system asks before it sends."""
    from pathlib import Path

    from troth.app import objecting

    lines = sys.stdin if source in ("", "-") else Path(source).read_text(encoding="utf-8-sig").splitlines()
    stopped = False
    for number, answer in objecting.check(lines, purpose, session.folder, session.environment, session.clock):
        screen.write(f"{number}\t{answer}\n")
        stopped |= answer != "free"
    raise typer.Exit(exits.FOUND if stopped else exits.DONE)


def _list(session: options.Session) -> None:
    from troth.app import objecting

    found = objecting.listed(session.folder, session.environment, session.clock)
    if not found:
        screen.say("No objection was ever made.")
        return
    headings = ("objection", "purpose", "state", "made", "decided", "identities")
    screen.table(
        headings,
        (
            (
                one.reference,
                one.purpose,
                one.decision,
                f"{one.made_at:%Y-%m-%d}",
                f"{one.decided_at:%Y-%m-%d}" if one.decided_at else "",
                str(one.identities),
            )
            for one in found
        ),
    )


def _show(done: Objected) -> None:
    one = done.record
    again = ", recorded before" if done.again else ""
    effect = "may go on" if one.decision == "refused" else "is blocked"
    screen.say(
        f"{one.reference}: {one.decision}{again}; {one.purpose} {effect}.",
        "bold",
    )
    if done.marked or done.unmarked:
        screen.say(f"Markers in {screen.number(done.marked)} rows were set, or cleared, and read again.")
    if done.unmarked:
        screen.say(f"{screen.number(done.unmarked)} rows have no marker as wanted.", "bold red")
    for error in done.unreachable:
        screen.say(f"No marker was set: {error.message} Give the same command again.", "yellow")
