"""Whose clock and whose days off count at a place.

The days come from the package `holidays`, corrected as `calendars.yml` says. A place without calendar has no days
off and no zone of its own: its terms are never lengthened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from troth.laws import shelf
from troth.laws.model import Calendar

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place where something is to be done."""

    asked: str
    name: str = ""
    """The place whose calendar is used; empty where there is none."""
    calendar: Calendar | None = None

    @property
    def zone(self) -> ZoneInfo | None:
        """Return the clock on the wall."""
        return ZoneInfo(self.calendar.zone) if self.calendar else None

    def holiday(self, day: date) -> str:
        """Return the name of a public holiday; nothing on any other day."""
        return holidays_of(self.name, day.year).get(day, "") if self.calendar else ""


@cache
def place(name: str) -> Place:
    """Return the place, or the whole it is a part of: holidays of a part lengthen nothing (Reg. 1182/71 Art. 2)."""
    known = shelf.calendars().places
    words = name.upper().split("-")
    for length in range(len(words), 0, -1):
        found = "-".join(words[:length])
        if found in known:
            return Place(asked=name, name=found, calendar=known[found])
    return Place(asked=name)


@cache
def holidays_of(name: str, year: int) -> Mapping[date, str]:
    """Return the public holidays of a place in a year, with their names."""
    calendar = shelf.calendars().places[name]
    days = _package(calendar.country, calendar.part, year)
    if calendar.not_moved_to_friday:
        days = {day: says for day, says in days.items() if day.weekday() != FRIDAY or "observed" not in says}
    if calendar.also_from:
        more = _package(calendar.country, calendar.also_from, year)
        days |= {day: says for day, says in more.items() if says in calendar.also}
    return days


def _package(country: str, part: str, year: int) -> dict[date, str]:
    """Ask the package; what it only estimates may never lengthen a term, so it is left out."""
    import holidays

    found = holidays.country_holidays(country, subdiv=part or None, years=year)
    return {day: says for day, says in found.items() if day.year == year and "estimated" not in says}


def rests(at: Place, day: date, days: tuple[str, ...]) -> str:
    """Say why a day is no day on which a term ends; nothing when it is one."""
    if "sunday" in days and day.weekday() == SUNDAY:
        return "Sunday"
    if "saturday" in days and day.weekday() == SATURDAY:
        return "Saturday"
    return at.holiday(day) if "holidays" in days else ""


def next_day(day: date) -> date:
    """Return the day after."""
    return day + timedelta(days=1)
