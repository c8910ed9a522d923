"""What follows from having tried to read restricted rows."""

from __future__ import annotations

import pytest

from troth.problems import BadInput
from troth.rights import restrict
from troth.rights.restrict import NOTHING, Order, Proof, Reason, Sight, State


def sight(state: State, rows: int = 0) -> Sight:
    """Make what one role saw."""
    return Sight(dataset="app.orders", reader="web", state=state, rows=rows)


def test_nothing_seen_proves_nothing() -> None:
    """Without any sight a restriction is unproven."""
    assert NOTHING.state == "unproven"


def test_one_reader_breaks_it_and_one_gap_leaves_it_unproven() -> None:
    """A row that was read outweighs a place nobody could look at, and that outweighs every proof."""
    proven, gap, read = sight("proven"), sight("unproven"), sight("readable", 2)
    assert restrict.verdict([proven, proven]) == "proven"
    assert restrict.verdict([proven, gap]) == "unproven"
    assert restrict.verdict([proven, gap, read]) == "readable"
    assert Proof(sights=(proven,)).joined(Proof(sights=(read, read))).readable == 4


def test_a_role_is_let_through_by_any_of_its_purposes() -> None:
    """One allowed purpose is enough; a role without it is not let through."""
    order = Order(
        id="restriction:1",
        roles={"web": ("support",), "law": ("legal-claims", "support")},
        allowed=frozenset({"legal-claims"}),
    )
    assert order.let_through == ("law",)


def test_the_reason_is_one_of_the_law() -> None:
    """The four points of Art. 18(1) and nothing else, so that no words about a person get in."""
    assert restrict.reason("legal-claims") is Reason.CLAIMS
    with pytest.raises(BadInput) as caught:
        restrict.reason("legal-claim")
    assert caught.value.problems[0].nearest == "legal-claims"
