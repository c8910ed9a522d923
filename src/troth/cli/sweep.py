"""`troth sweep`: are people who had been erased in a store again? And `troth tombstone close`: they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, returned, screen
from troth.cli import group as groups

if TYPE_CHECKING:
    from troth.app.replaying import Returned

group = groups.make("Know who was erased, by number, and say who lawfully came back.")


def sweep(
    project: options.Project = None,
    store: Annotated[
        list[str] | None, typer.Option("--store", metavar="STORE", help="Look in this store alone.")
    ] = None,
    show_keys: Annotated[
        bool, typer.Option("--show-keys", help="Show which rows; may hold personal values.")
    ] = False,
    at: options.At = "",
    by: options.By = "",
) -> None:
    """Look in the stores for people who had been erased, and report them; nothing is ever deleted."""
    from troth.app import restoring

    session = options.begin(project)
    found = restoring.sweep(
        session.folder,
        session.environment,
        session.clock,
        session.moment(at),
        stores=tuple(store or ()),
        by=options.person(by),
    )
    screen.say(
        f"{screen.number(found.tombstones)} tombstones were looked for in {', '.join(found.stores)}.\n"
    )
    returned.show(found, show_keys)
    if found.restored:
        screen.say(
            "Rows older than the erasure came with a copy, or were never erased: see troth replay.", "yellow"
        )
    if not found.backs:
        screen.say(
            "Nobody who was erased is back where it was looked.", "green" if not found.left else "yellow"
        )
    raise typer.Exit(_code(found))


def _code(found: Returned) -> int:
    if found.backs:
        return exits.FOUND
    if found.silent:
        return exits.STORE
    return exits.UNPROVEN if found.left else exits.DONE


@group.command("list", short_help="List the erasures that are done.")
def listed(project: options.Project = None, at: options.At = "") -> None:
    """List the erasures that are done, with the day the last copy of their people is gone by."""
    from troth.app import restoring

    session = options.begin(project)
    found = restoring.erasures(session.folder, session.environment, session.clock, session.moment(at))
    if not found:
        screen.say("Nobody has been erased.")
        return
    headings = ("plan", "erased", "people", "came back", "stores", "backups")
    rows = (
        (
            one.plan[:12],
            f"{one.erased_at:%Y-%m-%d %H:%M}",
            screen.number(one.people),
            screen.number(one.people - one.standing),
            ", ".join(one.stores),
            str(last),
        )
        for one, last in found
    )
    screen.table(headings, rows, right=(2, 3))


@group.command("close", short_help="Close an erased person's tombstones.")
def close(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="erased:12, or 12.")],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="WORD", help="new-sign-up, new-consent, or a word of your own."),
    ],
    project: options.Project = None,
    by: options.By = "",
) -> None:
    """Say that an erased person lawfully came back: their tombstones are looked for no more."""
    from troth.app import restoring

    session = options.begin(project)
    restoring.close(
        person, session.folder, session.environment, session.clock, reason=reason, by=options.person(by)
    )
    number = person.strip().removeprefix("erased:")
    screen.say(f"erased:{number} is closed ({reason}).")
