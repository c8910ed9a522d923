"""`troth stores`: whether each store answers, and what it can do."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from troth.cli import exits, options, screen


class Format(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


def stores(
    project: options.Project = None,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """Open every store: does it answer, what can it do for people's rights, and what must a person do there."""
    from troth.app import openings

    session = options.begin(project)
    found = openings.opened(session.folder, session.environment, session.moment(""))
    if format is Format.JSON:
        screen.write(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False) + "\n")
    else:
        rows = [
            (
                one.store,
                one.engine or "does not answer",
                one.located,
                screen.number(one.datasets),
                "" if not one.engine else ", ".join(one.cannot) or "nothing",
                "yes" if one.atomic else "no",
            )
            for one in found
        ]
        headings = ("store", "engine", "in", "tables", "cannot", "all or nothing")
        screen.table(headings, rows, right=(3,))
        for one in found:
            for note in one.notes:
                screen.say(f"{one.store}: {note}", "yellow" if not one.engine else "")
    raise typer.Exit(exits.DONE if all(one.engine for one in found) else exits.STORE)
