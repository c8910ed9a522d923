"""Sentences for people."""

from __future__ import annotations

import pytest

from troth.plan import describe
from troth.plan.model import Blank, ChangeFields, Coarsen, DeleteRows, Kept, Replace, Step, Tally, Unproven
from troth.plan.predicates import ALWAYS
from troth.policy.model import Organisation, Policy, Retention

POLICY = Policy(
    organisation=Organisation(name="Alma"),
    retention={
        "account": Retention.model_validate({"for": "2 years", "after": "account.closed"}),
        "choice": Retention.model_validate({"until": "opted.out"}),
        "cap": Retention.model_validate({"at-most": "7 years", "after": "account.closed"}),
    },
)
TALLY = Tally(rows=311, oldest="2021-03-02T00:00:00+00:00", newest="2024-01-01")


def change(why: str, *changes: Blank | Replace | Coarsen, rows: int = 3) -> Step:
    """Make a step that changes fields."""
    return ChangeFields(
        id="01-x",
        dataset="app.accounts",
        why=why,  # type: ignore[arg-type]
        changes=changes,
        where=ALWAYS,
        promises=("retention.choice",),
        planned=Tally(rows=rows),
    )


def delete(*promises: str) -> Step:
    """Make a step that deletes."""
    return DeleteRows(id="01-x", dataset="app.accounts", where=ALWAYS, promises=promises, planned=TALLY)


def test_a_delete_says_its_rule_in_its_own_words() -> None:
    """Event, period, count and dates stand in the sentence."""
    assert describe.step(delete("retention.account"), POLICY) == (
        "Delete 311 rows of app.accounts whose account.closed was more than 2 years ago "
        "(oldest 2021-03-02, newest 2024-01-01)."
    )


def test_without_the_policy_the_promise_is_named() -> None:
    """A plan read alone is still told."""
    assert "whose retention.account has ended" in describe.step(delete("retention.account"))


def test_a_cap_is_told_beside_the_rule() -> None:
    """Both ends stand in the sentence."""
    said = describe.step(delete("retention.account", "retention.cap"), POLICY)
    assert "more than 2 years ago and account.closed was more than 7 years ago" in said


def test_changes_of_each_kind() -> None:
    """Blanking, placeholders and coarsening have words of their own."""
    said = describe.step(
        change("expired", Blank(column="a"), Blank(column="b"), Replace(column="c", text=""),
               Coarsen(column="ip", to="ip-prefix"), rows=1),
        POLICY,
    )  # fmt: skip
    assert said == (
        "Blank a and b; put a placeholder in c; reduce ip to its network in 1 row of app.accounts "
        "whose opted.out has come."
    )


@pytest.mark.parametrize(
    ("why", "words"),
    [("detach", "Cut the link to the person (who_id) in 3 rows"), ("unlink", "Empty who_id in 3 rows")],
)
def test_links(why: str, words: str) -> None:
    """Cutting a link to the person and breaking a circle are told apart."""
    assert describe.step(change(why, Blank(column="who_id")), POLICY).startswith(words)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("hold", "stay because of hold:1, to be looked at again on 2027-01-01"),
        ("needed-by", "stay because rows of hold:1 still need them"),
        ("not-started", "have no date for rule hold:1 yet"),
        ("unreadable", "that cannot be read"),
        ("other-controller", "held for somebody else"),
        ("unknown-controller", "a person decides"),
    ],
)
def test_every_reason_has_a_sentence(reason: str, words: str) -> None:
    """Each reason to stay is told in its own words."""
    entry = Kept(
        dataset="app.a",
        reason=reason,  # type: ignore[arg-type]
        detail="hold:1",
        promises=(),
        tally=Tally(rows=2),
        review="2027-01-01",
    )
    assert words in describe.kept(entry)


def test_a_date_that_is_none_is_not_repeated() -> None:
    """What stands where a date should be may be personal."""
    step = DeleteRows(
        id="1-x",
        dataset="app.a",
        where=ALWAYS,
        promises=("p",),
        planned=Tally(rows=1, oldest="Ada", newest="Bo"),
    )
    assert "Ada" not in describe.step(step)


def test_a_gap() -> None:
    """What a plan cannot do is said with its reason."""
    gap = Unproven(promise="retention.x", dataset="app.a", code="form-not-built", message="not read yet")
    assert describe.unproven(gap) == "retention.x is unproven for app.a: not read yet."
