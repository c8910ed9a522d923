"""`troth disclosure`: whose data went where: written down, listed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import identities, options, screen

if TYPE_CHECKING:
    from datetime import datetime

    from troth.ledger.disclosures import DisclosureRecord
    from troth.people.typed import Line

group = groups.make("Write down whose data went where.")


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


@group.command("add", short_help="Write down a disclosure, a sale, a share or a use.")
def add(  # noqa: PLR0913, PLR0917 each option is a parameter
    purpose: Annotated[str, typer.Option("--purpose", metavar="P", help="What for.")],
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="The recipient; none for a use.")] = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="K", help="disclosure, sale, share or use.")
    ] = "disclosure",
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", metavar="D", help="What it was; repeatable.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="C", help="What it was; by default what the datasets hold."),
    ] = None,
    happened: Annotated[
        str, typer.Option("--happened", metavar="T", help="When it happened (ISO 8601); by default now.")
    ] = "",
    case: Annotated[int, typer.Option("--case", metavar="N", help="The request it belongs to.")] = 0,
    untold: Annotated[
        str,
        typer.Option("--untold", metavar="WHY", help="People must not be told: why, as law-enforcement."),
    ] = "",
    by: options.By = "",
) -> None:
    """Write one entry into the journal about everybody named, one identity an argument or a line."""
    from troth.app import sharing

    session = options.begin(project)
    told = sharing.Disclosed(
        kind=kind,
        purpose=purpose,
        to=to,
        datasets=tuple(dataset or ()),
        categories=tuple(category or ()),
        at=_instant(happened, "--happened"),
        case=case or None,
        untold=untold,
    )
    where = (session.folder, session.environment, session.clock)
    done = sharing.disclose(told, _lines(identity or [], source), *where, by=options.person(by))
    screen.say(f"{done.reference} is written: {done.kind}, {screen.number(done.people)} people.")


@group.command("list", short_help="List what the journal says.")
def listed(
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    since: Annotated[str, typer.Option("--since", metavar="T", help="From this instant on.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="T", help="Up to this instant.")] = "",
    region: identities.Region = "",
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """List the journal, or what it says of somebody named; entries people must not be told of are marked."""
    from troth.app import sharing, wishes

    session = options.begin(project)
    lines = identities.lines(identity or [], source)
    wish = wishes.Wish(lines=lines, limit=1, region=region) if lines else None
    found = sharing.listed(
        wish,
        session.folder,
        session.environment,
        session.clock,
        since=_instant(since, "--since"),
        until=_instant(until, "--until"),
    )
    if format is Format.JSON:
        screen.write(json.dumps([_as_json(row) for row in found], indent=1) + "\n")
    elif found:
        headings = ("disclosure", "at", "kind", "recipient", "what", "for", "people", "untold")
        screen.table(headings, (_row(row) for row in found), right=(6,))
    else:
        screen.say("The journal says nothing.")


def _lines(arguments: list[str], source: str) -> Iterator[Line]:
    """Take identities from arguments and a file, line by line; nothing is held together."""
    from troth.people.typed import Line

    given = (Line(source="<arguments>", line=n, text=text) for n, text in enumerate(arguments, 1))
    if not source:
        return iter(given)
    return chain(given, _file(source))


def _file(source: str) -> Iterator[Line]:
    from pathlib import Path

    from troth.people.typed import Line
    from troth.problems import BadInput, Problem

    name = "<standard input>" if source == "-" else "<file>"
    with nullcontext(sys.stdin.buffer) if source == "-" else Path(source).open("rb") as stream:
        for number, raw in enumerate(stream, 1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                message = (
                    f"The list of identities is not UTF-8: line {number} has a byte that cannot be read."
                )
                problem = Problem(code="bad-encoding", message=message, hint="Save it as UTF-8.")
                raise BadInput([problem]) from None
            if text.strip() and not text.lstrip().startswith("#"):
                yield Line(source=name, line=number, text=text)


def _instant(text: str, option: str) -> datetime | None:
    from troth.app import clock

    return clock.instant(text, option) if text else None


def _row(row: DisclosureRecord) -> tuple[str, ...]:
    return (
        row.reference,
        f"{row.at:%Y-%m-%d %H:%M}",
        row.kind,
        row.recipient,
        ", ".join(row.datasets or row.categories),
        row.purpose,
        screen.number(row.people),
        row.untold,
    )


def _as_json(row: DisclosureRecord) -> dict[str, object]:
    return {
        "disclosure": row.reference,
        "kind": row.kind,
        "at": row.at.isoformat(),
        "recipient": row.recipient,
        "role": row.role,
        "sort": row.sort,
        "country": row.country,
        "datasets": row.datasets,
        "categories": row.categories,
        "purpose": row.purpose,
        "people": row.people,
        "case": f"case:{row.case}" if row.case else None,
        "untold": row.untold,
    }
