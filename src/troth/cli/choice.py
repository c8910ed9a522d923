"""`troth choice`: what people chose: recorded, and asked."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from troth.cli import exits, identities, options, screen
from troth.cli import group as groups

group = groups.make("Record what people chose, and say what stands.")


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


@group.command("record", short_help="Record an opt-out, an opt-in or a withdrawal.")
def record(  # noqa: PLR0913, PLR0917 each option is a parameter
    what: Annotated[
        str,
        typer.Option(
            "--what",
            metavar="W",
            help="sale, sharing, sensitive, automated, marketing, or purpose:…, topic:…, channel:….",
        ),
    ],
    decision: Annotated[str, typer.Option("--decision", metavar="D", help="out, in, withdrawn or objected.")],
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    how: Annotated[
        str,
        typer.Option(
            "--how", metavar="H", help="How it came in: mail, phone, letter, form, link, signal, …."
        ),
    ] = "mail",
    happened: Annotated[
        str, typer.Option("--happened", metavar="T", help="When it was made (ISO 8601); by default now.")
    ] = "",
    case: Annotated[int, typer.Option("--case", metavar="N", help="The request it belongs to.")] = 0,
    only: Annotated[
        bool, typer.Option("--only", help="Take the identities as given; ask no store for others.")
    ] = False,
    limit: identities.Limit = 20,
    region: identities.Region = "",
    by: options.By = "",
) -> None:
    """Record what one person chose; nobody is asked who they are, and no store is changed."""
    from troth.app import choices, clock, wishes

    session = options.begin(project)
    wish = wishes.Wish(lines=identities.lines(identity or [], source), limit=limit, region=region)
    made = choices.Made(
        what=what,
        decision=decision,
        how=how,
        at=clock.instant(happened, "--happened") if happened else None,
        case=case or None,
        only=only,
    )
    done = choices.record(
        made, wish, session.folder, session.environment, session.clock, by=options.person(by)
    )
    screen.say(
        f"{done.record.reference}: {what} {decision}, known again by {screen.number(done.identities)} identities."
    )
    for reason in done.unlooked:
        screen.say(f"Recorded for the identities as given: {reason}.", "yellow")


@group.command("show", short_help="Say what stands for somebody.")
def show(
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    what: Annotated[str, typer.Option("--what", metavar="W", help="About this thing only, as sale.")] = "",
    region: identities.Region = "",
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """Say what stands for one person, objections among it; leaves with 1 when something must not be done."""
    from troth.app import choices, wishes

    session = options.begin(project)
    wish = wishes.Wish(lines=identities.lines(identity or [], source), limit=1, region=region)
    found = choices.show(what, wish, session.folder, session.environment, session.clock)
    if format is Format.JSON:
        rows = [
            {"what": s.what, "decision": s.decision, "at": s.at.isoformat(), "stops": s.stops, "by": s.source}
            for s in found
        ]
        screen.write(json.dumps(rows, indent=1) + "\n")
    elif found:
        rows_ = [(s.what, s.decision, f"{s.at:%Y-%m-%d %H:%M}", s.source) for s in found]
        screen.table(("what", "decision", "at", "recorded as"), rows_)
    else:
        screen.say("Nothing was chosen.")
    raise typer.Exit(exits.FOUND if any(s.stops for s in found) else exits.DONE)
