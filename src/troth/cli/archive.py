"""`troth backup seal`, `open` and `shred`: encrypted archives with a key for each person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from troth.cli import backup, options, screen


def seal(
    listing: Annotated[
        Path, typer.Argument(metavar="LIST", help="A file with lines such as `customer/123  path/to/file`.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the archive is written.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Make an encrypted archive of people's files, with a key of its own for each part."""
    from troth.app import archives

    made = archives.seal(backup.session(project, by), listing, out)
    screen.say(
        f"archive:{made.archive} has {made.parts} parts. Their keys stand in the ledger, and nowhere else."
    )


def open_(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="The archive's file.")],
    person: Annotated[
        str, typer.Option("--person", metavar="P", help="customer/123; - reads it from standard input.")
    ],
    project: options.Project = None,
) -> None:
    """Write one person's part of an archive to standard output."""
    from troth.app import archives

    named = sys.stdin.readline().strip() if person == "-" else person
    for piece in archives.read(backup.session(project, ""), archive, named):
        sys.stdout.buffer.write(piece)


def shred(
    person: Annotated[
        list[str], typer.Argument(metavar="PERSON…", help="customer/123; - reads a list from standard input.")
    ],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Destroy the keys of some people's parts in every archive: whatever copies there are cannot be read."""
    from troth.app import archives

    people = sys.stdin.read().split() if person == ["-"] else person
    done = archives.shred(backup.session(project, by), people)
    if not done.parts:
        screen.say("No archive has a part of them whose key is still there.")
        return
    parts = "1 part" if done.parts == 1 else f"{done.parts} parts"
    screen.say(f"{parts} put beyond use. Copies of the ledger may hold the keys still: {done.last_copy}.")
