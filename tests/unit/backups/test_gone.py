"""When the last copy that may hold an erased person is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.backups import gone
from troth.ledger.records import Heard, SetRecord
from troth.periods import Period

AT = datetime(2026, 5, 20, 9, tzinfo=UTC)
TERM = Period(days=30)


def copy(
    day: int = 1, *, id: int = 1, store: str = "app", ends: date | None = None, over: bool = False
) -> SetRecord:
    """Make a copy begun on a day of May."""
    made = datetime(2026, 5, day, 2, tzinfo=UTC)
    return SetRecord(
        id=id,
        store=store,
        source="command",
        name=f"{id}",
        place="",
        made=made,
        ends=ends,
        registered_at=made,
        gone_at=made if over else None,
        gone_how="stated" if over else "",
    )


def heard(store: str = "app") -> Heard:
    """Say that a source spoke."""
    return Heard(store=store, source="command", place="", at=AT, sets=1)


def last(*sets: SetRecord, said: tuple[Heard, ...] = (heard(),), term: Period | None = TERM) -> gone.LastCopy:
    """Ask for one store."""
    return gone.last(sets, said, stores=("app",), erased_at=AT, term=term)


def test_the_latest_copy_begun_before_decides() -> None:
    """Copies begun after the erasure do not have the person."""
    found = last(copy(1, id=1), copy(19, id=2), copy(21, id=3))
    assert (found.day, found.sets, str(found)) == (date(2026, 6, 18), 2, "last copy gone by 2026-06-18")


def test_a_stated_end_outweighs_the_promise() -> None:
    """Who keeps a copy longer than promised says so, and is late."""
    found = last(copy(1, ends=date(2027, 1, 1)))
    assert (found.day, found.late) == (date(2027, 1, 1), True)


def test_copies_that_are_gone_and_of_other_stores_do_not_count() -> None:
    """Nothing holds them then."""
    found = last(copy(1, over=True), copy(1, id=2, store="lake"))
    assert (found.day, found.sets, str(found)) == (None, 0, "no registered copy holds them")


def test_a_copy_without_an_end_has_no_day() -> None:
    """Neither stated nor promised: nobody can say, and the copy is named."""
    found = last(copy(1, id=7), term=None)
    assert (found.day, found.endless) == (None, ("backup:7",))
    assert str(found) == "nobody can say: backup:7 has no end"


def test_a_copy_whose_day_is_over_is_not_gone_by_itself() -> None:
    """Nobody called it gone, so no day can be named, and the copy is."""
    found = last(copy(1, id=7, ends=date(2026, 5, 10)), copy(1, id=8))
    assert (found.day, found.overdue) == (None, ("backup:7",))
    assert str(found) == "nobody can say: past the day, and not yet called gone: backup:7"


def test_where_nobody_ever_spoke_the_promise_alone_does() -> None:
    """The day counts from the erasure, and it is said that only the promise does."""
    found = last(said=())
    assert (found.day, found.unheard) == (date(2026, 6, 19), ("app",))
    assert "by the promise alone" in str(found)
    assert last(said=(), term=None).day is None


@pytest.mark.parametrize(
    ("term", "day"), [(Period(seconds=72 * 3600), 4), (Period(seconds=3600), 2), (Period(days=3), 4)]
)
def test_hours_count_as_days_begun(term: Period, day: int) -> None:
    """A copy is gone by the end of a day."""
    assert gone.ends(datetime(2026, 5, 1, 2, tzinfo=UTC), None, term) == date(2026, 5, day)


@given(
    st.lists(st.tuples(st.integers(1, 31), st.booleans(), st.none() | st.dates(date(2026, 6, 1))), max_size=6)
)
def test_a_slow_look_at_every_copy_says_the_same(made: list[tuple[int, bool, date | None]]) -> None:
    """Of the copies that are there and were begun before, the last day on which one is."""
    sets = [copy(day, id=n, over=over, ends=ends) for n, (day, over, ends) in enumerate(made, 1)]
    days = [
        s.ends or date.fromordinal(s.made.date().toordinal() + 30)
        for s in sets
        if s.gone_at is None and s.made < AT
    ]
    assert last(*sets).day == (max(days) if days else None)
