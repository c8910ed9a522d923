"""What asked-for identity, fees, clarifications and costs do to a term: it starts again, it pauses, or nothing.

Which of these a law knows stands in its pack. Both the legal start and the careful one are returned: the careful
one is moved only by what the law itself says, and a pause is a day shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from troth.laws import counting
from troth.laws.calendars import Place
from troth.laws.due import Step
from troth.laws.facts import RECEIVED, Fact, Pair, pairs
from troth.laws.model import Move, Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where a term starts and how many of its days do not count."""

    start: datetime
    careful_start: datetime
    """As it was written, in the zone it was written in."""
    paused: int = 0
    careful_paused: int = 0
    waiting: bool = False
    """Something asked for has not come: the term does not run."""
    trace: tuple[Step, ...] = ()


@dataclass(slots=True)
class _State:
    received: datetime
    start: datetime
    careful: datetime
    legal_days: set[date] = field(default_factory=set)
    careful_days: set[date] = field(default_factory=set)
    waiting: bool = False
    trace: list[Step] = field(default_factory=list)


def of(pack: Pack, about: tuple[str, str], facts: Sequence[Fact], here: Place, reading: str) -> Moved:
    """Apply every move of a pack to a term (right and act) that began with the fact `received`."""
    right, act = about
    written = next(fact.at for fact in facts if fact.kind == RECEIVED)
    received = counting.local(written, here)
    state = _State(received=received, start=received, careful=written)
    for move in pack.moves:
        if not pack.in_force(move, received.date()) or not _about(move, right, act):
            continue
        for pair in pairs(facts, move.on):
            _apply(state, move, pair, reading)
    first, careful = state.start.date(), counting.local(state.careful, here).date()
    return Moved(
        start=state.start,
        careful_start=state.careful,
        paused=sum(1 for day in state.legal_days if day >= first),
        careful_paused=sum(1 for day in state.careful_days if day >= careful),
        waiting=state.waiting,
        trace=tuple(state.trace),
    )


def _about(move: Move, right: str, act: str) -> bool:
    """Tell whether a move is for a term; one for some rights does nothing to `any`, so the term stays the earlier."""
    return (not move.of or right in move.of) and (not move.acts or act in move.acts)


def _apply(state: _State, move: Move, pair: Pair, reading: str) -> None:
    if move.effect == "none" or (move.only_in and move.only_in != reading):
        _tell(state, move, f"{move.on} was asked for; the term runs on")
    elif not pair.asked.justified:
        _tell(state, move, f"{move.on} was asked for without its condition ({move.when}); the term runs on")
    elif move.effect == "restart":
        _restart(state, move, pair)
    else:
        _pause(state, move, pair)


def _restart(state: _State, move: Move, pair: Pair) -> None:
    at = pair.came.at if pair.came else None
    if move.grace is not None:
        at = pair.asked.at + timedelta(days=move.grace.days)
    if at is None:
        state.waiting = True
        _tell(state, move, f"{move.on} has not come; the term does not run until it does")
        return
    here = at.astimezone(state.received.tzinfo)
    state.start = max(state.start, here)
    if move.sure in ("read", "secondary"):
        state.careful = max(state.careful, at)
    _tell(state, move, f"the term begins on {here.date()}, with the {move.on}")


def _pause(state: _State, move: Move, pair: Pair) -> None:
    zone = state.received.tzinfo
    first = pair.asked.at.astimezone(zone).date()
    if pair.came is None:
        state.waiting = True
        _tell(state, move, f"{move.on} has not come; no day counts from {first} on")
        return
    last = pair.came.at.astimezone(zone).date()
    days = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    shorter = days - {first}
    taken = days if move.first_and_last_day == "both" else shorter
    state.legal_days |= taken
    if not move.only_in:
        state.careful_days |= shorter
    _tell(state, move, f"{len(taken)} days do not count: {move.on} asked {first}, come {last}")


def _tell(state: _State, move: Move, says: str) -> None:
    step = Step(says=f"{says[0].upper()}{says[1:]}.", rule=move.id, article=move.article, sure=move.sure)
    state.trace.append(step)
