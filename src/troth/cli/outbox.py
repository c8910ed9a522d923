"""`troth outbox`: letters that wait, go, are printed, and come back."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, screen
from troth.cli import group as groups

if TYPE_CHECKING:
    from datetime import datetime

    from troth.app.post import Returned, Sent
    from troth.ledger.outbox import LetterRecord

group = groups.make("Send and print the letters that wait; take in what came back.")
Number = Annotated[int, typer.Argument(metavar="LETTER", help="Number of a letter, as listed.")]


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


class Paper(StrEnum):
    """The size of a sheet."""

    A4 = "a4"
    US_LETTER = "us-letter"


@group.command("list", short_help="List letters that somebody must see to.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="List also what has gone or was taken back.")] = False,
    case: Annotated[
        int | None, typer.Option("--case", metavar="N", help="Only letters of this case.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """List letters that wait, came back or were given up; never to whom they go or what they say."""
    from troth.app import post

    session = options.begin(project)
    found = post.listed(session.folder, session.environment, session.clock, every=every, case=case)
    if format is Format.JSON:
        screen.write(json.dumps([_as_json(letter) for letter in found], indent=1) + "\n")
    elif found:
        headings = ("letter", "is", "kind", "by", "case", "tried", "next", "why")
        screen.table(headings, [_row(letter) for letter in found], right=(0, 4, 5))
    else:
        screen.say("No letter waits.")


@group.command("send", short_help="Send the mails that are due.")
def send(
    project: options.Project = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most mails of one round.")] = 500,
) -> None:
    """Send the mails that are due through the server TROTH_SMTP names; what fails for now is tried again later."""
    from troth.app import post

    session = options.begin(project)
    done = post.send(session.folder, session.environment, session.clock, limit=limit)
    for line in _said(done):
        screen.say(line)
    if done.bounced or done.failed:
        raise typer.Exit(exits.FOUND)


@group.command("print", short_help="Write a letter as PDF for the post.")
def print_(
    id: Number,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The PDF; it must not be there yet.")],
    project: options.Project = None,
    paper: Annotated[Paper, typer.Option("--paper", help="The size of the sheet.")] = Paper.A4,
    by: options.By = "",
) -> None:
    """Write a letter as PDF and mark it printed; a mail that came back can be printed too."""
    from troth.app import post

    session = options.begin(project)
    who = options.person(by)
    complete = post.print_pdf(
        id, out, session.folder, session.environment, session.clock, by=who, paper=paper.value
    )
    screen.say(f"Letter {id} is in {out}. Put it in the post.")
    if not complete:
        screen.complain(
            "Some signs are in no font here and show as boxes: put fonts that have them into letters/fonts.\n"
        )


@group.command("bounce", short_help="Take in mails that came back.")
def bounce(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A mail saved as a file, or a maildir.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Read notices about mails that did not arrive (RFC 3464) and mark the letters they are about."""
    from troth.app import post

    session = options.begin(project)
    found = post.bounced(source, session.folder, session.environment, session.clock, by=options.person(by))
    for one in found:
        screen.say(_about(one))
    if not any(one.letter for one in found):
        raise typer.Exit(exits.FOUND)


@group.command("cancel", short_help="Take back a letter that waits.")
def cancel(id: Number, project: options.Project = None, by: options.By = "") -> None:
    """Take back a letter that waits; one that is on its way or has gone stays as it is."""
    from troth.app import post

    session = options.begin(project)
    post.cancel(id, session.folder, session.environment, session.clock, by=options.person(by))
    screen.say(f"Letter {id} is cancelled.")


def _row(letter: LetterRecord) -> tuple[str, ...]:
    code = str(letter.code) if letter.code and letter.state != "sent" else ""
    waits = letter.state in ("waiting", "sending") and letter.channel == "mail"
    why = " ".join(part for part in (letter.reason, code, "may go twice" if letter.again else "") if part)
    return (
        str(letter.id),
        letter.state,
        letter.kind,
        letter.channel,
        str(letter.case or ""),
        str(letter.attempts),
        f"{letter.next_at:%Y-%m-%d %H:%M}" if waits else "",
        why,
    )


def _said(done: Sent) -> list[str]:
    lines = [f"Sent: {done.sent}." if done.sent else "No letter was sent."]
    if done.again:
        lines.append(f"May arrive twice, for an earlier attempt broke off: {done.again}.")
    if done.later:
        lines.append(f"To be tried again: {done.later}.")
    if done.bounced or done.failed:
        lines.append(
            f"Refused by the server: {done.bounced}; given up: {done.failed}. `troth outbox list` shows them."
        )
    if done.left:
        lines.append(f"Still due: {done.left}.")
    if done.next_at:
        lines.append(f"The next is due {done.next_at:%Y-%m-%d %H:%M} UTC.")
    if done.to_print:
        lines.append(f"To print for the post: {done.to_print}.")
    if done.forgotten:
        lines.append(f"Forgotten, having gone long ago: {done.forgotten}.")
    return lines


def _about(one: Returned) -> str:
    if one.letter:
        case = f" of case {one.letter.case}" if one.letter.case else ""
        return f"{one.name}: letter {one.letter.id}{case} came back."
    if one.action == "failed":
        return f"{one.name}: about a mail this ledger did not send."
    return (
        f"{one.name}: {one.action}, not final."
        if one.action
        else f"{one.name}: no notice about a mail of ours."
    )


def _as_json(letter: LetterRecord) -> dict[str, object]:
    def said(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "id": letter.id,
        "case": letter.case,
        "kind": letter.kind,
        "channel": letter.channel,
        "state": letter.state,
        "attempts": letter.attempts,
        "next": said(letter.next_at) if letter.state in ("waiting", "sending") else None,
        "code": letter.code,
        "reason": letter.reason,
        "again": letter.again,
        "created": said(letter.created_at),
        "ended": said(letter.ended_at),
        "forgotten": said(letter.forgotten_at),
    }
