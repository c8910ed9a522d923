"""`troth webhook`: other systems that are told of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, request_input, screen
from troth.cli import group as groups

if TYPE_CHECKING:
    from datetime import datetime

    from troth.app.systems.webhooks import Seen

group = groups.make("Tell other systems of events, by signed calls to an address of theirs.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the webhook: the system that is told.")]


@group.command("add", short_help="Tell another system of events.")
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it is told: https://….")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="E", help="Of what, as request.opened; several times; else of all."),
    ] = None,
    project: options.Project = None,
    private: Annotated[
        bool,
        typer.Option("--private", help="Let the address stand in a private network, or on this machine."),
    ] = False,
    by: options.By = "",
) -> None:
    """Tell another system of events; the secret that signs them is shown this once."""
    from troth.app.systems import webhooks

    place = request_input.where(options.begin(project))
    made = webhooks.add(name, url, event or (), place, by=options.person(by), private=private)
    screen.say(f"Webhook `{made.webhook.name}` is told of: {', '.join(made.webhook.events)}.")
    screen.say("The secret that signs what it is told, shown this once:")
    screen.write(made.secret + "\n")


@group.command("list", short_help="List who is told of events.")
def listed(
    project: options.Project = None,
) -> None:
    """List webhooks, with what waits for each and what was given up."""
    from troth.app.systems import webhooks

    found = webhooks.listed(request_input.where(options.begin(project)))
    if not found:
        screen.say("No other system is told of events.")
        return
    headings = ("webhook", "url", "events", "waiting", "given up", "last", "answer")
    screen.table(headings, [_row(one) for one in found], right=(3, 4))


@group.command("test", short_help="Send a test event now.")
def test(name: Name, project: options.Project = None) -> None:
    """Send one event `webhook.test` now, and say what was answered."""
    from troth.app.systems import webhooks

    answer = webhooks.test(name, request_input.where(options.begin(project)))
    if not answer.taken:
        screen.say(f"Not taken: {answer.says}.", "yellow")
        raise typer.Exit(exits.FOUND)
    screen.say(f"Taken: {answer.says}.")


@group.command("deliver", short_help="Send what is due.")
def deliver(
    project: options.Project = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most calls of one round.")] = 500,
) -> None:
    """Look for events since the last round, and send what is due; a worker does so by itself."""
    from troth.app.systems import webhooks

    done = webhooks.deliver(request_input.where(options.begin(project)), limit)
    screen.say(
        f"New: {done.new}; delivered: {done.delivered}; to be tried again: {done.later}; given up: {done.failed}."
    )
    if done.failed:
        raise typer.Exit(exits.FOUND)


@group.command("remove", short_help="Tell a system nothing any more.")
def remove(name: Name, project: options.Project = None, by: options.By = "") -> None:
    """Tell a system nothing any more, nor what was still on its way."""
    from troth.app.systems import webhooks

    gone = webhooks.remove(name, request_input.where(options.begin(project)), by=options.person(by))
    screen.say(f"`{gone.name}` is told nothing any more.")


def _row(one: Seen) -> tuple[str, ...]:
    hook = one.webhook
    return (
        hook.name,
        hook.url,
        " ".join(hook.events),
        str(one.waiting),
        str(one.failed),
        _day(one.last),
        str(one.code or ""),
    )


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
