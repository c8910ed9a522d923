"""What a clock says: a day, an instant, a stretch or a word, and the rules that led to it. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from troth.laws.model import Pack, Term

WORDS = ("none", "at-once", "as-soon-as-possible", "waiting", "ends-with-answer")
"""`none`: the law gives no term; `waiting`: it does not run until something comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When something is due."""

    day: date | None = None
    """The last local day; the term ends with its last second."""
    instant: datetime | None = None
    """The last instant, of a term in hours."""
    since: date | None = None
    """The first day of a stretch."""
    word: str = ""

    def __str__(self) -> str:
        if self.instant is not None:
            return self.instant.isoformat(timespec="minutes" if not self.instant.second else "seconds")
        if self.since is not None:
            return f"{self.since}/{self.day}"
        return str(self.day) if self.day else self.word

    def moment(self, zone: ZoneInfo | None) -> datetime | None:
        """Return the last instant; None for a word."""
        if self.instant is not None:
            return self.instant
        return datetime.combine(self.day, time(23, 59, 59), zone or UTC) if self.day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule a clock used, or one thing to know about it."""

    says: str
    rule: str = ""
    article: str = ""
    sure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another term that runs from the same facts."""

    event: str
    legal: Due
    safe: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocked:
    """What the clock of one law says."""

    pack: Pack
    term: Term | None
    event: str
    place: str
    zone: ZoneInfo | None
    legal: Due
    safe: Due
    """The earliest day that can be defended; plan with this one."""
    beside: tuple[Beside, ...] = ()
    trace: tuple[Step, ...] = ()
