"""Steps of a request that somebody does by hand: notes, the residence, the end; and the one way all steps are done.

Each is an event with its letter, in one transaction. What a law does not allow is refused: an end without an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from troth.app.casework import drawers
from troth.app.clock import Clock
from troth.app.requests.opening import Changed, Doing, Work, at_work, located
from troth.cases import moves, register, which
from troth.cases.case import Case, Contents
from troth.cases.clocks import Dates
from troth.cases.register import Happened
from troth.errors import Refused
from troth.problems import BadInput, Problem, nearest

REOPENINGS = ("new-facts", "person-wrote-again", "authority-decided", "court-decided", "our-mistake")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step is done."""

    folder: Path
    environment: Mapping[str, str]
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a step adds to a request."""

    kind: str
    body: Mapping[str, object] | None = None
    text: Mapping[str, object] | None = None
    """Sealed."""
    laws: tuple[str, ...] | None = None
    residence: str | None = None
    role: str | None = None
    letter: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a step starts from."""

    work: Work
    case: Case
    dates: Dates
    when: datetime

    @property
    def contents(self) -> Contents:
        """What is sealed of the request.

        Raises:
            Refused: when it was destroyed.
        """
        return register.contents(self.work.ledger, self.case)


def take(id: int, step: Callable[[Before], Made], doing: Doing, at: Place) -> Changed:
    """Do a step: all of it, or nothing.

    Raises:
        BadInput: when there is no such request, or it cannot have happened at that instant.
        Refused: when the step may not be done now, or somebody else did something meanwhile.
    """
    with at_work(at.folder, at.environment, at.clock, by=doing.by) as work:
        case = work.read(id, doing)
        before = Before(work=work, case=case, dates=work.dates(case), when=doing.happened or work.now)
        made = step(before)
        happened = Happened(
            kind=made.kind,
            at=before.when,
            body=dict(made.body or {}) | ({"letter": made.letter} if made.letter else {}),
            text=made.text,
            laws=made.laws,
            residence=made.residence,
            role=made.role,
        )
        grown = work.add(case, happened)
        dates = work.dates(grown)
        return Changed(case=grown, before=before.dates, dates=dates, letter=made.letter, notes=made.notes)


def acknowledge(id: int, doing: Doing, at: Place) -> Changed:
    """Write down that the person was told of the arrival, by other means than a letter of ours."""
    return take(id, lambda _: Made(kind="acknowledged"), doing, at)


def note(id: int, text: str, doing: Doing, at: Place) -> Changed:
    """Keep something worth knowing, sealed."""
    said("The note is empty.", text)
    return take(id, lambda _: Made(kind="note", text={"text": text}), doing, at)


def withdraw(id: int, doing: Doing, at: Place) -> Changed:
    """Write down that the person no longer wants it; the request is over."""
    over = take(id, lambda _: Made(kind="withdrawn"), doing, at)
    drawers.empty(at.folder, id)
    return over


def reopen(id: int, reason: str, text: str, doing: Doing, at: Place) -> Changed:
    """Open an answered or closed request again; the text is sealed.

    Raises:
        Refused: when what it says of the person was destroyed: then nobody knows whose it is.
    """
    one_of("reason", reason, REOPENINGS)
    made = Made(kind="reopened", body={"reason": reason}, text={"text": text} if text.strip() else None)

    def step(before: Before) -> Made:
        register.contents(before.work.ledger, before.case)  # what was destroyed can only be asked for anew
        return made

    return take(id, step, doing, at)


def close(id: int, because: str, doing: Doing, at: Place) -> Changed:
    """Close a request that was answered or passed on, or whose person never said whose customer they are.

    Raises:
        Refused: when no answer went out.
    """

    def step(before: Before) -> Made:
        case = before.case
        ends = {
            moves.ANSWERED: case.outcome,
            moves.REFERRED: "referred",
            moves.NEEDS_CUSTOMER: "unverified",
        }
        if case.state not in ends:
            raise Refused(
                f"{case.reference} is `{case.state}`: no answer went out.",
                hint="Decide and answer it; a refusal is answered too. Given up by the person: `request withdraw`.",
            )
        if case.state == moves.NEEDS_CUSTOMER and not because.strip():
            raise Refused("Nobody knows yet whose customer they are: say with --because why it is closed.")
        text = {"because": because} if because.strip() else None
        return Made(kind="closed", body={"outcome": ends[case.state]}, text=text)

    closed = take(id, step, doing, at)
    drawers.empty(at.folder, id)
    return closed


def residence(id: int, place: str, doing: Doing, at: Place) -> Changed:
    """Write down where the person lives; laws and dates are computed anew.

    Raises:
        BadInput: when it is no place.
    """
    named = which.place(place)

    def step(before: Before) -> Made:
        project, case = before.work.project, before.case
        claimed = project.policy.organisation.laws
        chosen = which.choose(named, claimed, located(project), child=case.child)
        given, says = which.giving(chosen, case.kind, case.received.date())
        laws = tuple(one.law for one in given)
        notes = (*(f"{one.law}: {one.why}." for one in given), *((says,) if says else ()))
        return Made(
            kind="residence.stated", body={"laws": list(laws)}, laws=laws, residence=named, notes=notes
        )

    return take(id, step, doing, at)


def one_of(what: str, found: str, valid: tuple[str, ...]) -> None:
    """Refuse a word that is none of those there are.

    Raises:
        BadInput: with the nearest of them.
    """
    if found in valid:
        return
    problem = Problem(
        code="unknown-name",
        message=f"The {what} is none that is known.",
        found=found,
        valid=valid,
        nearest=nearest(found, valid),
        hint="Take one of the names.",
    )
    raise BadInput([problem])


def said(message: str, *texts: str) -> None:
    """Refuse texts that say nothing.

    Raises:
        BadInput: with the message.
    """
    if not texts or not all(text.strip() for text in texts):
        hint = "Write it; a file or standard input keeps it out of the list of processes."
        raise BadInput([Problem(code="bad-value", message=message, hint=hint)])
