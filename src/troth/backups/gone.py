"""When the last copy that may hold an erased person is gone. Pure: sets, promise and dates in, a day out.

A copy that was begun before the erasure may hold the person; whatever tells when it ends tells when the person is
gone. Where nothing is registered the promise gives a day all the same, and it is said that only the promise does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from troth import periods
from troth.ledger.records import Heard, SetRecord
from troth.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCopy:
    """When the last copy of some stores that may hold erased people is gone."""

    day: date | None
    """None where nothing says when some copy ends."""
    sets: int
    """Registered copies that may hold them, and are still there."""
    endless: tuple[str, ...] = ()
    """Copies whose end nobody knows, by their reference."""
    overdue: tuple[str, ...] = ()
    """Copies whose day is over and that nobody called gone."""
    unheard: tuple[str, ...] = ()
    """Stores of which no source has ever said which copies there are: only the promise speaks for them."""
    late: bool = False
    """Some copy outlives the promised term."""

    def __str__(self) -> str:
        if self.overdue:
            return f"nobody can say: past the day, and not yet called gone: {', '.join(self.overdue)}"
        if self.day is None and self.endless:
            has = "has" if len(self.endless) == 1 else "have"
            return f"nobody can say: {', '.join(self.endless)} {has} no end"
        if self.day is None and self.unheard:
            names = ", ".join(self.unheard)
            return f"nobody can say: no backup of {names} is registered, and no term is promised"
        if self.day is None:
            return "no registered copy holds them"
        by = " by the promise alone" if self.unheard and not self.sets else ""
        return f"last copy gone by {self.day.isoformat()}{by}"


def ends(made: datetime, stated: date | None, term: Period | None) -> date | None:
    """Return the day by which a copy is gone: as stated, else by the promised term; None where neither says."""
    if stated is not None:
        return stated
    return periods.end(made.date(), _days(term)) if term is not None else None


def last(
    sets: Iterable[SetRecord],
    heard: Iterable[Heard],
    *,
    stores: Sequence[str],
    erased_at: datetime,
    term: Period | None,
    today: date | None = None,
) -> LastCopy:
    """Say when the last copy of some stores that may hold people erased at an instant is gone.

    Args:
        sets: The register; sets that are gone are passed over.
        heard: When each source was last heard.
        stores: The stores they were erased from.
        erased_at: When.
        term: How soon erased data is promised to be gone from backups.
        today: The day on which it is said; that of the erasure where left out.
    """
    holding = [s for s in sets if s.store in stores and s.gone_at is None and s.made < erased_at]
    days = {s.id: ends(s.made, s.ends, term) for s in holding}
    known = {one.store for one in heard}
    unheard = tuple(store for store in stores if store not in known)
    promised = periods.end(erased_at.date(), _days(term)) if term is not None else None
    endless = tuple(f"backup:{id}" for id, day in days.items() if day is None)
    now = today or erased_at.date()
    overdue = tuple(f"backup:{id}" for id, day in days.items() if day is not None and day < now)
    open_end = bool(endless or overdue) or (bool(unheard) and promised is None)
    candidates = [day for day in days.values() if day] + ([promised] if unheard and promised else [])
    day = None if open_end else max(candidates, default=None)
    late = promised is not None and any(one is not None and one > promised for one in days.values())
    return LastCopy(day=day, sets=len(holding), endless=endless, overdue=overdue, unheard=unheard, late=late)


def _days(term: Period) -> Period:
    """Count hours as days begun: a copy is gone by the end of a day."""
    whole = -(-term.seconds // 86_400)
    return Period(months=term.months, days=term.days + whole)
