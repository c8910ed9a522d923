"""What stands between a plan and the stores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from troth.apply import guards
from troth.apply.guards import Permit
from troth.errors import Refused
from troth.plan.model import Basis
from troth.policy.model import Limits
from troth.problems import Problem
from unit.apply.test_run import plan

LIMITS = Limits(share=5.0, drift=10.0)


def test_a_simulation_is_refused_but_under_a_test_clock() -> None:
    """A plan for another instant is for looking at."""
    made = replace(plan(1), simulation=True)
    with pytest.raises(Refused, match="simulation"):
        guards.check_simulation(made, Permit())
    guards.check_simulation(made, Permit(test_clock=True))


@pytest.mark.parametrize(
    ("changed", "word"), [({"rules": "other"}, "policy"), ({"structure": (("app", "t"),)}, "structure")]
)
def test_a_stale_plan_is_refused(changed: dict[str, object], word: str) -> None:
    """What the plan was made from must not have changed."""
    now = replace(Basis(rules="r", structure=(("app", "s"),), facts="f"), **changed)
    with pytest.raises(Refused, match=word):
        guards.check_basis(plan(1), now)


def test_a_changed_hold_does_not_make_a_plan_stale() -> None:
    """Holds are asked anew by every batch."""
    guards.check_basis(plan(1), Basis(rules="r", structure=(("app", "s"),), facts="other"))


def test_limits_of_the_project_are_kept() -> None:
    """Plans and steps above the limits are refused."""
    with pytest.raises(Refused, match="limits: rows:"):
        guards.check_limits(plan(11), Limits(rows=10))
    with pytest.raises(Refused, match="rows-per-step"):
        guards.check_limits(plan(11), Limits(rows_per_step=10))


def test_a_first_run_asks_for_a_backup() -> None:
    """Nobody has said that a backup exists."""
    with pytest.raises(Refused, match="backup"):
        guards.check_first_run(plan(1), LIMITS, Permit(), first=["app"], backed_up={})


def test_a_first_run_refuses_a_large_share_that_nobody_named() -> None:
    """More than the share of a table must be named, or tried with a limit."""
    backed_up = {"app": True}
    with pytest.raises(Refused, match="6 of 100"):
        guards.check_first_run(plan(6), LIMITS, Permit(), first=["app"], backed_up=backed_up)
    named = Permit(allow=frozenset({"app.things"}))
    guards.check_first_run(plan(6), LIMITS, named, first=["app"], backed_up=backed_up)
    guards.check_first_run(plan(6), LIMITS, Permit(limit=3), first=["app"], backed_up=backed_up)


def test_an_unclear_hold_stops_everything() -> None:
    """While nobody knows what a hold keeps, nothing is touched."""
    with pytest.raises(Refused, match="cannot be read"):
        guards.check_holds([Problem(code="hold-unclear", message="hold:1 cannot be read", hint="Lift it.")])


def test_a_count_may_drift_so_far() -> None:
    """The tolerance is a share of what was planned, rounded down."""
    assert guards.most_rows(10, LIMITS) == 11
    assert guards.most_rows(3, LIMITS) == 3


@pytest.mark.parametrize(
    ("rows", "over", "people"), [(11, 10, 1), (10, 10, 0), (1, 0, 1), (0, 0, 0), (9, None, 0)]
)
def test_a_second_person_is_asked_above_a_number_of_rows(rows: int, over: int | None, people: int) -> None:
    """Above the number one other person must agree; at it, or without one, nobody."""
    assert guards.approvals(rows, Limits(approve_over=over)) == people
