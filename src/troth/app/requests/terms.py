"""What moves the time of a request: questions, fees, costs, and more time where the law gives it.

More time is asked for within the term and with a reason, or not at all; nobody is asked for a fee for an opt-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from troth.app.requests import letters
from troth.app.requests.opening import Changed, Doing
from troth.app.requests.steps import Before, Made, Place, one_of, said, take
from troth.cases import clocks
from troth.cases.clocks import Dates
from troth.cases.events import Event
from troth.errors import Refused
from troth.laws.due import Clocked
from troth.problems import BadInput, Problem

EXTENSIONS = ("complexity", "number-of-requests", "both", "consultation", "interference", "conversion")
"""Why it may take longer: the first three by GDPR Art. 12(3), the others by PIPEDA s. 8(4)."""
FEES = ("excessive", "unfounded", "further-copy", "by-law")
"""Why a fee may be asked for: GDPR Art. 12(5) and 15(3); `by-law` where a law lets a fee be asked for anyhow."""


def extend(id: int, reason: str, text: str, doing: Doing, at: Place, *, until: date | None = None) -> Changed:
    """Tell the person that it takes longer, and why.

    Args:
        id: The request.
        reason: One of `EXTENSIONS`.
        text: The reason in words, for the person.
        doing: By whom, and when it was told.
        at: Project, environment and clock.
        until: The day by which it is done, where a law has no second number but wants the day told.

    Raises:
        BadInput: when the reason is none, or the day is missing where it must be told.
        Refused: when no law of the request lets it take longer, or the term is over.
    """
    one_of("reason", reason, EXTENSIONS)
    said("The person must be told why it takes longer.", text)

    def step(before: Before) -> Made:
        notes = _extensible(before, until)
        body: dict[str, object] = {"reason": reason}
        if until is not None:
            body["due"] = until.isoformat()
        event = Event(kind="extension.notice", at=before.when, by=before.work.staff, body=body)
        after = before.work.dates(replace(before.case, events=(*before.case.events, event)))
        data = {"reason": text, "new_date": letters.by(after), "old_date": letters.by(before.dates)}
        letter = _letter(before, "extension", data)
        return Made(kind=event.kind, body=body, text={"text": text}, letter=letter, notes=notes)

    return take(id, step, doing, at)


def clarify(
    id: int, questions: Sequence[str], why: str, doing: Doing, at: Place, *, justified: bool = True
) -> Changed:
    """Ask what a request is about.

    Args:
        id: The request.
        questions: What is asked.
        why: Why, for the person.
        doing: By whom, and when.
        at: Project, environment and clock.
        justified: Whether the law lets it move the term: there is much, and it cannot be found otherwise.
    """
    said("A question for the person is missing.", *questions)

    def step(before: Before) -> Made:
        data = {"questions": list(questions), "why": why or "So that we look for what you want."}
        letter = _letter(before, "clarification", data)
        text = {"questions": list(questions), "why": why}
        return Made(kind="clarification.asked", body={"justified": justified}, text=text, letter=letter)

    return take(id, step, doing, at)


def clarified(id: int, text: str, doing: Doing, at: Place) -> Changed:
    """Write down what the person answered."""
    return take(id, lambda _: Made(kind="clarification.answered", text={"text": text}), doing, at)


def fee(id: int, reason: str, amount: str, why: str, doing: Doing, at: Place) -> Changed:
    """Ask for a fee.

    Raises:
        BadInput: when the reason is none.
        Refused: when nobody may be asked for a fee for this.
    """
    one_of("reason", reason, FEES)
    said("A fee needs its amount and its reason in words.", amount, why)

    def step(before: Before) -> Made:
        if before.case.kind.stops:
            says = before.case.kind.says.lower()
            raise Refused(f"Nobody may be asked for a fee for this: {says}.", hint="Do it free.")
        how = "Pay it, or tell us to change your request or to leave it."
        data = {"amount": amount, "why": why, "how": how}
        return Made(
            kind="fee.asked",
            body={"reason": reason, "justified": True},
            text={"amount": amount, "why": why},
            letter=_letter(before, "fee", data),
            notes=("That a fee is due is for us to show.",),
        )

    return take(id, step, doing, at)


def paid(id: int, doing: Doing, at: Place) -> Changed:
    """Write down that the fee was paid."""
    return take(id, lambda _: Made(kind="fee.paid"), doing, at)


def cost(id: int, amount: str, why: str, doing: Doing, at: Place) -> Changed:
    """Tell the person what it costs, where they must confirm first (Swiss DSV Art. 19)."""
    said("What it costs, and why, is missing.", amount, why)

    def step(before: Before) -> Made:
        how = "Tell us that you still want it, or leave it."
        data = {"amount": amount, "why": why, "how": how}
        letter = _letter(before, "fee", data)
        return Made(kind="cost.told", text={"amount": amount, "why": why}, letter=letter)

    return take(id, step, doing, at)


def confirmed(id: int, doing: Doing, at: Place) -> Changed:
    """Write down that the person still wants it at that cost."""
    return take(id, lambda _: Made(kind="cost.confirmed"), doing, at)


def _letter(before: Before, kind: str, data: Mapping[str, object]) -> str:
    """Write the letter; what was told on an earlier day was told by other means, for a letter goes today."""
    if before.when < before.work.now:
        return ""
    return letters.put(before.work, before.case, before.contents, kind, data)


def _extensible(before: Before, until: date | None) -> tuple[str, ...]:
    """Say what a notice of extension does under each law.

    Raises:
        BadInput: when the person must be told a day, and none is given.
        Refused: when it does nothing under any.
    """
    if before.case.last("extension.notice") is not None:
        raise Refused("It was extended before; no law lets it be extended twice.", hint="Answer it.")
    able = extensible(before.dates)
    if not able:
        day = letters.by(before.dates)
        raise Refused("No law of this request lets it take longer.", hint=f"Answer it by {day}.")
    late = [one for one in able if _over(one, before.when)]
    if len(late) == len(able):
        ends = ", ".join(f"{one.pack.law} {one.legal}" for one in late)
        raise Refused(
            f"The term is over ({ends}): a notice that comes after it extends nothing.",
            hint="Answer now, and say in the answer that it is late.",
        )
    unnamed = [one for one in able if one not in late and one.term and not one.term.extended]
    if unnamed and (until is None or until <= before.when.date()):
        laws = ", ".join(one.pack.law for one in unnamed)
        raise BadInput(
            [
                Problem(
                    code="bad-value",
                    message=f"{laws} wants the person told by when it is done.",
                    hint="Give the day with --until; it lies ahead.",
                )
            ]
        )
    return tuple(_told(before.dates, able, late))


def extensible(dates: Dates) -> list[Clocked]:
    """Return the clocks that a notice can lengthen, or within whose term another day can be told."""
    return [one for one in dates.clocks if one.term and (one.term.extended or one.term.act == clocks.LONGER)]


def _told(dates: Dates, able: Sequence[Clocked], late: Sequence[Clocked]) -> list[str]:
    fixed = [one for one in dates.clocks if one not in able and one.legal.moment(one.zone)]
    return [
        *(f"{one.pack.law}: its term ended on {one.legal}; nothing is extended there." for one in late),
        *(f"{one.pack.law} gives no more time: its end stays {one.legal}." for one in fixed),
    ]


def _over(one: Clocked, told: datetime) -> bool:
    end = one.legal.moment(one.zone)
    return end is not None and told > end
