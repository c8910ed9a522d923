"""`troth recipient`: who is given people's data: entered, listed, ended."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen

if TYPE_CHECKING:
    from datetime import date

    from troth.sharing.model import Recipient

group = groups.make("Know who is given people's data.")


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


@group.command("add", short_help="Enter a recipient.")
def add(  # noqa: PLR0913, PLR0917 each option is a parameter
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the organisation is called.")],
    role: Annotated[
        str,
        typer.Option("--role", metavar="R", help="processor, controller, joint, authority, buyer or group."),
    ],
    project: options.Project = None,
    sort: Annotated[
        str, typer.Option("--sort", help="Its category, as answers name it: payment provider, ad network.")
    ] = "",
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="C", help="What it is given; repeatable.")
    ] = None,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", metavar="P", help="What for; repeatable.")
    ] = None,
    country: Annotated[str, typer.Option("--country", metavar="CC", help="Where it is: two letters.")] = "",
    contact: Annotated[
        str, typer.Option("--contact", help="Where it is told of erasures; sealed, for it may be a person.")
    ] = "",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day it is given data.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="The last day it is given data.")] = "",
    by: options.By = "",
) -> None:
    """Enter somebody who is given data; standing recipients are better declared in the project's files."""
    from troth.app import sharing
    from troth.sharing.register import Entered

    session = options.begin(project)
    entered = Entered(
        name=name,
        role=role,
        sort=sort,
        categories=tuple(category or ()),
        purposes=tuple(purpose or ()),
        country=country,
        contact=contact,
        since=_day(first, "--from"),
        until=_day(until, "--until"),
    )
    done = sharing.add(entered, session.folder, session.environment, session.clock, by=options.person(by))
    screen.say(f"{done.reference} is entered: {done.name}, {done.role}.")


@group.command("list", short_help="List the recipients.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="Those of other days too.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """List who is given data today: declared in the project's files, or entered."""
    from troth.app import sharing

    session = options.begin(project)
    found = sharing.recipients(session.folder, session.environment, session.clock, every=every)
    if format is Format.JSON:
        screen.write(json.dumps([_as_json(one) for one in found], indent=1) + "\n")
    elif found:
        headings = ("recipient", "name", "role", "category", "gets", "for", "country", "from", "until")
        screen.table(headings, (_row(one) for one in found))
    else:
        screen.say("Nobody is given data.")


@group.command("end", short_help="Say after which day somebody is given no more data.")
def end(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or recipient:3.")],
    project: options.Project = None,
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="The last day it is given data; by default today.")
    ] = "",
    by: options.By = "",
) -> None:
    """Say after which day somebody is given no more data; they stay listed for answers about earlier days."""
    from troth.app import sharing

    session = options.begin(project)
    day = _day(until, "--until")
    done = sharing.end(name, day, session.folder, session.environment, session.clock, by=options.person(by))
    screen.say(f"{done.reference} ends: {done.name} is given no data after {done.until}.")


def _day(text: str, option: str) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("write a day as 2026-01-31", param_hint=option) from None


def _row(one: Recipient) -> tuple[str, ...]:
    return (
        one.reference,
        one.name,
        one.role,
        one.called,
        ", ".join(one.categories),
        ", ".join(one.purposes),
        one.country,
        one.since.isoformat() if one.since else "",
        one.until.isoformat() if one.until else "",
    )


def _as_json(one: Recipient) -> dict[str, object]:
    return {
        "recipient": one.reference,
        "name": one.name,
        "role": one.role,
        "sort": one.called,
        "categories": one.categories,
        "purposes": one.purposes,
        "country": one.country,
        "from": one.since.isoformat() if one.since else None,
        "until": one.until.isoformat() if one.until else None,
    }
