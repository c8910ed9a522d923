"""`troth apikey`: keys of other systems, given, rotated, ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import group as groups
from troth.cli import options, request_input, screen

if TYPE_CHECKING:
    from troth.app.systems.keys import Given
    from troth.ledger.api_keys import KeyRecord

group = groups.make("Give other systems keys to the interface, rotate and end them.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the key: the system that has it.")]


@group.command("add", short_help="Give another system a key.")
def add(
    name: Name,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="S", help="What it may do, as requests:open; several times."),
    ] = None,
    project: options.Project = None,
    expires: Annotated[
        str, typer.Option("--expires", metavar="T", help="When it ends by itself (ISO 8601).")
    ] = "",
    by: options.By = "",
) -> None:
    """Give another system a key; its token is shown this once and kept nowhere."""
    from troth.app.clock import instant
    from troth.app.systems import keys as api_keys

    place = request_input.where(options.begin(project))
    end = instant(expires, "--expires") if expires else None
    _show(api_keys.add(name, scope or [], place, by=options.person(by), expires=end))


@group.command("list", short_help="List the keys there are.")
def listed(
    project: options.Project = None,
    every: Annotated[bool, typer.Option("--all", help="List also those that have ended.")] = False,
) -> None:
    """List keys: what each may do, when it ends, when it was last used; never its secret."""
    from troth.app.systems import keys as api_keys

    place = request_input.where(options.begin(project))
    now = place.clock.now()
    found = [one for one in api_keys.listed(place) if every or one.good(now)]
    if not found:
        screen.say("No other system has a key.")
        return
    screen.table(("key", "may", "given", "last used", "is"), [_row(one, now) for one in found])


@group.command("rotate", short_help="Give a key a new secret.")
def rotate(
    name: Name,
    project: options.Project = None,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="End the secret before now; by default it is good for 24 hours.")
    ] = False,
    by: options.By = "",
) -> None:
    """Give a key a new secret; the one before stays good for 24 hours, so that the system can be told."""
    from troth.app.systems import keys as api_keys

    place = request_input.where(options.begin(project))
    given = api_keys.rotate(name, place, by=options.person(by), at_once=at_once)
    _show(given)
    if not at_once:
        screen.say(f"The secret before is good until {_day(given.key.older_until)} UTC.")


@group.command("revoke", short_help="End a key.")
def revoke(name: Name, project: options.Project = None, by: options.By = "") -> None:
    """End a key at once: nothing is opened with it any more."""
    from troth.app.systems import keys as api_keys

    place = request_input.where(options.begin(project))
    key = api_keys.revoke(name, place, by=options.person(by))
    screen.say(f"The key `{key.name}` has ended.")


def _show(given: Given) -> None:
    screen.say(f"Key `{given.key.name}`: {', '.join(given.key.scopes)}.")
    screen.say("Its token, shown this once; keep it as you keep a password:")
    screen.write(given.token + "\n")


def _row(key: KeyRecord, now: datetime) -> tuple[str, ...]:
    state = "ended" if key.ended_at else "good" if key.good(now) else "expired"
    if state == "good" and key.expires_at:
        state = f"good until {_day(key.expires_at)}"
    return (key.name, " ".join(key.scopes), _day(key.made_at), _day(key.last_used_at) or "never", state)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
