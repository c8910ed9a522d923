"""`troth read TEXT`: a published text as sentences with fingerprints, and the rules that cite them."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import options, screen

if TYPE_CHECKING:
    from troth.app.pinning import Pinned
    from troth.policy.text.coverage import Row

FORMAT = "troth.read/1"


class Format(StrEnum):
    """How sentences are written."""

    TEXT = "text"
    JSON = "json"


def read(
    text: Annotated[Path, typer.Argument(metavar="TEXT", help="The published policy: txt, md or html.")],
    project: options.Project = None,
    lock: Annotated[
        bool, typer.Option("--lock", help="Write the project's lock: fingerprints in order, no text.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> None:
    """Split a policy text into sentences; show each with its fingerprint, a guess at its kind, and its rules."""
    from troth.app import pinning

    session = options.begin(project)
    pinned = pinning.read(text, session.folder)
    if format is Format.JSON:
        screen.write(json.dumps(_json(pinned), indent=1, ensure_ascii=False) + "\n")
    else:
        _show(pinned)
    if lock:
        path = pinning.lock(pinned.text, session.folder, session.environment, session.clock)
        screen.complain(f"Locked {len(pinned.text.sentences)} sentences in {path}.\n")


def _show(pinned: Pinned) -> None:
    path: tuple[str, ...] = ()
    if pinned.text.title:
        screen.say(pinned.text.title, "bold")
    for row in pinned.coverage.rows:
        here = tuple(heading.text for heading in row.sentence.heading_path)
        if here != path:
            path = here
            screen.say(f"\n{' > '.join(here)}", "bold")
        _line(row, cites=pinned.cites)
    counts = pinned.coverage
    total = len(counts.rows)
    screen.say(
        f"\n{total} sentences: {counts.cited} cited, {counts.wording_only} wording-only, {counts.uncited} uncited."
    )
    for reference in counts.unresolved:
        screen.say(f"{reference} is cited and means no sentence of this text.", "yellow")


def _line(row: Row, *, cites: bool) -> None:
    rules = f"  ← {', '.join(row.rules)}" if row.rules else ""
    standing = f"  [{row.standing.value}]" if cites and not rules else ""
    screen.say(f"  {row.reference}  {row.sentence.kind_guess}{standing}{rules}")
    screen.say(f"      {row.sentence.text}", "dim" if row.rules else "")


def _json(pinned: Pinned) -> dict[str, object]:
    counts = pinned.coverage
    return {
        "format": FORMAT,
        "text": pinned.text.name,
        "digest": pinned.text.digest,
        "totals": {
            "sentences": len(counts.rows),
            "cited": counts.cited,
            "wording-only": counts.wording_only,
            "uncited": counts.uncited,
        },
        "unresolved": list(counts.unresolved),
        "sentences": [
            {
                "reference": row.reference,
                "fingerprint": row.sentence.fingerprint,
                "kind": row.sentence.kind_guess,
                "headings": [heading.text for heading in row.sentence.heading_path],
                "block": row.sentence.block.value,
                "line": row.sentence.span.line,
                "text": row.sentence.text,
                "lead-in": row.sentence.lead_in,
                "standing": row.standing.value,
                "rules": list(row.rules),
            }
            for row in counts.rows
        ],
    }
