"""What holds tell the planner."""

from __future__ import annotations

from troth.holds import facts
from troth.holds.model import ConditionScope, DatasetScope, Ground, SubjectScope
from troth.plan.predicates import Compare, both
from troth.plan.world import Rank
from unit.holds import makers

ONE = SubjectScope(subject="customer", key=("123",))


def test_a_person_is_found_by_their_key() -> None:
    """A hold on a subject is about the row with that key, read as the column's kind."""
    (fact,), problems = facts.of([makers.hold(ONE)], makers.world())
    assert not problems
    assert (fact.id, fact.dataset, fact.subject) == ("hold:1", "app.customers", "customer")
    assert fact.where == Compare(column="id", operator="=", value=123)
    assert (fact.ground, fact.review) == ("legal hold", "2026-09-01")


def test_a_key_may_have_several_columns() -> None:
    """Each part of the key is compared."""
    scope = SubjectScope(subject="tenant", key=("eu", "7"))
    (fact,), _ = facts.of([makers.hold(scope)], makers.world())
    region = Compare(column="region", operator="=", value="eu")
    assert fact.where == both(region, Compare(column="id", operator="=", value=7))


def test_lifted_holds_are_told_no_more() -> None:
    """A lifted hold keeps nothing."""
    assert facts.of([makers.hold(ONE, lifted=True)], makers.world()) == ((), ())


def test_holds_come_in_the_order_of_conflicts() -> None:
    """A court order stands before a dispute, whichever was placed first."""
    dispute = makers.hold(ONE, ground=Ground.DISPUTE, number=1)
    order = makers.hold(ONE, ground=Ground.COURT_ORDER, number=2)
    told, _ = facts.of([dispute, order], makers.world())
    assert [fact.rank for fact in told] == [Rank.ORDER, Rank.OWN_INTEREST]


def test_every_ground_has_its_rank() -> None:
    """Own interest alone stands behind a granted erasure, in the order the grounds are listed."""
    ranks = [ground.rank for ground in Ground]
    assert ranks == sorted(ranks)
    assert [g for g in Ground if g.own_interest] == [Ground.DISPUTE, Ground.FRAUD]


def test_a_condition_that_fits_no_more_holds_everything() -> None:
    """When its column is gone, the whole dataset is held, and a finding says so without the condition."""
    scope = ConditionScope(dataset="app.orders", condition="flagged = 'jane'")
    (fact,), (problem,) = facts.of([makers.hold(scope)], makers.world())
    assert (fact.dataset, fact.where) == ("app.orders", None)
    assert (problem.code, problem.about) == ("hold-unclear", "hold:1")
    assert "every row" in problem.message
    assert "jane" not in problem.message


def test_a_hold_on_what_is_gone_is_a_finding() -> None:
    """A dataset or a kind of subject that is no more cannot be placed."""
    gone = [
        DatasetScope(dataset="app.gone"),
        ConditionScope(dataset="app.gone", condition="a = 1"),
        SubjectScope(subject="lead", key=("1",)),
    ]
    told, problems = facts.of([makers.hold(scope) for scope in gone], makers.world())
    assert told == ()
    assert [problem.code for problem in problems] == ["hold-unclear"] * 3


def test_a_scope_is_checked_before_a_hold_is_made() -> None:
    """An unknown dataset, an unknown subject and a key that cannot be one are faults; the key is not repeated."""
    seen = makers.world()
    (dataset,) = facts.faults(DatasetScope(dataset="app.order"), seen)
    (subject,) = facts.faults(SubjectScope(subject="custommer", key=("1",)), seen)
    (key,) = facts.faults(SubjectScope(subject="customer", key=("jane",)), seen)
    (count,) = facts.faults(SubjectScope(subject="customer", key=("1", "2")), seen)
    assert (dataset.nearest, subject.nearest) == ("app.orders", "customer")
    assert "jane" not in key.message
    assert "1 column(s), found 2" in count.message
    assert facts.faults(ONE, seen) == ()
