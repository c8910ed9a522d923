"""`troth restrict`: data of people that may be kept and not used: placed, proven, listed, lifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, identities, options, screen
from troth.cli.task import say_waiting

if TYPE_CHECKING:
    from troth.app.restricting import Restricted
    from troth.ledger.restrictions import RestrictionRecord

MOST_SHOWN = 40
WORDS = ("lift", "list", "prove")


def restrict(  # noqa: PLR0913, PLR0917 each option is a parameter
    identity: Annotated[
        list[str] | None,
        typer.Argument(metavar="IDENTITY", help="As email:… or customer/123; or `lift ID`, `list`, `prove`."),
    ] = None,
    project: options.Project = None,
    source: identities.Source = "",
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="R",
            help="accuracy-contested, unlawful-processing, legal-claims or objection-pending.",
        ),
    ] = "",
    review: Annotated[
        str, typer.Option("--review", "--until", metavar="DATE", help="When it is looked at again.")
    ] = "",
    allow_purpose: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-purpose", metavar="P", help="A purpose that goes on, as legal-claims; repeatable."
        ),
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="With list: lifted ones too.")] = False,
    joined: Annotated[
        bool,
        typer.Option(
            "--joined", help="Several rows of one kind of subject are one person's: take them as one."
        ),
    ] = False,
    limit: identities.Limit = 20,
    region: identities.Region = "",
    by: options.By = "",
) -> None:
    """Restrict the use of people's data (GDPR Art. 18); with list, prove or lift ID look at it or end it."""
    words = identity or []
    session = options.begin(project)
    if words and words[0] in WORDS:
        _other(words, session, options.person(by), all=all)
        return
    from troth.app import restricting, wishes

    if not reason or not review:
        missing = "--reason" if not reason else "--review"
        raise typer.BadParameter("a restriction needs a reason and a review", param_hint=missing)
    wish = wishes.Wish(lines=identities.lines(words, source), limit=limit, region=region)
    ask = restricting.Ask(
        reason=reason,
        review=review,
        allowed=tuple(dict.fromkeys(allow_purpose or ())),
        by=options.person(by),
        joined=joined,
    )
    made = restricting.place(ask, wish, session.folder, session.environment, session.clock)
    _show(made)
    raise typer.Exit(_code([made]))


def _other(words: list[str], session: options.Session, by: str, *, all: bool) -> None:
    from troth.app import restricting

    folder, environment, clock = session.folder, session.environment, session.clock
    match words:
        case ["list"]:
            _list(restricting.listed(folder, environment, clock, all=all), session)
        case ["prove"]:
            found = restricting.prove(folder, environment, clock, by=by)
            for one in found:
                _show(one)
            if not found:
                screen.say("No restriction is open.")
            raise typer.Exit(_code(found))
        case ["lift", id]:
            rows = restricting.lift(id, folder, environment, clock, by=by)
            screen.say(
                f"It is lifted; {screen.number(rows)} rows or keys are as they were. Its hold is lifted too."
            )
        case _:
            raise typer.BadParameter("write `lift ID`, `list` or `prove`", param_hint="IDENTITY")


def _list(rows: Sequence[RestrictionRecord], session: options.Session) -> None:
    if not rows:
        screen.say("No restriction is open.")
        return
    headings = (
        "restriction",
        "state",
        "reason",
        "people",
        "since",
        "review",
        "last look",
        "rows read",
        "allowed",
    )
    screen.table(
        headings,
        (
            (
                one.reference,
                one.state,
                one.reason,
                str(one.people),
                f"{one.made_at:%Y-%m-%d}",
                one.review.isoformat(),
                f"{one.proof} {one.proven_at:%Y-%m-%d}" if one.proven_at else "never",
                screen.number(one.readable),
                ", ".join(one.allowed),
            )
            for one in rows
        ),
    )
    today = session.clock.now().date()
    due = [one.reference for one in rows if one.lifted_at is None and one.review <= today]
    if due:
        screen.say(f"Review is due: {', '.join(due)}.", "yellow")


def _show(made: Restricted) -> None:
    record = made.record
    who = "1 person" if record.people == 1 else f"{screen.number(record.people)} people"
    screen.say(f"{record.reference}, {record.reason}, {who}, review {record.review}: {record.state}", "bold")
    if made.again:
        screen.say("It had been begun before; what has come since was taken in.")
    for one in made.placed[:MOST_SHOWN]:
        if one.rows or one.why:
            why = f" ({one.why})" if one.why else ""
            screen.say(f"  {one.dataset}: {screen.counted(one.rows, 'row')}, {_MEANS[one.means.value]}{why}")
    screen.say(
        f"Tried by reading: {record.proof}",
        {"proven": "green", "readable": "bold red"}.get(record.proof, "yellow"),
    )
    for sight in [s for s in made.proof.sights if s.state != "proven"][:MOST_SHOWN]:
        place = " ".join(
            part for part in (sight.dataset, f"as {sight.reader}" if sight.reader else "") if part
        )
        read = f"{screen.counted(sight.rows, 'row')} read" if sight.state == "readable" else "not proven"
        screen.say(f"  {place}: {read}{': ' + sight.why if sight.why else ''}", "yellow")
    for note in made.proof.notes:
        screen.say(f"  {note}", "dim")
    say_waiting(made.tasks)
    for error in made.failed:
        screen.say(f"Not done: {error.message} Give the same command again to go on.", "yellow")


_MEANS = {
    "row-security": "hidden by row security",
    "quarantine": "moved out of the application's table",
    "marker": "marked for the application",
    "none": "NOT hidden",
}


def _code(each: Sequence[Restricted]) -> int:
    if any(one.failed for one in each):
        return exits.STORE
    states = {one.record.proof for one in each}
    if "readable" in states:
        return exits.FOUND
    return exits.UNPROVEN if states - {"proven"} else exits.DONE
