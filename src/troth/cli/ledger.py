"""`troth ledger`: look after Troth's own database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen

group = groups.make("Look after Troth's own database.")


@group.command("backup", short_help="Copy the ledger while it is in use.")
def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; it must not be there yet.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Copy a SQLite ledger while it is in use, check the copy, and register it; print a checkpoint to keep."""
    from troth.app import copying

    session = options.begin(project)
    done = copying.copy(out, session.folder, session.environment, session.clock, by=options.person(by))
    screen.complain(
        f"{out}: {screen.number(done.size)} bytes, {screen.number(done.entries)} entries, verified.\n"
        "Keep the keys apart from it, and this checkpoint on another machine.\n"
    )
    screen.write(done.checkpoint)


@group.callback()
def _root() -> None:
    """Look after Troth's own database."""
