"""`troth request`: requests of people, from the first letter to the end: opened, listed, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, request_input, screen
from troth.cli import request_show as show_

if TYPE_CHECKING:
    from troth.app.requests.intake import Form, Mail
    from troth.app.requests.opening import Message

group = groups.make("Lead requests of people from the first letter to the answer.")


@group.command("open", short_help="Open a request.")
def open_(  # noqa: PLR0913, PLR0917 each option is a parameter
    kind: Annotated[
        list[str] | None,
        typer.Argument(metavar="KIND", help="What is asked for, as `request kinds` lists it; several too."),
    ] = None,
    project: options.Project = None,
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="FILE", help="Identities of the person, one a line; - is standard input."
        ),
    ] = "",
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--identity", metavar="ID", help="One of them, as email:…; a file keeps it off the process list."
        ),
    ] = None,
    mail: Annotated[
        str, typer.Option("--mail", metavar="FILE", help="The mail that asks, as a file (.eml).")
    ] = "",
    form: Annotated[
        str, typer.Option("--form", metavar="FILE", help="The form that asks, as JSON; - is standard input.")
    ] = "",
    received: Annotated[
        str,
        typer.Option(
            "--received", metavar="T", help="When it reached you: ISO 8601, with its zone; by default now."
        ),
    ] = "",
    channel: Annotated[
        str,
        typer.Option(
            "--channel", metavar="C", help="mail, phone, letter, form, agent, counter or api; else guessed."
        ),
    ] = "",
    residence: Annotated[
        str,
        typer.Option("--residence", metavar="CC", help="Where the person lives: IE, GB-SCT, US-CA, unknown."),
    ] = "",
    place: Annotated[
        str,
        typer.Option("--place", metavar="P", help="Where you act, whose days off count; else the residence."),
    ] = "",
    role: Annotated[
        str,
        typer.Option(
            "--role", metavar="R", help="Yours: controller, processor or unknown; else the policy's."
        ),
    ] = "",
    agent: Annotated[
        str, typer.Option("--agent", metavar="TEXT", help="Who asks for the person: name and address.")
    ] = "",
    parent: Annotated[
        str, typer.Option("--parent", metavar="TEXT", help="The parent who asks for a child.")
    ] = "",
    child: Annotated[bool, typer.Option("--child", help="The person is a child.")] = False,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="The person's name.")] = "",
    reply_to: Annotated[
        str,
        typer.Option("--reply-to", metavar="TEXT", help="Where answers go: a mail address or a postal one."),
    ] = "",
    text: Annotated[
        str, typer.Option("--text", metavar="FILE", help="What was written or said; - is standard input.")
    ] = "",
    format: request_input.As = request_input.Format.TEXT,
    by: options.By = "",
) -> None:
    """Open a case for each right that somebody asks for, with its laws and dates; acknowledge it."""
    from troth.app.requests import intake
    from troth.app.requests import opening as requests

    session = options.begin(project)
    read_mail = intake.mail(request_input.data(mail, intake.LARGEST + 1)) if mail else None
    read_form = intake.form(request_input.data(form)) if form else None
    told = {
        "residence": residence,
        "place": place,
        "role": role,
        "agent": agent,
        "parent": parent,
        "name": name,
        "reply_to": reply_to,
        "channel": channel,
        "text": request_input.read(text),
        "from": source,
        "received": received,
    }
    message = _message(session, kind or [], identity or [], told, (read_mail, read_form), child=child)
    found = requests.open_(message, session.folder, session.environment, session.clock, by=options.person(by))
    if format is request_input.Format.JSON:
        show_.opened_json(found)
        return
    show_.opened(found)
    for note in read_mail.notes if read_mail else ():
        screen.say(f"  {note}", "yellow")


def _message(
    session: options.Session,
    kinds: list[str],
    given: list[str],
    told: dict[str, str],
    read: tuple[Mail | None, Form | None],
    *,
    child: bool,
) -> Message:
    from troth.app.requests import opening as requests
    from troth.cli import identities

    mail, form = read
    asker = told["agent"] or told["parent"] or (form.agent or form.parent if form else "")
    parent = bool(told["parent"] or (form is not None and form.parent))
    whom = "self" if not asker else "parent" if parent else "agent"
    lines = list(given) + (list(form.identities) if form else [])
    if mail and not lines and not told["from"] and whom == "self":
        lines = [f"email:{mail.address}"]
    return requests.Message(
        kinds=tuple(kinds) or (form.kinds if form else ()),
        received=_received(session, told["received"], mail, form),
        channel=told["channel"]
        or ("mail" if mail else "form" if form else "agent" if whom == "agent" else "phone"),
        lines=identities.lines(lines, told["from"]),
        name=told["name"] or (form.name if form else mail.name if mail and whom == "self" else ""),
        reply_to=told["reply_to"] or (form.reply_to if form else mail.address if mail else ""),
        text=told["text"] or (form.text if form else mail.text if mail else ""),
        language=form.language if form else "en",
        residence=told["residence"] or (form.residence if form else "") or "unknown",
        place=told["place"],
        role=told["role"],
        whom=whom,
        agent=asker,
        child=child or (form is not None and form.child),
    )


def _received(session: options.Session, typed: str, mail: Mail | None, form: Form | None):  # type: ignore[no-untyped-def]
    from troth.problems import BadInput, Problem

    if typed:
        return request_input.instant(typed, "--received")
    if form and form.received:
        return form.received
    if mail is None:
        return session.clock.now()
    if mail.received is None:
        hint = "Give --received with the instant at which the mail reached you."
        raise BadInput(
            [Problem(code="bad-event", message="The mail has no date that can be used.", hint=hint)]
        )
    return mail.received


@group.command("list", short_help="List requests by what is left of their time.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="List also those that are closed.")] = False,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="List those of one kind.")] = "",
    at: options.At = "",
    format: request_input.As = request_input.Format.TEXT,
) -> None:
    """List requests, the earliest end first, with the time that is left in a word and a colour."""
    from troth.app.requests import views

    session = options.begin(project)
    asked = session.moment(at).at
    found = views.listed(request_input.where(session), every=every, kind=kind, asked=asked)
    if format is request_input.Format.JSON:
        show_.rows_json(found)
    else:
        show_.rows(found)


@group.command("show", short_help="Show a request.")
def show(
    case: request_input.Case,
    project: options.Project = None,
    contents: Annotated[
        bool, typer.Option("--contents", help="Show also what it says of the person; needs --because.")
    ] = False,
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Why you read it; its keyed hash is evidence.")
    ] = "",
    at: options.At = "",
    format: request_input.As = request_input.Format.TEXT,
    by: options.By = "",
) -> None:
    """Show a request: its clocks with the rules used, what happened, what it needs, what may come."""
    from troth.app.requests import views

    session = options.begin(project)
    place = request_input.where(session)
    found = views.show(case, place, asked=session.moment(at).at)
    read = views.read(case, because, place, by=options.person(by)) if contents else None
    if format is request_input.Format.JSON:
        show_.shown_json(found, read)
        return
    show_.shown(found)
    if read is not None:
        show_.contents(read)


@group.command("kinds", short_help="List what can be asked for.")
def kinds() -> None:
    """List the kinds of request, and the laws that give each right today."""
    import os

    from troth.app import clock as times
    from troth.app import laws
    from troth.cases import kinds as all_kinds

    day = times.of(os.environ).now().date()
    packs = laws.listed()
    rows = [
        (one.name, one.says, ", ".join(pack.law for pack in packs if one.right(pack, day)))
        for one in all_kinds.ALL.values()
    ]
    screen.table(("kind", "is", "given by"), rows)


@group.command("clocks", short_help="Compute every clock anew.")
def clocks(project: options.Project = None) -> None:
    """Compute the dates of every open request anew, as after law packs changed."""
    from troth.app.requests import care

    moved = care.recompute(request_input.where(options.begin(project)))
    screen.say(f"Requests whose dates moved: {screen.number(moved)}.")


@group.command("tidy", short_help="Destroy what old requests say of people.")
def tidy(project: options.Project = None, by: options.By = "") -> None:
    """Destroy what closed requests say of people once its time is over; that they were answered stays."""
    from troth.app.requests import care

    done = care.tidy(request_input.where(options.begin(project)), by=options.person(by))
    screen.say(
        f"Destroyed: contents of requests {screen.number(done.cases)}, papers {screen.number(done.papers)}."
    )
