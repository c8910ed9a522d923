"""`troth backup`: the register of copies: stated, listed, fed from tools, ended."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import edge, exits, options, screen
from troth.cli import group as groups

if TYPE_CHECKING:
    from troth.app.backups import Register, Session, Shown
    from troth.backups.register import Fed

group = groups.make("Know which copies of the stores there are, and when each is gone.")

Store = Annotated[
    str, typer.Option("--store", metavar="STORE", help="Whose copies: a store of the data map, or ledger.")
]
Empty = Annotated[
    bool, typer.Option("--empty", help="Believe that nothing is there, although copies were registered.")
]


class Tool(StrEnum):
    """Whose listing is read."""

    PGBACKREST = "pgbackrest"
    RESTIC = "restic"


class Format(StrEnum):
    """How the register is printed."""

    TEXT = "text"
    JSON = "json"


def session(project: Path | None, by: str) -> Session:
    """Return what a command on the register works with."""
    from troth.app import backups

    found = options.begin(project)
    return backups.Session(
        folder=found.folder, environment=found.environment, clock=found.clock, by=options.person(by)
    )


@group.command("add", short_help="Register a copy.")
def add(
    store: Annotated[
        str, typer.Argument(metavar="STORE", help="A store of the data map, or ledger for Troth's own.")
    ],
    made: Annotated[str, typer.Option("--made", metavar="T", help="When it was begun: an instant or a day.")],
    where: Annotated[str, typer.Option("--where", metavar="PLACE", help="Where it is. Not a person's name.")],
    project: options.Project = None,
    ends: Annotated[str, typer.Option("--ends", metavar="DATE", help="When it will be gone.")] = "",
    by: options.By = "",
) -> None:
    """Register a copy that no tool lists."""
    from troth.app import backups

    one = backups.add(session(project, by), store, made, where, ends)
    screen.say(f"backup:{one.id} is registered: {one.store}, made {one.made:%Y-%m-%d %H:%M} UTC.")


@group.command("scan", short_help="Register what stands in a folder.")
def scan(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the copies are.")],
    store: Store,
    project: options.Project = None,
    pattern: Annotated[
        str, typer.Option("--pattern", metavar="GLOB", help="Which names are copies, as *.dump.")
    ] = "*",
    empty: Empty = False,
    by: options.By = "",
) -> None:
    """Register every file or folder of a pattern as a copy; what no longer stands there is gone."""
    from troth.app import backups

    _tell(backups.scan(session(project, by), store, folder, pattern, empty=empty))


@group.command("feed", short_help="Register what a tool lists.")
def feed(
    listing: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What `pgbackrest info` or `restic snapshots` printed as JSON."),
    ],
    store: Store,
    format: Annotated[Tool, typer.Option("--format", help="Which tool it is from.")],
    project: options.Project = None,
    only: Annotated[
        str, typer.Option("--only", metavar="NAME", help="This stanza, or this tag, host or path, alone.")
    ] = "",
    empty: Empty = False,
    by: options.By = "",
) -> None:
    """Register what a backup tool lists; what it no longer lists is gone."""
    from troth.app import backups
    from troth.problems import BadInput

    fed, problems = backups.feed(session(project, by), store, listing, format.value, only=only, empty=empty)
    _tell(fed)
    if problems:
        screen.complain(edge.problems(BadInput(problems)))
        screen.say("Part of the listing could not be read: nothing was taken for gone.", "yellow")
        raise typer.Exit(exits.INPUT)


@group.command("confirm", short_help="State that the register is complete.")
def confirm(
    store: Annotated[str, typer.Argument(metavar="STORE", help="A store of the data map, or ledger.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """State that the register names every copy of a store, or that there is none."""
    from troth.app import backups

    count = backups.confirm(session(project, by), store)
    copies = "1 copy" if count == 1 else f"{count} copies" if count else "no copy"
    screen.say(f"Noted: there is {copies} of {store}.")


@group.command("gone", short_help="State that a copy is gone.")
def gone(
    id: Annotated[str, typer.Argument(metavar="ID", help="backup:12, or 12.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """State that a copy is gone."""
    from troth.app import backups

    one = backups.end(session(project, by), id)
    screen.say(f"backup:{one.id} is gone.")


@group.command("list", short_help="List the copies.")
def listed(
    project: options.Project = None,
    all: Annotated[bool, typer.Option("--all", help="Those that are gone, too.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
    at: options.At = "",
) -> None:
    """List the copies that are there, with the day each is gone by."""
    from troth.app import backups

    moment = options.begin(project).moment(at)
    found = backups.listed(session(project, ""), moment.at, all=all)
    if format is Format.JSON:
        screen.write(json.dumps(_json(found), indent=1, ensure_ascii=False) + "\n")
        return
    if found.copies:
        headings = ("backup", "store", "made", "gone by", "from", "name")
        screen.table(headings, (_row(one) for one in found.copies))
    else:
        screen.say("No copy is registered.")
    late = [f"backup:{one.set.id}" for one in found.copies if one.late]
    if late:
        screen.say(f"Past the promised term of {found.term}: {', '.join(late)}.", "bold red")
    if found.silent:
        screen.say(f"Nobody said which copies there are of: {', '.join(found.silent)}.", "yellow")


def _tell(fed: Fed) -> None:
    screen.say(f"{fed.listed} listed, {len(fed.new)} new, {len(fed.gone)} gone.")
    for one in fed.gone:
        screen.say(f"  gone: backup:{one.id}, made {one.made:%Y-%m-%d %H:%M} UTC")


def _row(one: Shown) -> tuple[str, ...]:
    made = one.set
    if made.gone_at is not None:
        day = f"gone {made.gone_at:%Y-%m-%d}"
    elif one.gone_by is None:
        day = "nobody knows"
    else:
        day = f"{one.gone_by}{' (promised)' if one.promised else ''}"
    return (f"backup:{made.id}", made.store, f"{made.made:%Y-%m-%d %H:%M}", day, made.source, made.name)


def _json(found: Register) -> dict[str, object]:
    return {
        "format": "troth.backups/1",
        "term": str(found.term) if found.term else None,
        "copies": [_copy(one) for one in found.copies],
        "heard": [
            {"store": h.store, "source": h.source, "at": h.at.isoformat(), "copies": h.sets}
            for h in found.heard
        ],
        "silent": list(found.silent),
    }


def _copy(one: Shown) -> dict[str, object]:
    made = one.set
    return {
        "backup": f"backup:{made.id}",
        "store": made.store,
        "made": made.made.isoformat(),
        "gone_by": one.gone_by.isoformat() if one.gone_by else None,
        "promised": one.promised,
        "late": one.late,
        "source": made.source,
        "name": made.name,
        "gone": made.gone_at.isoformat() if made.gone_at else None,
    }
