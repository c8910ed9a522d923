"""How large the next batch is."""

from __future__ import annotations

from datetime import timedelta

from troth.apply.pace import FIRST, FULL_SPEED, LARGEST, Pace

BOUND = timedelta(milliseconds=200)


def test_without_a_bound_batches_are_large_and_follow_at_once() -> None:
    """Nobody waits, so there is no rest."""
    pace = Pace(None)
    pace.took(3.0)
    assert (pace.size, pace.rest) == (FULL_SPEED, 0.0)


def test_quick_batches_grow() -> None:
    """A batch far below its time doubles, up to the largest."""
    pace = Pace(BOUND)
    pace.took(0.001)
    assert pace.size == FIRST * 2
    for _ in range(20):
        pace.took(0.001)
    assert pace.size == LARGEST


def test_slow_batches_shrink_and_rest_as_long_as_they_worked() -> None:
    """A batch above its time gets smaller, and others come through."""
    pace = Pace(BOUND)
    pace.took(0.2)
    assert pace.size == FIRST // 2
    assert pace.rest == 0.2


def test_a_batch_that_was_rolled_back_is_tried_in_quarters() -> None:
    """The smallest batch cannot be made smaller."""
    pace = Pace(BOUND)
    assert pace.too_slow()
    assert pace.size == FIRST // 4
    pace.size = 1
    assert not pace.too_slow()
