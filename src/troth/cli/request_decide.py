"""`troth request …`: worked out, decided by a named person, carried out, answered, followed up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, options, request_input, request_verify, screen

if TYPE_CHECKING:
    from troth.app.casework.answering import Answered
    from troth.app.casework.desk import Desk
    from troth.app.casework.planning import Worked
    from troth.cases.case import Case

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; it is written down by name.")]
Purpose = Annotated[
    str, typer.Option("--purpose", metavar="NAME", help="Objection, withdrawal: the purpose that stops.")
]
Review = Annotated[
    str, typer.Option("--review", metavar="DAY", help="Restriction: when somebody looks at it again.")
]
Allowed = Annotated[
    list[str] | None, typer.Option("--allow", metavar="PURPOSE", help="Restriction: a purpose that goes on.")
]


def plan(
    case: request_input.Case,
    project: options.Project = None,
    joined: Annotated[
        bool, typer.Option("--joined", help="Take several accounts found as one person's.")
    ] = False,
    by: options.By = "",
) -> None:
    """Work out what a request comes to: the erasure plan, or the package to hand over; nothing is changed."""
    from troth.app.casework import planning

    _planned(planning.work_out(_desk(project, by), case, joined=joined))


def decide(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    grant: Annotated[bool, typer.Option("--grant", help="Everything that was asked for.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="A part; the rest for reasons.")] = False,
    refuse_: Annotated[bool, typer.Option("--refuse", help="Nothing of it, for reasons.")] = False,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Nothing: it could not be proven who asks.")
    ] = False,
    nothing_held: Annotated[
        bool, typer.Option("--nothing-held", help="Nothing of the person was found.")
    ] = False,
    because: Annotated[
        list[str] | None,
        typer.Option("--because", metavar="REASON", help="A reason; `request reasons` lists them."),
    ] = None,
    facts: Annotated[
        str, typer.Option("--facts", metavar="FILE", help="The facts behind it; sealed; - is standard input.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="When an interest of your own ends.")
    ] = "",
    seen: request_input.Seen = 0,
    by: By = "",
) -> None:
    """Decide a request, by name: about exactly the plan or package that was worked out."""
    chosen = [
        name
        for name, on in (
            ("granted", grant),
            ("partial", partial),
            ("refused", refuse_),
            ("unverified", unverified),
            ("nothing-held", nothing_held),
        )
        if on
    ]
    if len(chosen) != 1:
        raise typer.BadParameter(
            "Give one of --grant, --partial, --refuse, --unverified, --nothing-held.", param_hint="decision"
        )
    _decide(case, project, chosen[0], because or [], (facts, until), seen, by)


def refuse(
    case: request_input.Case,
    project: options.Project = None,
    because: Annotated[
        list[str] | None,
        typer.Option("--because", metavar="REASON", help="A reason; `request reasons` lists them."),
    ] = None,
    facts: Annotated[
        str, typer.Option("--facts", metavar="FILE", help="The facts behind it; sealed; - is standard input.")
    ] = "",
    seen: request_input.Seen = 0,
    by: By = "",
) -> None:
    """Refuse a request, by name, with reasons; the answer names the ways open to the person."""
    _decide(case, project, "refused", because or [], (facts, ""), seen, by)


def reasons(case: request_input.Case, project: options.Project = None) -> None:
    """List the reasons the laws of a request know for refusing it, with their articles."""
    from troth.cases import deciding

    found = _desk(project, "").read(case)
    rows = [
        (one.code, one.says, "; ".join(one.rules) or "any law")
        for one in deciding.reasons(found, deciding.valid(found))
    ]
    screen.table(("reason", "says", "rule"), rows)


def carry_out(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    purpose: Purpose = "",
    field: Annotated[
        str, typer.Option("--field", metavar="PLACE", help="Correction: store.table.column.")
    ] = "",
    value: Annotated[
        str,
        typer.Option(
            "--value-from", metavar="FILE", help="Correction: the right value; - is standard input."
        ),
    ] = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="R", help="Restriction: as `troth restrict` has it.")
    ] = "",
    review: Review = "",
    allow: Allowed = None,
    by: options.By = "",
) -> None:
    """Carry out what was decided, and look again; what is not done yet leaves the request where it is."""
    from troth.app.casework import doing
    from troth.app.casework.doing import Ordered

    ordered = Ordered(
        purpose=purpose,
        field=field,
        value=request_input.read(value),
        reason=reason,
        review=review,
        allowed=tuple(allow or ()),
    )
    made = doing.carry_out(_desk(project, by), case, ordered)
    screen.say(made.says, "" if made.over else "yellow")
    if made.erased is not None:
        for result in made.erased.results:
            if result.message:
                screen.say(f"  {result.store}: {result.message}", "yellow")
    if not made.over:
        raise typer.Exit(exits.FOUND)
    _next(made.case)


def hold_off(
    case: request_input.Case,
    project: options.Project = None,
    purpose: Purpose = "",
    review: Review = "",
    allow: Allowed = None,
    by: options.By = "",
) -> None:
    """Stop the use of the data until an objection or a dispute over accuracy is decided (GDPR Art. 18)."""
    from troth.app.casework import doing
    from troth.app.casework.doing import Ordered

    ordered = Ordered(purpose=purpose, review=review, allowed=tuple(allow or ()))
    _next(doing.until_decided(_desk(project, by), case, ordered))


def redacted(case: request_input.Case, project: options.Project = None, by: options.By = "") -> None:
    """State that you looked through the package for data of others, and found none or took it out."""
    from troth.app.casework import planning

    _next(planning.redacted(_desk(project, by), case))


def answer(  # noqa: PLR0913, PLR0917 each option is a parameter
    case: request_input.Case,
    project: options.Project = None,
    part: Annotated[
        list[str] | None,
        typer.Option("--part", metavar="NAME=FILE", help="A part that cannot be worked out, from a file."),
    ] = None,
    delivery: Annotated[
        list[str] | None,
        typer.Option("--delivery", metavar="TEXT", help="How the data itself is handed over."),
    ] = None,
    note: Annotated[
        list[str] | None, typer.Option("--note", metavar="TEXT", help="A paragraph more.")
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="You hand the answer over; no letter is queued.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show the letter; nothing is written down or sent.")
    ] = False,
    by: options.By = "",
) -> None:
    """Answer a request as it was decided; what a law demands and is missing blocks it; recipients are told."""
    from troth.app.casework import answering
    from troth.app.casework.drafts import Said

    said = Said(
        parts=_parts(part or []), delivery=tuple(delivery or ()), notes=tuple(note or ()), by_hand=by_hand
    )
    if preview:
        screen.write(answering.preview(_desk(project, by), case, said))
        return
    _answered(answering.answer(_desk(project, by), case, said))


def recipient(
    case: request_input.Case,
    who: Annotated[str, typer.Argument(metavar="RECIPIENT", help="As recipient:3.")],
    project: options.Project = None,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="WORD", help="done, refused or not-held.")
    ] = "done",
    by: options.By = "",
) -> None:
    """Write down what a recipient answered who was told of an erasure, correction or restriction."""
    from troth.app.casework import answering

    _next(answering.recipient_answered(_desk(project, by), case, who, outcome))


def follow_up(
    project: options.Project = None,
    apply: Annotated[bool, typer.Option("--apply", help="Erase what may go now.")] = False,
    by: options.By = "",
) -> None:
    """Erase what was kept of answered erasures, once its ground has ended; nobody has to ask again."""
    from troth.app.casework import following

    found = list(following.follow_up(_desk(project, by), apply=apply))
    rows = [(str(one.case.id), one.came, screen.number(one.rows), one.says) for one in found]
    if rows:
        screen.table(("case", "came", "rows", "why"), rows, right=(0, 2))
    else:
        screen.say("No answered erasure kept anything.")
    if any(one.came in {"waits", "returned"} for one in found):
        raise typer.Exit(exits.FOUND)


def join(group: typer.Typer) -> None:
    """Add these commands to `troth request`."""
    group.command("verify", short_help="Prove who asks.")(request_verify.verify)
    group.command("plan", short_help="Work out what it comes to.")(plan)
    group.command("reasons", short_help="List reasons for refusing it.")(reasons)
    group.command("hold-off", short_help="Stop the use until it is decided.")(hold_off)
    group.command("decide", short_help="Decide it, by name.")(decide)
    group.command("refuse", short_help="Refuse it, with reasons.")(refuse)
    group.command("carry-out", short_help="Do what was decided.")(carry_out)
    group.command("redacted", short_help="State that others' data is out.")(redacted)
    group.command("answer", short_help="Answer it.")(answer)
    group.command("recipient", short_help="Write down a recipient's answer.")(recipient)
    group.command("follow-up", short_help="Erase what was kept, once it may go.")(follow_up)


def _desk(project: Path | None, by: str) -> Desk:
    from troth.app.casework.desk import Desk

    session = options.begin(project)
    return Desk(
        folder=session.folder, environment=session.environment, clock=session.clock, by=options.person(by)
    )


def _decide(
    case: int,
    project: Path | None,
    outcome: str,
    because: list[str],
    more: tuple[str, str],
    seen: int,
    by: str,
) -> None:
    from troth.app.casework import deciding
    from troth.cases.deciding import Decision

    facts, until = more
    decision = Decision(
        outcome=outcome, reasons=tuple(because), text=request_input.read(facts), until=_day(until)
    )
    _next(deciding.decide(_desk(project, by), case, decision, seen=seen or None))


def _day(text: str):  # type: ignore[no-untyped-def]
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("Expected a day as 2026-01-31.", param_hint="--until") from None


def _parts(given: list[str]) -> dict[str, list[str]]:
    from troth.laws import answers as book

    known = book.book().parts
    found: dict[str, list[str]] = {}
    for one in given:
        name, is_there, file = one.partition("=")
        if name not in known or not is_there or not file:
            raise typer.BadParameter(
                f"Expected NAME=FILE with one of {', '.join(known)}.", param_hint="--part"
            )
        text = request_input.read(file)
        found[name] = [part.strip() for part in text.split("\n\n") if part.strip()]
    return found


def _planned(made: Worked) -> None:
    if made.plan is not None:
        from troth.cli import erase

        erase.tell(made.plan)
    elif made.exported is not None and made.exported.anybody:
        screen.say(f"{screen.number(made.exported.rows)} rows in {made.folder}", "bold")
        for note in made.exported.notes:
            screen.say(f"Note: {note}", "yellow")
    else:
        screen.say("Nothing of the person was found.", "bold")
    if made.unlooked:
        screen.say(
            f"Not looked at: {screen.number(made.unlooked)} places; `troth find` names them.", "yellow"
        )
    _next(made.case)


def _answered(made: Answered) -> None:
    where = f"queued as {made.letter}; `troth outbox send` sends it" if made.letter else "handed over by hand"
    screen.say(f"Answered: {where}.")
    if made.told:
        screen.say(f"Recipients told: {', '.join(made.told)}.")
    if made.untold:
        screen.say(f"Nobody knows how to reach: {', '.join(made.untold)}. Tell them yourself.", "yellow")
    _next(made.case)


def _next(case: Case) -> None:
    """Say where the request stands, and what it still needs."""
    from troth.cases import clocks, needs

    screen.say(f"{case.reference} is {case.state}.")
    for one in needs.missing(case, clocks.dates(case, max(event.at for event in case.events))):
        screen.say(f"To do: {one}", "yellow")
