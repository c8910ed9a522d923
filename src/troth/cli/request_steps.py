"""`troth request …`: the steps somebody does by hand, each by name and with the instant at which it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import options, request_input, request_show

if TYPE_CHECKING:
    from troth.app.requests.opening import Changed

Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; kept sealed.")]


def acknowledge(
    case: request_input.Case,
    project: options.Project = None,
    happened: request_input.Happened = "",
    by: options.By = "",
) -> None:
    """Write down that the person was told of the arrival by other means than a letter of Troth's."""
    from troth.app.requests import steps

    where = request_input.where(options.begin(project))
    request_show.changed(steps.acknowledge(case, request_input.doing(by, happened), where))


def clarify(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    question: Annotated[
        list[str] | None,
        typer.Option("--question", metavar="TEXT", help="What to ask; may be repeated."),
    ] = None,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the person.")] = "",
    unneeded: Annotated[
        bool,
        typer.Option("--could-do-without", help="The law does not need the answer: the term runs on."),
    ] = False,
    answered: Annotated[bool, typer.Option("--answered", help="The person answered; --text has it.")] = False,
    text: request_input.Text = "",
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Ask the person what a request is about, with a letter; with --answered write the answer down."""
    from troth.app.requests import terms

    where = request_input.where(options.begin(project))
    doing = request_input.doing(by, happened, seen)
    if answered:
        request_show.changed(terms.clarified(case, request_input.read(text), doing, where))
        return
    asked = terms.clarify(case, question or [], because, doing, where, justified=not unneeded)
    request_show.changed(asked)


def extend(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="R",
            help="complexity, number-of-requests, both, consultation, interference or conversion.",
        ),
    ],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="The reason, for the person.")],
    project: options.Project = None,
    until: Annotated[
        str,
        typer.Option("--until", metavar="DATE", help="By when it is done, where a law has no second number."),
    ] = "",
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Tell the person, within the term, that it takes longer and why; refused where no law allows it."""
    from troth.app.requests import terms

    where = request_input.where(options.begin(project))
    doing = request_input.doing(by, happened, seen)
    day = request_input.day(until, "--until") if until else None
    request_show.changed(terms.extend(case, reason, because, doing, where, until=day))


def fee(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="R", help="excessive, unfounded, further-copy or by-law."),
    ] = "",
    amount: Annotated[str, typer.Option("--amount", metavar="TEXT", help="How much, as 15 EUR.")] = "",
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the person.")] = "",
    cost: Annotated[
        bool, typer.Option("--cost", help="Tell what it costs; the person must confirm first (Swiss law).")
    ] = False,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="The person confirmed the cost.")] = False,
    paid: Annotated[bool, typer.Option("--paid", help="The fee was paid.")] = False,
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Ask for a fee where a law lets you, with a letter; with --paid write down that it came."""
    from troth.app.requests import terms

    where = request_input.where(options.begin(project))
    doing = request_input.doing(by, happened, seen)
    if paid:
        found = terms.paid(case, doing, where)
    elif confirmed:
        found = terms.confirmed(case, doing, where)
    elif cost:
        found = terms.cost(case, amount, because, doing, where)
    else:
        found = terms.fee(case, reason, amount, because, doing, where)
    request_show.changed(found)


def residence(
    case: request_input.Case,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="As IE, GB-SCT, US-CA, or unknown.")],
    project: options.Project = None,
    happened: request_input.Happened = "",
    by: options.By = "",
) -> None:
    """Write down where the person lives; laws and dates are computed anew."""
    from troth.app.requests import steps

    where = request_input.where(options.begin(project))
    request_show.changed(steps.residence(case, place, request_input.doing(by, happened), where))


def customer(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask the person; the letter names nobody.")] = False,
    named: Annotated[
        str, typer.Option("--named", metavar="TEXT", help="The customer for whom the data is held; sealed.")
    ] = "",
    ours: Annotated[bool, typer.Option("--ours", help="We are the controller ourselves.")] = False,
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Settle for which controller the data is held: ask the person, name the customer, or say it is ours."""
    from troth.app.requests import customers

    if sum((ask, bool(named), ours)) != 1:
        raise typer.BadParameter("give one of --ask, --named and --ours", param_hint="--ask")
    where = request_input.where(options.begin(project))
    doing = request_input.doing(by, happened, seen)
    if ask:
        found = customers.ask(case, doing, where)
    elif named:
        found = customers.name(case, named, doing, where)
    else:
        found = customers.ours(case, doing, where)
    request_show.changed(found)


