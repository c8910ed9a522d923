"""What the commands about requests are given: instants with their zone, texts from files, who does it and when."""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import options

if TYPE_CHECKING:
    from troth.app.requests.opening import Doing
    from troth.app.requests.steps import Place

LARGEST = 1_000_000
"""Bytes of a text that are read."""


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


Case = Annotated[int, typer.Argument(metavar="CASE", help="Number of the request, as listed.")]
Happened = Annotated[
    str,
    typer.Option(
        "--happened", metavar="T", help="When it happened: ISO 8601, with its zone; by default now."
    ),
]
Seen = Annotated[
    int,
    typer.Option(
        "--seen",
        metavar="N",
        min=0,
        help="How many events you saw; refused where there are others; 0 is not asked.",
    ),
]
Text = Annotated[
    str, typer.Option("--text", metavar="FILE", help="What to say, from a file; - is standard input.")
]
As = Annotated[Format, typer.Option("--format", help="How to write it.")]


def where(session: options.Session) -> Place:
    """Return the project, environment and clock of a command."""
    from troth.app.requests.steps import Place

    return Place(folder=session.folder, environment=session.environment, clock=session.clock)


def doing(by: str, happened: str = "", seen: int = 0) -> Doing:
    """Return who does something, and when it happened."""
    from troth.app.requests.opening import Doing

    at = instant(happened, "--happened") if happened else None
    return Doing(by=options.person(by), happened=at, seen=seen or None)


def instant(text: str, option: str) -> datetime:
    """Read an instant that must say its zone.

    Raises:
        BadInput: when it is none, or says no zone.
    """
    from troth.problems import BadInput, Problem

    valid = ("2026-01-31T10:00Z", "2026-01-31T10:00+01:00")
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is not None and found.tzinfo is not None:
        return found
    what = "is no instant" if found is None else "has no zone"
    hint = "Write date, time and zone, as ISO 8601 does: the day depends on where it was."
    raise BadInput(
        [Problem(code="bad-event", message=f"{option} {what}.", found=text, valid=valid, hint=hint)]
    )


def day(text: str, option: str) -> date:
    """Read a day.

    Raises:
        BadInput: when it is none.
    """
    from troth.problems import BadInput, Problem

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problem = Problem(
            code="bad-value",
            message=f"{option} is no day.",
            found=text,
            valid=("2026-07-31",),
            hint="Write it as ISO 8601 does.",
        )
        raise BadInput([problem]) from None


def read(source: str) -> str:
    """Read a text from a file or standard input; nothing where none is named.

    Raises:
        BadInput: when it is too long.
    """
    return data(source).decode("utf-8", errors="replace").strip() if source else ""


def data(source: str, largest: int = LARGEST) -> bytes:
    """Read a file or standard input.

    Raises:
        BadInput: when it is too large.
    """
    from troth.problems import BadInput, Problem

    if source == "-":
        found = sys.stdin.buffer.read(largest + 1)
    else:
        with Path(source).open("rb") as file:
            found = file.read(largest + 1)
    if len(found) > largest:
        hint = f"Give at most {largest // 1_000_000} MB."
        raise BadInput([Problem(code="bad-value", message="The file is too large.", hint=hint)])
    return found
