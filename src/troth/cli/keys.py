"""`troth keys`: the ledger's secret keys: listed by id, rotated, destroyed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, screen

if TYPE_CHECKING:
    from troth.app.rotating import KeyShown

group = groups.make("Rotate and destroy the ledger's secret keys.")


class Use(StrEnum):
    """What a key is for."""

    TOMBSTONES = "tombstones"
    COMMITMENTS = "commitments"


@group.command("list", short_help="List the keys by id.")
def listed(project: options.Project = None) -> None:
    """List the secret keys by their ids, and what was made with them; no key is shown."""
    from troth.app import rotating

    session = options.begin(project)
    found = rotating.listed(session.folder, session.environment, session.clock)
    screen.table(("key", "for", "state", "tombstones", "standing"), map(_row, found), right=(3, 4))


def _row(one: KeyShown) -> tuple[str, ...]:
    state = "in use" if one.in_use else "gone" if one.lost else "older"
    counts = (
        (screen.number(one.tombstones), screen.number(one.standing)) if one.use == "tombstones" else ("", "")
    )
    return (one.id, one.use, state, *counts)


@group.command("rotate", short_help="Put a fresh key in place of one.")
def rotate(
    use: Annotated[Use, typer.Argument(metavar="USE", help="tombstones or commitments.")],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Put a fresh key in place of the one in use; the old one stays for what was made with it."""
    from troth.app import rotating

    session = options.begin(project)
    previous, fresh = rotating.rotate(
        use.value, session.folder, session.environment, session.clock, by=options.person(by)
    )
    screen.say(f"{use.value}: key {fresh} is in use; {previous} stays for what was made with it.")
    screen.say("Back the keys folder up, apart from the ledger.")


@group.command("destroy", short_help="Destroy an older key.")
def destroy(
    id: Annotated[str, typer.Argument(metavar="ID", help="A key's id, of 8 hexadecimal digits.")],
    project: options.Project = None,
    lose: Annotated[
        bool, typer.Option("--lose", help="Although something that still counts was made with it.")
    ] = False,
    by: options.By = "",
) -> None:
    """Destroy a key that was rotated out: what was made with it can no longer be compared or opened."""
    from troth.app import rotating

    session = options.begin(project)
    lost = rotating.destroy(
        id, session.folder, session.environment, session.clock, by=options.person(by), lose=lose
    )
    screen.say(f"Key {id} is destroyed here. Destroy its copies in backups of the keys folder too.")
    if lost:
        screen.say(f"{screen.number(lost)} tombstones can no longer be compared.", "yellow")
