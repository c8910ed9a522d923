"""How the end of one term is counted from its first day: months, days, business days, hours, and days off at the end.

Sources: Regulation (EEC, Euratom) 1182/71 Art. 3 for the Union and, by Art. 4A UK GDPR, the United Kingdom;
Interpretation Act (Singapore) s. 50; Acts Interpretation Act 1901 (Cth) s. 36. What a term counts is in its pack.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from whenever import Date

from troth import periods
from troth.laws import calendars
from troth.laws.calendars import SATURDAY, SUNDAY, Place
from troth.laws.due import Due
from troth.laws.model import Counting, Term
from troth.periods import DAY, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one term is counted, with nothing left open."""

    count: str = "after"
    business: bool = False
    calendar: str = ""
    saturdays: bool = False
    ends_not_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The end of a term, and what moved it."""

    due: Due
    notes: tuple[str, ...] = ()


def way(*layers: Counting | None) -> Way:
    """Join a term and its readings; a later one changes what it says."""
    made = Way()
    for layer in layers:
        if layer is None:
            continue
        made = Way(
            count=layer.count or made.count,
            business=made.business if layer.days is None else layer.days == "business",
            calendar=layer.calendar or made.calendar,
            saturdays=made.saturdays if layer.saturdays is None else layer.saturdays == "business",
            ends_not_on=made.ends_not_on if layer.ends_not_on is None else layer.ends_not_on,
        )
    return made


def unrolled(found: Way) -> Way:
    """Return the way without the days off at the end: the careful one."""
    return replace(found, ends_not_on=())


def end(term: Term, length: Period, start: datetime, here: Place, how: Way, *, paused: int = 0) -> Counted:
    """Count a term from the instant it starts at.

    Args:
        term: says whether it is a last day, a first one or a stretch.
        length: how long, with an extension where there is one.
        start: in the zone of the place.
        here: the place whose days off count.
        how: what is counted.
        paused: days that do not count.
    """
    if length.exact:
        return _hours(length, start, how)
    day = start.date()
    if term.sense == "window":
        return Counted(due=Due(since=_back(day, length), day=day))
    if how.business:
        return _business(length.days, day, _whose(here, how))
    last = periods.end(day, length) - (DAY_LONG if how.count == "with" else timedelta())
    notes = _clamped(day, length, last, how)
    return _rolled(last + timedelta(days=paused), here, how, notes)


DAY_LONG = timedelta(days=DAY.days)


def _hours(length: Period, start: datetime, how: Way) -> Counted:
    """Count elapsed hours: summer time moves the clock on the wall, not the term (Art. 3(2)(a), (4))."""
    first = start.astimezone(UTC)
    notes: tuple[str, ...] = ()
    if how.count == "next-hour":
        first = first.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        notes = ("The hour of the event is not counted.",)
    last = (first + timedelta(seconds=length.seconds)).astimezone(start.tzinfo)
    if last.utcoffset() != start.utcoffset():
        notes = (*notes, "The clocks change in between; hours are counted as they pass.")
    return Counted(due=Due(instant=last), notes=notes)


def _back(day: date, length: Period) -> date:
    back = Date(day.year, day.month, day.day).subtract(months=length.months).subtract(days=length.days)
    return calendars.next_day(date(back.year, back.month, back.day))


def _whose(here: Place, how: Way) -> tuple[Place, Way]:
    return (calendars.place(how.calendar) if how.calendar else here), how


def _business(count: int, day: date, whose: tuple[Place, Way]) -> Counted:
    place, how = whose
    notes: list[str] = []
    while count:
        day = calendars.next_day(day)
        if day.weekday() == SUNDAY or (day.weekday() == SATURDAY and not how.saturdays):
            continue
        holiday = place.holiday(day)
        if holiday:
            notes.append(f"{day} is {holiday} and does not count.")
            continue
        count -= 1
    return Counted(due=Due(day=day), notes=tuple(notes))


def _clamped(day: date, length: Period, last: date, how: Way) -> tuple[str, ...]:
    if length.months and not length.days and last.day != day.day and how.count == "after":
        return (f"There is no day {day.day} in that month; its last day ends the term.",)
    return ()


def _rolled(last: date, here: Place, how: Way, notes: tuple[str, ...]) -> Counted:
    """Move an end off days off, forward; never where the place has no calendar."""
    if not here.calendar:
        return Counted(due=Due(day=last), notes=notes)
    why = calendars.rests(here, last, how.ends_not_on)
    while why:
        notes = (*notes, f"{last} is {why}; the term ends on the next day that counts.")
        last = calendars.next_day(last)
        why = calendars.rests(here, last, how.ends_not_on)
    return Counted(due=Due(day=last), notes=notes)


def local(at: datetime, here: Place) -> datetime:
    """Return an instant on the clock of the place; on its own where the place has none."""
    zone: ZoneInfo | None = here.zone
    return at.astimezone(zone) if zone else at
