"""Charts as numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from troth.app import history  # configures Django, which the register of history needs
from troth.desk.console import charts, promise_words
from troth.ledger.promise_history import Stretch

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _stretch(status: str, number: int, since: datetime, last: datetime, *, name: str = "a") -> Stretch:
    return Stretch(promise=name, status=status, number=number, why="", since=since, last=last, entry=None)


def test_days_are_stacked_to_the_top() -> None:
    """The fullest day reaches the whole height."""
    days = [(date(2026, 3, 1), {"broken": 1}), (date(2026, 3, 2), {"broken": 2, "kept": 2})]
    chart = charts.stacked(days, promise_words.STACKED)
    assert chart is not None
    assert sum(bar.height for bar in chart.bars if bar.x) == chart.height
    assert next(bar.says for bar in chart.bars) == "2026-03-01: 1 broken"


def test_without_checks_there_is_no_chart() -> None:
    """Nothing is drawn of nothing."""
    assert charts.stacked([], promise_words.STACKED) is None
    assert charts.steps((), AT) is None


@given(st.lists(st.tuples(st.integers(-3, 40), st.integers(0, 10**12)), min_size=1, max_size=20))
def test_steps_stay_inside_the_chart(given: list[tuple[int, int]]) -> None:
    """Whatever the numbers, and though clocks went back, bands lie within the chart."""
    stretches = [
        _stretch("broken", number, AT + n * DAY + hours * timedelta(hours=1), AT + n * DAY)
        for n, (hours, number) in enumerate(given)
    ]
    chart = charts.steps(stretches, AT + DAY)
    assert chart is not None
    assert all(-0.1 <= bar.x <= chart.width for bar in chart.bars)
    assert all(bar.width > 0 for bar in chart.bars)


def test_a_day_counts_what_stood_at_its_end() -> None:
    """A promise keeps its status until a check says otherwise; one that was given up ends with its last check."""
    past = [
        _stretch("kept", 0, AT, AT + DAY),
        _stretch("broken", 4, AT + 2 * DAY, AT + 2 * DAY),
        _stretch("kept", 0, AT, AT + DAY, name="gone"),
    ]
    days = history.daily(past, frozenset({"a"}), (AT + 3 * DAY).date())
    assert [dict(counts) for _, counts in days] == [{"kept": 2}, {"kept": 2}, {"broken": 1}, {"broken": 1}]


def test_several_checks_of_one_day_count_once() -> None:
    """The last word of the day stands."""
    past = [_stretch("kept", 0, AT, AT), _stretch("broken", 1, AT + timedelta(hours=1), AT + DAY)]
    days = history.daily(past, frozenset({"a"}), AT.date())
    assert [dict(counts) for _, counts in days] == [{"broken": 1}]
