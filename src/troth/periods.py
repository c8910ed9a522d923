"""Periods of time as policies write them, and the calendar that ends them.

`parse` reads "2 years", "26 months", "1 year 6 months", "72 hours" and ISO 8601 durations ("P2Y6M", "PT72H").
A period with calendar units ends at the last instant of a local day; `cutoff` turns "now" round into the
bound that SQL compares a bare column with. No clock is read here: the instant is an argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from whenever import Date

UNITS: dict[str, tuple[str, int]] = {
    "year": ("months", 12),
    "month": ("months", 1),
    "week": ("days", 7),
    "day": ("days", 1),
    "hour": ("seconds", 3600),
    "minute": ("seconds", 60),
    "second": ("seconds", 1),
}
"""Each unit of the language, as a multiple of the three things a calendar cannot reduce further."""

VALID = ("2 years", "26 months", "30 days", "72 hours", "1 year 6 months", "P2Y6M", "PT72H")
"""Examples shown to a person whose period could not be read."""

LONGEST_MONTHS = 12 * 1000

_PART = re.compile(r"(\d+)\s*([a-z]+)")
_WORDS = re.compile(r"\s*\d+\s*[a-z]+(?:(?:\s*,\s*|\s+and\s+|\s+|)\d+\s*[a-z]+)*\s*")
_ISO = re.compile(
    r"P(?=\d|T\d)(?:(?P<year>\d+)Y)?(?:(?P<month>\d+)M)?(?:(?P<week>\d+)W)?(?:(?P<day>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hour>\d+)H)?(?:(?P<minute>\d+)M)?(?:(?P<second>\d+)S)?)?"
)


class BadPeriod(ValueError):
    """The text is not a period; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time: calendar months and days first, then exact seconds."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    @property
    def exact(self) -> bool:
        """Tell whether it counts absolute time only (hours), not days of a calendar."""
        return not self.months and not self.days

    def __str__(self) -> str:
        years, months = divmod(self.months, 12) if self.months % 12 == 0 else (0, self.months)
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        amounts = ((years, "year"), (months, "month"), (self.days, "day"), (hours, "hour"))
        parts = (*amounts, (minutes, "minute"), (seconds, "second"))
        text = " ".join(f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts if count)
        return text or "0 days"

    def __add__(self, other: Period) -> Period:
        return Period(self.months + other.months, self.days + other.days, self.seconds + other.seconds)


ZERO = Period()
DAY = Period(days=1)


def parse(text: str) -> Period:
    """Read a period in words or in ISO 8601 (§5.5.2.2, without fractions).

    Raises:
        BadPeriod: when the text is not a period, is negative, or names an unknown unit.
    """
    if not isinstance(text, str):
        raise BadPeriod("a period is a number and a unit, such as '2 years'")
    if text.strip().startswith("-"):
        raise BadPeriod("a period cannot be negative")
    iso = _ISO.fullmatch(text.strip())
    if iso:
        return _bounded(sum((_of(int(n), u) for u, n in iso.groupdict().items() if n), ZERO))
    if not _WORDS.fullmatch(text.lower()):
        raise BadPeriod("a period is a number and a unit, such as '2 years'")
    return _bounded(sum((_of(int(n), unit) for n, unit in _PART.findall(text.lower())), ZERO))


def _of(count: int, unit: str) -> Period:
    known = UNITS.get(unit) or UNITS.get(unit.removesuffix("s"))
    if known is None:
        raise BadPeriod(f"'{unit}' is not a unit of time")
    name, factor = known
    return Period(**{name: count * factor})


def _bounded(period: Period) -> Period:
    if period.months + period.days // 28 + period.seconds // 2_419_200 > LONGEST_MONTHS:
        raise BadPeriod("a period of more than 1,000 years is written 'ever'")
    return period


def end(anchor: date, period: Period) -> date:
    """Return the last local day on which data anchored on `anchor` may still be there.

    Months are added first and clamped to the month's end (29 February + 1 year is 28 February), then days.
    """
    added = Date(anchor.year, anchor.month, anchor.day).add(months=period.months).add(days=period.days)
    return date(added.year, added.month, added.day)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The bound of a rule at one instant: an anchor strictly before `instant` has expired.

    `day` is the same bound for a column that holds days only: a date strictly before `day` has expired.
    """

    instant: datetime
    day: date


def cutoff(at: datetime, period: Period, zone: str) -> Cutoff:
    """Return the bound below which an anchor's period has passed at `at`, for a calendar in `zone`.

    With calendar units the period ends at the last instant of a local day, so the bound is the local midnight
    after the greatest date whose end lies before today. With hours alone the bound is exact.
    """
    here = ZoneInfo(zone)
    moment = at - timedelta(seconds=period.seconds)
    if period.exact:
        return Cutoff(moment.astimezone(UTC), moment.astimezone(here).date())
    day = _greatest_passed(moment.astimezone(here).date(), period) + timedelta(days=1)
    return Cutoff(datetime.combine(day, time(), here).astimezone(UTC), day)


def _greatest_passed(today: date, period: Period) -> date:
    """Find the greatest date whose end is before `today`; `end` never falls as its anchor rises."""
    guess = Date(today.year, today.month, today.day)
    back = guess.subtract(days=period.days).subtract(months=period.months)
    day = date(back.year, back.month, back.day) + timedelta(days=4)
    while end(day, period) >= today:
        day -= timedelta(days=1)
    return day
