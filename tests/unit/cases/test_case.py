"""A case as its events tell it."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.cases import case as cases
from troth.cases import moves
from troth.errors import Refused
from unit.cases.made import case, event

RECEIVED = ("received", "2026-06-01T16:00-07:00")
LATER = "2026-06-03T09:00Z"


def test_it_begins_with_its_arrival() -> None:
    """Events that begin with something else are no case."""
    with pytest.raises(Refused):
        cases.state([event("acknowledged", LATER)])


def test_facts_are_the_events_of_the_clock() -> None:
    """Notes are no facts; a question that the law did not allow is told as such."""
    found = case(
        RECEIVED,
        ("note", LATER),
        event("identity.asked", LATER, justified=False),
    ).facts
    assert [(one.kind, one.justified) for one in found] == [("received", True), ("identity.asked", False)]


@pytest.mark.parametrize(
    ("happened", "outcome"),
    [
        ((), ""),
        (("decided", "answered"), "granted"),
        (("decided", "withdrawn"), "withdrawn"),
        (("decided", "done", "answered", "reopened"), ""),
    ],
)
def test_the_outcome_is_the_last_one(happened: tuple[str, ...], outcome: str) -> None:
    """A withdrawal goes before the decision it ended, and a reopened case has none."""
    assert case(RECEIVED, *((kind, LATER) for kind in happened)).outcome == outcome


def test_it_closed_when_it_closed() -> None:
    """A note or a recipient's late answer does not move the day on which it was over."""
    found = case(RECEIVED, ("withdrawn", LATER), ("note", "2026-07-01T09:00Z"))
    assert found.closed_at == datetime.fromisoformat(LATER)
    assert case(RECEIVED).closed_at is None


def test_a_reopened_case_is_open() -> None:
    """Its closing day is gone with the closing."""
    found = case(RECEIVED, ("withdrawn", LATER), ("reopened", LATER))
    assert found.open
    assert found.closed_at is None


def test_a_later_failure_takes_proof_back() -> None:
    """Only the last word about identity counts."""
    proven = [RECEIVED, ("identity.proven", LATER)]
    assert case(*proven).proven
    assert not case(*proven, ("identity.asked", LATER), ("identity.failed", LATER)).proven


@pytest.mark.parametrize(
    ("place", "residence", "here"),
    [("GB-SCT", "EU-IE", "GB-SCT"), ("", "EU-IE", "EU-IE"), ("", "unknown", "")],
)
def test_where_we_act(place: str, residence: str, here: str) -> None:
    """As stated, else where the person lives, else nobody knows and nothing is lengthened."""
    assert case(RECEIVED, place=place, residence=residence).here == here


@given(st.data())
def test_the_fold_is_the_table(data: st.DataObject) -> None:
    """Any walk through the table folds to the state it ended in."""
    state, walked = moves.NEW, [event(*RECEIVED)]
    for _ in range(data.draw(st.integers(0, 8))):
        kind = data.draw(st.sampled_from(moves.allowed(state)))
        walked.append(event(kind, LATER))
        state = moves.after(state, kind, walked[-1].body.get("outcome"))
    assert cases.state(walked) == state
