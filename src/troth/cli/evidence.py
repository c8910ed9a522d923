"""`troth evidence`: what was done, provable: listed, shown, signed, exported, verified."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen

if TYPE_CHECKING:
    from troth.app.proof import Numbered
    from troth.evidence.verify import Verdict

group = groups.make("Show, export and verify the proof.")

SHOWN = 100
"""Characters of an entry's facts in a list on a terminal."""
LONG = 24
"""Values from this length on, digests and instants, stand behind what tells entries apart."""


@group.command("list", short_help="List the newest entries.")
def listed(
    project: options.Project = None,
    last: Annotated[int, typer.Option("--last", min=0, metavar="N", help="How many; 0 is all.")] = 50,
) -> None:
    """List the newest entries of the evidence log, oldest first."""
    from troth.app import proof

    session = options.begin(project)
    found = proof.entries(session.folder, session.environment, session.clock, last=last)
    screen.table(("number", "at", "kind", "facts"), map(_row, found), right=(0,))


def _row(numbered: Numbered) -> tuple[str, ...]:
    entry = numbered.entry
    telling_first = sorted(entry.body.items(), key=lambda item: len(str(item[1])) >= LONG)
    facts = " ".join(f"{name}={_short(value)}" for name, value in telling_first)
    cut = facts if len(facts) <= SHOWN or not sys.stdout.isatty() else f"{facts[:SHOWN]}…"
    return (str(numbered.index), f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.kind, cut)


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    text = str(value)
    return text[:12] if len(text) >= 64 else text


@group.command("show", short_help="Show one entry.")
def show(
    number: Annotated[int, typer.Argument(metavar="N", help="Number of the entry.")],
    project: options.Project = None,
) -> None:
    """Show one entry whole, as JSON."""
    from troth.app import proof

    session = options.begin(project)
    data = proof.entry(session.folder, session.environment, session.clock, number)
    screen.write(json.dumps(json.loads(data), indent=2, ensure_ascii=False) + "\n")


@group.command("checkpoint", short_help="Sign what the log holds now.")
def checkpoint(
    project: options.Project = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Keep it here too; best on another machine.")
    ] = None,
) -> None:
    """Sign what the log holds now, and print the checkpoint to be kept elsewhere."""
    from troth.app import proof

    session = options.begin(project)
    screen.write(proof.checkpoint(session.folder, session.environment, session.clock, out))


@group.command("export", short_help="Write the bundle an auditor gets.")
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The bundle to write, a zip file.")],
    project: options.Project = None,
) -> None:
    """Write the bundle an auditor gets: entries, signed checkpoints, public key, how to verify."""
    from troth.app import proof

    session = options.begin(project)
    written = proof.export(session.folder, session.environment, session.clock, out)
    screen.say(
        f"{out}: {screen.number(written.entries)} entries, "
        f"{screen.number(written.checkpoints)} signed checkpoints of log {written.origin}."
    )


@group.command("verify", short_help="Verify a bundle, or the project's own log.")
def verify(
    bundle: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE]", help="A bundle; without one, the project's own log.")
    ] = None,
    project: options.Project = None,
    key: Annotated[
        str, typer.Option("--key", metavar="K", help="The public key you pinned, or its file.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="FILE", help="A checkpoint you kept from earlier.")
    ] = "",
) -> None:
    """Verify entries, tree, signatures and history; a bundle is verified without opening any ledger."""
    found = _verdict(bundle, project, key, since)
    screen.write(f"{found}\n")
    raise typer.Exit(found.exit_code)


def _verdict(bundle: Path | None, project: Path | None, key: str, since: str) -> Verdict:
    if bundle is not None:
        from troth.evidence import verify

        return verify.verify_file(str(bundle), key, since)
    from troth.app import proof

    session = options.begin(project)
    return proof.verify_own(session.folder, session.environment, session.clock, key, since)
