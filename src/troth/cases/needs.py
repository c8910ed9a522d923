"""What a request still needs, in words: read off its events, its dates and its state. Pure; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from troth.cases import moves
from troth.cases.case import UNKNOWN, Case
from troth.cases.clocks import Dates

OWN = {
    moves.UNVERIFIED: "It could not be proven who asks: answer with the reasons, or let them try again.",
    moves.CLARIFYING: "What is meant was asked for and is not answered yet.",
    moves.DOING: "What was decided is to be done: `troth request carry-out`.",
    moves.ANSWERING: "The answer is to be sent: `troth request answer`.",
    moves.ANSWERED: "Answers of recipients may be missing; then it can be closed.",
}
BEFORE_DECISION = (moves.NEW, moves.IDENTIFYING, moves.CLARIFYING, moves.DECIDING)


def missing(case: Case, dates: Dates) -> tuple[str, ...]:
    """List what a request still needs; nothing for one that is over."""
    return tuple(_missing(case, dates)) if case.open else ()


def _missing(case: Case, dates: Dates) -> Iterator[str]:
    if case.state in BEFORE_DECISION or case.state in {moves.NEEDS_CUSTOMER, moves.REFERRED}:
        yield from _ours(case)
    if case.state in BEFORE_DECISION:
        yield from _who(case)
    yield from _told(case, dates)
    if case.state in OWN:
        yield OWN[case.state]
    elif case.state in {moves.NEW, moves.DECIDING} and (case.proven or case.kind.stops):
        planned = case.last("planned") is not None or not case.kind.needs_plan
        decide = "A person decides it: `troth request decide`."
        yield (
            decide
            if planned
            else "What it comes to is to be worked out: `troth request plan`; then a person decides."
        )


def _ours(case: Case) -> Iterator[str]:
    if case.role == UNKNOWN:
        yield "Whether we or a customer of ours decides is not known: `troth request customer`."
    if case.role != "processor":
        return
    if case.last("customer.named") is None:
        yield "For whom the data is held is not known: `troth request customer`."
    elif case.last("referred") is None:
        yield "It is to be passed on to the controller: `troth request refer`."
    elif not case.instruction:
        yield "The controller's instruction has not come; nothing is done without it."


def _who(case: Case) -> Iterator[str]:
    if case.whom != "self" and case.last("authority.shown") is None:
        yield f"The {case.whom} has not shown that they may ask for the person: `troth request verify`."
    if case.kind.stops or case.proven:
        return
    if case.state == moves.IDENTIFYING and case.last("identity.asked") is not None:
        yield "Proof of identity was asked for and is not accepted yet."
    else:
        yield "Nobody said yet that it is clear who asks: `troth request verify`; ask only where the law lets you."


def _told(case: Case, dates: Dates) -> Iterator[str]:
    answered = case.last("answered") is not None
    if case.last("acknowledged") is None and not answered:
        for one in (one for one in dates.beside if one.term):
            yield f"Tell the person that it came in, by {one.legal} ({one.pack.law})."
    asked, paid = case.last("fee.asked"), case.last("fee.paid")
    if asked is not None and (paid is None or paid.number < asked.number) and not answered:
        yield "The fee has not come."
    bounced = case.last("bounced")
    later = [
        e for e in case.events if bounced is not None and e.number > bounced.number and "letter" in e.body
    ]
    if bounced is not None and not later:
        yield "A letter came back: find another way to reach the person."
