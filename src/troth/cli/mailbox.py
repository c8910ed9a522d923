"""`troth mailbox`: messages that come in by mail, taken in, looked at, and made requests by a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, request_input, screen
from troth.cli import request_show as show_

if TYPE_CHECKING:
    from troth.app.mailbox import Read, Taken
    from troth.app.requests.opening import Message
    from troth.ledger.in_mails import MailRecord

group = groups.make("Take in messages that came by mail, and say which of them are requests.")
Number = Annotated[int, typer.Argument(metavar="MAIL", help="Number of a message, as listed.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why you look at what a person wrote; kept as a hash.")
]


@group.command("check", short_help="Take in what came.")
def check(
    project: options.Project = None,
    source: Annotated[
        str,
        typer.Option("--from", metavar="BOX", help="A mailbox; by default the one TROTH_MAILBOX names."),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most messages of one round.")] = 500,
    by: options.By = "",
) -> None:
    """Take the messages of a mailbox into the ledger, sort them, and then remove them from the mailbox."""
    from troth.app import mailbox

    session = options.begin(project)
    where = request_input.where(session)
    for line in _said(mailbox.poll(where, limit, source=source, by=options.person(by))):
        screen.say(line)


@group.command("list", short_help="List messages that wait for a person.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="List also those that are settled.")] = False,
    case: Annotated[
        int | None, typer.Option("--case", metavar="N", help="Only messages of this request.")
    ] = None,
    format: request_input.As = request_input.Format.TEXT,
) -> None:
    """List messages that wait for a person; never who wrote them or what."""
    from troth.app import mailbox

    session = options.begin(project)
    found = mailbox.listed(request_input.where(session), every=every or case is not None, case=case).records
    if format is request_input.Format.JSON:
        screen.write(json.dumps([_as_json(one) for one in found], indent=1) + "\n")
    elif found:
        headings = ("mail", "is", "came", "why", "case", "bytes", "from")
        screen.table(headings, [_row(one) for one in found], right=(0, 4, 5))
    else:
        screen.say("No message waits.")


@group.command("show", short_help="Read a message.")
def show(id: Number, reason: Reason, project: options.Project = None, by: options.By = "") -> None:
    """Show what a message says and which rights it may be asking for; that you read it is written down."""
    from troth.app import mailbox

    session = options.begin(project)
    found = mailbox.read(id, reason, request_input.where(session), by=options.person(by))
    for line in _shown(found):
        screen.say(line)


@group.command("save", short_help="Write a message into a file.")
def save(
    id: Number,
    reason: Reason,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, for your eyes only.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Write a message as it came in, with its attachments, into a new file."""
    from troth.app import mailbox

    session = options.begin(project)
    size = mailbox.save(id, out, reason, request_input.where(session), by=options.person(by))
    screen.say(f"Message {id} is in {out}: {screen.number(size)} bytes. Delete the file once it has served.")


@group.command("confirm", short_help="Say which rights a message asks for.")
def confirm(  # noqa: PLR0913, PLR0917 each is an option
    id: Number,
    kinds: Annotated[
        list[str], typer.Argument(metavar="RIGHT...", help="What it asks for, as access, erase or rectify.")
    ],
    project: options.Project = None,
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--identity",
            metavar="ID",
            help="Whom it is about: email:…, customer/12; by default the address it came from.",
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="TEXT", help="The person's name; by default the sender's.")
    ] = "",
    reply_to: Annotated[
        str, typer.Option("--reply-to", metavar="TEXT", help="Where answers go; by default the sender.")
    ] = "",
    residence: Annotated[
        str, typer.Option("--residence", metavar="P", help="Where the person lives, as DE or US-CA.")
    ] = "",
    received: Annotated[
        str,
        typer.Option(
            "--received", metavar="T", help="When it reached you; by default what your mail server wrote."
        ),
    ] = "",
    agent: Annotated[
        str, typer.Option("--agent", metavar="TEXT", help="Who asks for the person: name and address.")
    ] = "",
    format: request_input.As = request_input.Format.TEXT,
    by: options.By = "",
) -> None:
    """Open a case for each right a message asks for, with its text, its sender and the day it reached us."""
    from troth.app import mailbox
    from troth.cli import identities

    session = options.begin(project)
    told: dict[str, object] = {"kinds": tuple(kinds)}
    told |= {"lines": identities.lines(identity, "")} if identity else {}
    told |= {"name": name} if name else {}
    told |= {"reply_to": reply_to} if reply_to else {}
    told |= {"residence": residence} if residence else {}
    told |= {"received": request_input.instant(received, "--received")} if received else {}
    told |= {"whom": "agent", "agent": agent, "channel": "agent"} if agent else {}
    where = request_input.where(session)
    opened, _ = mailbox.confirm(id, _wished(told), where, by=options.person(by))
    (show_.opened_json if format is request_input.Format.JSON else show_.opened)(opened)


