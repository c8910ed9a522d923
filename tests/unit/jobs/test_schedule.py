"""When what is due again and again is due, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.jobs.model import Schedule

MINUTELY = Schedule(kind="mail", every=timedelta(minutes=1), stale=timedelta(minutes=10))
NIGHTLY = Schedule(kind="check", at=time(2, 10))
INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)
)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-01T02:09:59", "2026-02-28T02:10:00"),
        ("2026-03-01T02:10:00", "2026-03-01T02:10:00"),
        ("2026-03-01T23:00:00", "2026-03-01T02:10:00"),
    ],
)
def test_nights(now: str, due: str) -> None:
    """What is done at night is due at its hour, and stays due until the next night."""
    found = NIGHTLY.due(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@given(INSTANTS)
def test_due_is_the_last_instant(now: datetime) -> None:
    """The due instant is not ahead, and the next one is: nothing is skipped and nothing comes early."""
    for schedule, gap in ((MINUTELY, timedelta(minutes=1)), (NIGHTLY, timedelta(days=1))):
        due = schedule.due(now)
        assert due <= now < due + gap


@given(INSTANTS, st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_a_jump_of_the_clock_owes_one_job(now: datetime, jump: timedelta) -> None:
    """However far the clock jumps, one job is due afterwards, with the same id for whoever asks in that minute."""
    after = now + jump
    one, again = MINUTELY.order(after, "mail"), MINUTELY.order(MINUTELY.due(after), "mail")
    assert one is not None
    assert one == again


def test_the_stale_is_left() -> None:
    """A worker that starts long after the instant does not make up for it."""
    late = Schedule(kind="check", at=time(2, 10), stale=timedelta(hours=6))
    assert late.order(datetime(2026, 3, 1, 8, tzinfo=UTC), "checks") is not None
    assert late.order(datetime(2026, 3, 1, 9, tzinfo=UTC), "checks") is None
