"""How people are named on the command line: identities as arguments, from a file, or on standard input.

A value on the command line stands in the process list; a file or standard input keeps it out of there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from troth.people.typed import Line

Given = Annotated[
    list[str] | None,
    typer.Argument(metavar="IDENTITY", help="As email:…, phone:…, id:123 or customer/123."),
]
Source = Annotated[
    str,
    typer.Option(
        "--from", metavar="FILE", help="Read identities from a file, one a line; - is standard input."
    ),
]
Limit = Annotated[
    int,
    typer.Option("--limit", metavar="N", min=1, help="An identity of more people than this is not followed."),
]
Region = Annotated[
    str,
    typer.Option(
        "--region", metavar="CC", help="Country of phone numbers typed without one; else the stores'."
    ),
]


def lines(arguments: Sequence[str], source: str) -> list[Line]:
    """Take identities from the command line, a file, or both."""
    from troth.people import typed

    given = [
        typed.Line(source="<arguments>", line=number, text=text) for number, text in enumerate(arguments, 1)
    ]
    if source == "-":
        given += typed.lines(_decoded(sys.stdin.buffer.read()), "<standard input>")
    elif source:
        given += typed.lines(_decoded(Path(source).read_bytes()), "<file>")
    return given


def _decoded(data: bytes) -> str:
    from troth.problems import BadInput, Problem

    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"The list of identities is not UTF-8: line {line} has a byte that cannot be read."
        problem = Problem(code="bad-encoding", message=message, hint="Save it as UTF-8.")
        raise BadInput([problem]) from None
