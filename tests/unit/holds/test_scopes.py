"""What a hold covers, as people write it."""

from __future__ import annotations

import pytest

from troth.errors import Damaged
from troth.holds import scopes
from troth.holds.model import ConditionScope, DatasetScope, Hold, IdentityScope, SubjectScope
from troth.problems import BadInput
from unit.holds import makers


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("customer/123", SubjectScope(subject="customer", key=("123",))),
        ("tenant/eu/7\n", SubjectScope(subject="tenant", key=("eu", "7"))),
        ("file/a%2Fb", SubjectScope(subject="file", key=("a/b",))),
        ("email:jane@example.org", IdentityScope(kind="email", value="jane@example.org")),
        ("phone: +49 30 1", IdentityScope(kind="phone", value="+49 30 1")),
        ("app.orders", DatasetScope(dataset="app.orders")),
        ("app.crm.orders: a = 1", ConditionScope(dataset="app.crm.orders", condition="a = 1")),
    ],
)
def test_scopes_are_read(text: str, scope: object) -> None:
    """Each form is known by its look."""
    assert scopes.parse(text) == scope


@pytest.mark.parametrize("text", ["", "jane", "customer/", "a b/3", ":x", "email:", "/3"])
def test_anything_else_is_a_fault(text: str) -> None:
    """What is none of the forms is refused with the forms, and not repeated."""
    with pytest.raises(BadInput) as caught:
        scopes.parse(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.valid) == ("bad-scope", scopes.VALID)
    assert "jane" not in problem.message


@pytest.mark.parametrize(
    "scope",
    [
        SubjectScope(subject="file", key=("a/b", "50%")),
        DatasetScope(dataset="app.orders"),
        ConditionScope(dataset="app.orders", condition="a = 'é'"),
    ],
)
def test_scopes_survive_being_kept_and_shown(scope: SubjectScope | DatasetScope | ConditionScope) -> None:
    """Sealed form and written form both lead back to the same scope."""
    assert scopes.decode(scopes.encode("File", scope)) == ("File", scope)
    assert scopes.parse(scopes.show(scope)) == scope


def test_another_format_is_damage() -> None:
    """What a newer Troth sealed is not guessed at."""
    with pytest.raises(Damaged, match=r"troth\.hold/1"):
        scopes.decode(b'{"format": "troth.hold/2"}')


def test_a_hold_can_be_named_without_its_values() -> None:
    """What is shown without asking holds no key and no literal."""
    scopes_ = (
        SubjectScope(subject="customer", key=("jane",)),
        ConditionScope(dataset="a.b", condition="jane"),
    )
    about = [makers.hold(scope).about for scope in scopes_]
    assert about == ["one customer", "rows of a.b that meet a condition"]
    assert isinstance(makers.hold(DatasetScope(dataset="a.b")), Hold)
