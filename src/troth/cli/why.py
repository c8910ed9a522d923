"""`troth why ROW`: why a row is still here, when it goes, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import options, screen

if TYPE_CHECKING:
    from troth.plan.explain_row import Part, Term, Why

FATES = {
    "delete": "It is over: the next plan deletes it.",
    "detach": "It is over: the next plan cuts its link to the person and keeps the rest.",
    "change": "Some of its fields are over: the next plan changes them; the row stays.",
    "stay": "Nothing has to happen to it now.",
    "hold": "It is over, and a hold keeps it: {detail}.",
    "needed-by": "It is over, and rows of {detail} still need it.",
    "other-controller": "It is held for somebody else: no rule of ours touches it without an instruction.",
    "unknown-controller": "Nobody says for whom it is held: a person must decide.",
}


def why(
    row: Annotated[str, typer.Argument(metavar="ROW", help="store.table/key, as app.customers/123.")],
    project: options.Project = None,
    at: options.At = "",
) -> None:
    """Say why a row is still here, when it goes, and by which rule; shows dates, and no other value of it."""
    from troth.app import explaining

    session = options.begin(project)
    found = explaining.why(row, session.folder, session.environment, session.clock, session.moment(at))
    _show(found)


def _show(why: Why) -> None:
    screen.say(f"{why.dataset}/{why.key} on {why.at.date()}", "bold")
    if not why.found:
        screen.say("No row has this key: it has gone, or there never was one.")
        return
    screen.say(FATES.get(why.fate, why.fate).format(detail=why.detail))
    for held in why.holds:
        screen.say(f"Held by {held.id} ({held.ground}), review {held.review}.", "yellow")
    for dataset in why.needed_by:
        screen.say(f"Needed by rows of {dataset}.")
    if why.goes:
        screen.say(f"Its last day, where nothing else stands in the way: {why.goes}.")
    rows = [_row(part, term) for part in why.parts for term in part.terms]
    if rows:
        screen.say()
        screen.table(("rule", "fields", "state", "counts from", "dated by", "ends after"), rows)
    for part in why.parts:
        if part.unproven:
            screen.say(f"unproven {part.rule}: {part.unproven}", "yellow")


def _row(part: Part, term: Term) -> tuple[str, ...]:
    began = f"{term.event} {term.began}" if term.began else f"{term.event}, no date"
    period = f" ({term.period})" if term.period else ""
    return (
        f"{term.promise}{period}",
        ", ".join(part.fields),
        part.state,
        began,
        term.place,
        term.ends.isoformat() if term.ends else "",
    )
