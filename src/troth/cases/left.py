"""How much of its time a request has left, in a word a list can show. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from troth.cases import moves

Word = Literal["overdue", "late", "soon", "half", "in time", "waiting", "elsewhere", "answered", "closed"]
SOON, HALF = 0.25, 0.5
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What counts for the time that is left."""

    state: str
    received_at: datetime
    legal_due: datetime | None
    safe_due: datetime
    own_target: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How it stands with the time of a request."""

    word: Word
    """`overdue`: after the legal end; `late`: after the safe one; `soon`: a quarter or less is left;
    `waiting`: the law lets its clock wait; `elsewhere`: the controller answers."""
    days: int
    """Whole days until the safe end; below zero after it."""


def left(of: Standing, at: datetime) -> Left:
    """Say how much time is left at an instant."""
    seconds = (of.safe_due - at).total_seconds()
    whole = (of.safe_due - of.received_at).total_seconds()
    return Left(word=_word(of, at, seconds / whole if whole > 0 else 0.0), days=int(seconds // DAY))


def _word(of: Standing, at: datetime, share: float) -> Word:
    if of.state == moves.CLOSED:
        return "closed"
    if of.state == moves.ANSWERED:
        return "answered"
    if of.state == moves.REFERRED:
        return "elsewhere"
    if of.legal_due is None and not of.own_target:
        return "waiting"
    if at > (of.legal_due or of.safe_due).astimezone(UTC):
        return "overdue"
    if at > of.safe_due:
        return "late"
    return "soon" if share <= SOON else "half" if share <= HALF else "in time"
