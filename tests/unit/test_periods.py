"""Periods: how they are written, and when they end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from troth import periods
from troth.periods import Period

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "periods.yml").read_text()
)


@pytest.mark.parametrize("case", [c for c in CASES if "is" in c], ids=lambda c: repr(c["written"]))
def test_reads_what_people_write(case: dict[str, Any]) -> None:
    """Words and ISO 8601 give calendar months, days and exact seconds."""
    assert periods.parse(case["written"]) == Period(*case["is"])


@pytest.mark.parametrize("case", [c for c in CASES if "bad" in c], ids=lambda c: repr(c["written"]))
def test_refuses_what_is_no_period(case: dict[str, Any]) -> None:
    """What cannot be read says what was expected."""
    with pytest.raises(periods.BadPeriod, match=case["bad"]):
        periods.parse(case["written"])


PERIODS = st.builds(
    Period, st.integers(0, 200), st.integers(0, 400), st.integers(0, 200).map(lambda h: h * 3600)
)
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@given(PERIODS)
def test_reads_back_what_it_writes(period: Period) -> None:
    """A period in words is read as the same period."""
    assert periods.parse(str(period)) == period


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2023-01-28", "1 month", "2023-02-28"),
        ("2023-01-31", "1 month", "2023-02-28"),
        ("2024-01-30", "1 month", "2024-02-29"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2024-02-29", "4 years", "2028-02-29"),
        ("2023-01-31", "1 month 1 day", "2023-03-01"),
        ("2023-12-31", "26 months", "2026-02-28"),
    ],
)
def test_ends_with_the_month_where_the_day_is_missing(start: str, period: str, end: str) -> None:
    """Months come first and stop at the month's end, then days."""
    assert periods.end(date.fromisoformat(start), periods.parse(period)) == date.fromisoformat(end)


@settings(max_examples=200)
@given(DAYS, st.builds(Period, st.integers(0, 200), st.integers(0, 400)), st.integers(-40, 40))
def test_cutoff_parts_the_dates_as_counting_each_would(today: date, period: Period, near: int) -> None:
    """A date lies before the cutoff exactly when its period ended before today, whatever the month ends."""
    at = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=9)
    cutoff = periods.cutoff(at, period, "UTC")
    anchor = cutoff.day + timedelta(days=near)
    if (period.months or period.days) and anchor.year >= 1:
        assert (anchor < cutoff.day) == (periods.end(anchor, period) < today)


@given(DAYS, PERIODS, st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Pacific/Apia"]))
def test_cutoff_never_goes_back_as_time_passes(today: date, period: Period, zone: str) -> None:
    """What has expired stays expired."""
    at = datetime.combine(today, datetime.min.time(), UTC)
    cutoffs = [periods.cutoff(at + timedelta(hours=h), period, zone).instant for h in (0, 7, 24, 31, 49)]
    assert cutoffs == sorted(cutoffs)


def test_hours_are_exact_across_a_clock_change() -> None:
    """Seventy-two hours are seventy-two hours though the clocks went forward in between."""
    at = datetime(2025, 3, 31, 12, tzinfo=ZoneInfo("Europe/Paris"))
    assert periods.cutoff(at, Period(seconds=72 * 3600), "Europe/Paris").instant == at - timedelta(hours=72)


def test_days_end_with_the_local_day() -> None:
    """The bound of a calendar period is a local midnight."""
    at = datetime(2025, 7, 1, 3, tzinfo=UTC)
    cutoff = periods.cutoff(at, Period(days=30), "America/New_York")
    assert cutoff.day == date(2025, 5, 31)
    assert cutoff.instant == datetime(2025, 5, 31, 4, tzinfo=UTC)
