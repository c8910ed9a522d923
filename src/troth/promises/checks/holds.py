"""Holds: each has a ground, somebody who answers for it and a day to look at it again, and none is past that day.

Read off the register. That held rows are not touched is what plans and batches see to (`holds.watch`); nothing
counts it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.promises.checks import requests as checking
from troth.promises.given import Given, Hold
from troth.promises.listing import Promise
from troth.promises.results import Offence, Reason, Result, counted, decide

ANY = "any"


def of_ground(promise: Promise, given: Given, ground: str) -> Result:
    """Tell whether the holds for a ground, or for any, are as they must be."""
    if given.holds is None:
        return checking.unseen(promise)
    holds = [hold for hold in given.holds if ground in {ANY, hold.ground}]
    standing = [hold for hold in holds if hold.stands]
    today = given.world.at.date()
    late = sorted((h for h in standing if h.review < today), key=lambda hold: hold.review)
    bare = [hold for hold in standing if not hold.owned or not hold.ground]
    return decide(
        promise,
        offences=[*_offences(late, "past its review", "past their review"), *_bare(bare)],
        reasons=[*_unclear(standing), *checking.simulated(given)],
        held=bool(holds),
        note=_note(holds, standing),
    )


def _offences(late: list[Hold], one: str, many: str) -> Iterator[Offence]:
    if late:
        first = late[0]
        what = one if len(late) == 1 else many
        text = f"{counted(len(late), 'hold')} {what}, first {first.reference}, due {first.review.isoformat()}"
        yield Offence(dataset=first.reference, rows=len(late), oldest=first.review, noun="hold", says=text)


def _bare(bare: list[Hold]) -> Iterator[Offence]:
    if bare:
        text = f"{counted(len(bare), 'hold')} without ground or owner, first {bare[0].reference}"
        yield Offence(dataset=bare[0].reference, rows=len(bare), noun="hold", says=text)


def _unclear(standing: list[Hold]) -> Iterator[Reason]:
    for hold in standing:
        if not hold.clear:
            yield Reason(code="hold-unclear", message=f"{hold.reference} cannot be read as it was meant")


def _note(holds: list[Hold], standing: list[Hold]) -> str:
    if not holds:
        return "no such hold was ever placed"
    if not standing:
        return f"{counted(len(holds), 'hold')}, all lifted" if len(holds) > 1 else "1 hold, lifted"
    first = min(hold.review for hold in standing)
    stand = "stands" if len(standing) == 1 else "stand"
    return f"{len(standing):,} of {counted(len(holds), 'hold')} {stand}, looked at again from {first.isoformat()}"