def refer(
    case: request_input.Case,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Where the controller is reached.")],
    project: options.Project = None,
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Pass a request on to the controller by letter, and tell the person that it answers."""
    from troth.app.requests import customers

    where = request_input.where(options.begin(project))
    request_show.changed(customers.refer(case, to, request_input.doing(by, happened, seen), where))


def instruct(
    case: request_input.Case,
    id: Annotated[str, typer.Option("--id", metavar="CODE", help="Its number, as OZ-17.")],
    project: options.Project = None,
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Write down the controller's instruction; what is done under it names it."""
    from troth.app.requests import customers

    where = request_input.where(options.begin(project))
    request_show.changed(customers.instruct(case, id, request_input.doing(by, happened, seen), where))


def note(
    case: request_input.Case,
    text: request_input.Text,
    project: options.Project = None,
    happened: request_input.Happened = "",
    by: options.By = "",
) -> None:
    """Keep a note with a request, sealed."""
    from troth.app.requests import steps

    where = request_input.where(options.begin(project))
    _short(steps.note(case, request_input.read(text), request_input.doing(by, happened), where))


def withdraw(
    case: request_input.Case,
    project: options.Project = None,
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Write down that the person no longer wants it; the request is closed."""
    from troth.app.casework import withdrawing

    where = request_input.where(options.begin(project))
    _short(withdrawing.withdraw(case, request_input.doing(by, happened, seen), where))


def reopen(
    case: request_input.Case,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="R",
            help="new-facts, person-wrote-again, authority-decided, court-decided or our-mistake.",
        ),
    ],
    project: options.Project = None,
    because: Because = "",
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Open an answered or closed request again; its clocks are those of the first arrival."""
    from troth.app.requests import steps

    where = request_input.where(options.begin(project))
    doing = request_input.doing(by, happened, seen)
    request_show.changed(steps.reopen(case, reason, because, doing, where))


def close(
    case: request_input.Case,
    project: options.Project = None,
    because: Because = "",
    happened: request_input.Happened = "",
    seen: request_input.Seen = 0,
    by: options.By = "",
) -> None:
    """Close a request that was answered or passed on; without an answer it stays open."""
    from troth.app.requests import steps

    where = request_input.where(options.begin(project))
    _short(steps.close(case, because, request_input.doing(by, happened, seen), where))


def _short(found: Changed) -> None:
    from troth.cli import screen

    outcome = f", {found.case.outcome}" if found.case.outcome else ""
    screen.say(f"{found.case.reference} is {found.case.state}{outcome}.")


def join(group: typer.Typer) -> None:
    """Add the steps to the group of requests."""
    group.command("acknowledge", short_help="Say that the person was told of the arrival.")(acknowledge)
    group.command("clarify", short_help="Ask what a request is about, or write down the answer.")(clarify)
    group.command("extend", short_help="Tell the person that it takes longer.")(extend)
    group.command("fee", short_help="Ask for a fee, or write down that it came.")(fee)
    group.command("residence", short_help="Say where the person lives.")(residence)
    group.command("customer", short_help="Say whose data it is.")(customer)
    group.command("refer", short_help="Pass a request on to the controller.")(refer)
    group.command("instruct", short_help="Write down the controller's instruction.")(instruct)
    group.command("note", short_help="Keep a note with a request.")(note)
    group.command("withdraw", short_help="Say that the person no longer wants it.")(withdraw)
    group.command("reopen", short_help="Open a request again.")(reopen)
    group.command("close", short_help="Close a request that was answered.")(close)