@group.command("join", short_help="Put a message beside a request.")
def join(
    id: Number,
    project: options.Project = None,
    case: Annotated[
        int | None,
        typer.Option("--case", metavar="N", help="The request; by default the one it answers or names."),
    ] = None,
    by: options.By = "",
) -> None:
    """Put what a message says beside a request, as a note."""
    from troth.app import mailbox

    session = options.begin(project)
    joined = mailbox.join(id, request_input.where(session), by=options.person(by), case=case)
    screen.say(f"Message {id} stands beside {joined.reference} as a note.")


@group.command("dismiss", short_help="Say that a message asks for nothing.")
def dismiss(
    id: Number,
    why: Annotated[
        str, typer.Option("--as", metavar="WORD", help="Why: no-request, spam, twice or done.")
    ] = "no-request",
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Say that a message asks for nothing, and why; its content is destroyed some time after."""
    from troth.app import mailbox

    session = options.begin(project)
    mailbox.dismiss(id, why, request_input.where(session), by=options.person(by))
    screen.say(f"Message {id} is dismissed. It can be confirmed still while its content is there.")


def _wished(told: dict[str, object]) -> Callable[[Read], Message]:
    return lambda found: replace(found.suggested(), **told)  # type: ignore[arg-type]


def _said(done: Taken) -> list[str]:
    lines = [f"Taken in: {done.mails}." if done.mails else "Nothing new came."]
    parts = (
        (done.waiting, "Wait for a person"),
        (done.answers, "Answer a request, and wait"),
        (done.notices, "Say that a letter came back, or is late"),
        (done.dismissed, "Put aside, written by machines"),
        (done.known, "Here already"),
        (done.forgotten, "Destroyed, settled long ago"),
    )
    lines += [f"{says}: {count}." for count, says in parts if count]
    if done.left:
        lines.append("More are there: run the command again.")
    if done.waiting or done.answers:
        lines.append("`troth mailbox list` shows what waits.")
    return lines


def _row(one: MailRecord) -> tuple[str, ...]:
    return (
        str(one.id),
        "joined" if one.why == "joined" else one.state,
        f"{one.received_at:%Y-%m-%d %H:%M}",
        _why(one),
        str(one.case or ""),
        screen.number(one.size),
        one.mailbox,
    )


def _why(one: MailRecord) -> str:
    from troth.app import mailbox

    return mailbox.WHY.get(one.why, one.why) + (" (destroyed)" if one.forgotten else "")


def _shown(found: Read) -> list[str]:
    seen, record = found.seen, found.record
    whom = f"{seen.name} <{seen.address}>" if seen.name else seen.address
    lines = [f"From:    {whom or '(not one address)'}"]
    lines += [f"Came:    {record.received_at:%Y-%m-%d %H:%M} UTC", f"Subject: {seen.subject}"]
    lines += [f"File:    {one.name} ({one.kind}), not opened" for one in seen.attachments]
    lines += ["", *seen.text.splitlines(), ""]
    lines += [f"Note: {note}" for note in seen.notes]
    if found.rights:
        lines.append(f"It may ask for: {', '.join(found.rights)}. You decide:")
    rights = " ".join(found.rights) or "RIGHT"
    lines.append(f"  troth mailbox confirm {record.id} {rights}")
    return lines


def _as_json(one: MailRecord) -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state,
        "why": one.why,
        "case": one.case,
        "size": one.size,
        "mailbox": one.mailbox,
        "received": one.received_at.isoformat(),
        "ended": one.ended_at.isoformat() if one.ended_at else None,
        "forgotten": one.forgotten,
    }
