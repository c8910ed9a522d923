"""Bounds: never a day early, in every way a column can write a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth import periods
from troth.plan import dates
from troth.plan.predicates import Before
from unit.plan import makers

ZONES = st.sampled_from(["UTC", "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia"])
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
PERIODS = st.builds(periods.Period, months=st.integers(0, 30), days=st.integers(0, 40)).filter(
    lambda period: not period.exact
)


def naive_end(anchor: date, period: periods.Period) -> date:
    """Step month by month and day by day."""
    year, month = anchor.year, anchor.month
    for _ in range(period.months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = anchor.day
    while True:
        try:
            last = date(year, month, day)
            break
        except ValueError:
            day -= 1
    for _ in range(period.days):
        last += timedelta(days=1)
    return last


@given(at=INSTANTS, period=PERIODS, zone=ZONES, off=st.integers(-5, 5))
def test_a_cutoff_is_what_stepping_finds(at: datetime, period: periods.Period, zone: str, off: int) -> None:
    """Around the bound, a day lies before it exactly when its naive end lies before today."""
    cut = periods.cutoff(at, period, zone)
    anchor = cut.day + timedelta(days=off)
    today = at.astimezone(periods.ZoneInfo(zone)).date()
    assert (anchor < cut.day) == (naive_end(anchor, period) < today)


@given(one=INSTANTS, other=INSTANTS, period=PERIODS, zone=ZONES)
def test_a_cutoff_never_goes_back(one: datetime, other: datetime, period: periods.Period, zone: str) -> None:
    """A later instant has no earlier bound."""
    first, second = sorted([one, other])
    assert periods.cutoff(first, period, zone).instant <= periods.cutoff(second, period, zone).instant


@pytest.mark.parametrize("day", [28, 29, 30, 31])
def test_month_ends(day: int) -> None:
    """28 to 31 January and one month all end on 28 February, and go on 1 March."""
    month = periods.parse("1 month")
    bound = [
        periods.cutoff(datetime(2026, m, d, 12, tzinfo=UTC), month, "UTC").day for m, d in ((2, 28), (3, 1))
    ]
    assert bound[0] <= date(2026, 1, day) < bound[1]


def bound(kind: str, layout: str = "", at: datetime = datetime(2026, 3, 1, tzinfo=UTC)) -> object:
    """Write a bound the way a column does."""
    case = {
        "tables": {"customers": ["id int key", f"seen {kind}?"]},
        "layouts": {"app.customers.seen": layout},
        "map": {"datasets": {"app.customers": {}}},
    }
    seen = makers.world(case, "sqlite" if kind in ("text", "int") else "postgresql")
    table = seen.table("app.customers")
    column = table.column("seen") if table else None
    assert column is not None
    found = dates.dated(seen, "app.customers", column, periods.Cutoff(at, at.date())).expired
    assert isinstance(found, Before)
    return found.bound


@pytest.mark.parametrize("layout", ["datetime-space", "datetime-T", "datetime-T-Z"])
@pytest.mark.parametrize("tail", ["00:00", "00:00:00", "00:00:00.000"])
def test_no_way_to_write_the_bound_itself_lies_before_it(layout: str, tail: str) -> None:
    """Shorter text sorts before longer: the bound is as short as can be."""
    mark = " " if layout == "datetime-space" else "T"
    written = f"2026-03-01{mark}{tail}{'Z' if layout.endswith('Z') else ''}"
    assert not written < str(bound("text", layout))
    assert f"2026-02-28{mark}23:59:59" < str(bound("text", layout))


def test_seconds_stand_in_a_bound_that_has_some() -> None:
    """Hours are exact."""
    assert bound("text", "datetime-T", datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC)) == "2026-03-01T01:02:03"


def test_epochs() -> None:
    """Seconds and milliseconds since 1970."""
    assert (bound("int", "epoch-s"), bound("int", "epoch-ms")) == (1772323200, 1772323200000)


def test_wall_time_is_that_of_the_store() -> None:
    """A column without a zone is compared in the declared one."""
    assert bound("wall") == "2026-03-01 00:00:00"
