"""`troth init`: a first draft of a project for a database nobody has described yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from troth.cli import screen


def init(
    db: Annotated[
        str,
        typer.Option("--db", metavar="URL", help="The database; '${NAME}' is taken from the environment."),
    ],
    text: Annotated[
        Path | None, typer.Option("--text", metavar="FILE", help="The published policy: txt, md or html.")
    ] = None,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where the project goes.")] = Path(),
    store: Annotated[str, typer.Option("--store", help="What to call the database.")] = "app",
    name: Annotated[str, typer.Option("--name", help="The organisation's name.")] = "Your organisation",
) -> None:
    """Draft troth.yaml and datamap.yaml from a database's structure, names and sampled values."""
    from troth.app import drafting

    screen.use(into)
    made = drafting.init(db, text, into, store, name, os.environ)
    screen.say(
        f"Looked at {made.tables} tables; {made.personal} columns seem personal. "
        f"Wrote {' and '.join(made.files)}{'' if made.folder == Path() else f' in {made.folder}'}."
    )
    if made.variable:
        screen.say(f"Put the database's address into an environment variable: export {made.variable}='...'")
    screen.say("Next: read both files, correct the guesses, then run troth lint.")
