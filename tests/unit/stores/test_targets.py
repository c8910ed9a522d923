"""Questions by way, answered from what was set down; and which predicates can only hold for rows set down."""

from __future__ import annotations

import pytest

from troth.plan.predicates import ALWAYS, NEVER, Exists, Filled, Not, Predicate, Staged, both, either
from troth.stores.sql.people_count import found_by
from troth.stores.sql.targets import by_way, only_ours

SENDER, RECIPIENT = Staged(entry=0, columns=("sender",)), Staged(entry=0, columns=("recipient",))
ORDER = Exists(
    dataset="app.orders", match=(("order_id", "id"),), where=Staged(entry=0, columns=("customer_id",))
)
WHERES: dict[Predicate, int] = {SENDER: 0, RECIPIENT: 1, ORDER: 2}
BODY = Filled(column="body")


def down(mask: int) -> Staged:
    """Say that a row was set down by some ways."""
    return Staged(entry=-mask, columns=())


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (SENDER, down(1)),
        (either(SENDER, RECIPIENT), down(3)),
        (both(either(SENDER, ORDER), BODY), both(down(5), BODY)),
        (both(SENDER, Not(of=RECIPIENT)), both(down(1), Not(of=down(2)))),
        (either(SENDER, both(ORDER, BODY)), either(down(1), both(down(4), BODY))),
        (Exists(dataset="app.x", match=(), where=SENDER), Exists(dataset="app.x", match=(), where=SENDER)),
        (ALWAYS, ALWAYS),
    ],
)
def test_ways_are_answered_from_what_was_set_down(asked: Predicate, expected: Predicate) -> None:
    """Of the row itself only: a row of another dataset is asked as it stands."""
    assert by_way(asked, WHERES) == expected


@pytest.mark.parametrize(
    ("asked", "ours"),
    [
        (SENDER, True),
        (both(SENDER, BODY), True),
        (either(SENDER, both(ORDER, BODY)), True),
        (either(SENDER, BODY), False),
        (BODY, False),
        (Not(of=SENDER), False),
        (ALWAYS, False),
        (NEVER, True),
    ],
)
def test_rows_of_others_are_beyond_a_predicate_that_asks_a_way(asked: Predicate, ours: bool) -> None:
    """One part of a conjunction is enough, every part of a disjunction is needed."""
    assert only_ours(by_way(asked, WHERES)) is ours


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (both(BODY, SENDER), (SENDER,)),
        (both(either(SENDER, RECIPIENT), ORDER), (ORDER,)),
        (either(both(SENDER, BODY), RECIPIENT), (SENDER, RECIPIENT)),
        (either(SENDER, BODY), None),
        (Not(of=SENDER), None),
        (Exists(dataset="app.x", match=(), where=BODY), None),
    ],
)
def test_rows_are_found_by_the_fewest_ways_that_miss_none(
    asked: Predicate, found: tuple[Predicate, ...] | None
) -> None:
    """Where no way must hold, all rows have to be looked at."""
    assert found_by(asked) == found
