"""Options that several commands share, and what every command starts from: folder, environment, clock."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import screen

if TYPE_CHECKING:
    from troth.app.clock import Clock, Moment

Project = Annotated[
    Path | None,
    typer.Option(
        "--project", metavar="DIR", help="Folder of the project; by default the nearest one with troth.yaml."
    ),
]
At = Annotated[
    str,
    typer.Option("--at", metavar="T", help="Instant (ISO 8601); one that is not now makes a simulation."),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this; by default your login name.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a command works with."""

    folder: Path
    environment: Mapping[str, str]
    clock: Clock

    def moment(self, at: str) -> Moment:
        """Return the instant asked for, and whether it makes a simulation."""
        from troth.app import clock

        return clock.moment(self.clock, at)


def begin(folder: Path | None) -> Session:
    """Find the project and the clock."""
    from troth.app import clock, project

    found = folder or project.nearest(Path.cwd())
    screen.use(found)
    return Session(folder=found, environment=os.environ, clock=clock.of(os.environ))


def person(name: str) -> str:
    """Return who gives the command."""
    if name.strip():
        return name.strip()
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
