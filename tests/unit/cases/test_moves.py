"""States: every one is reached, only the last is an end, and nothing goes out undecided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.cases import events, moves
from troth.errors import Refused


def reached(start: str, *, without: frozenset[str] = frozenset()) -> set[str]:
    """Follow every event from a state."""
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for event in moves.allowed(state):
            if event in without:
                continue
            for outcome in ("granted", "refused"):
                to = moves.after(state, event, outcome)
                if to not in found:
                    found.add(to)
                    todo.append(to)
    return found


def test_every_state_is_reached() -> None:
    """A new case can come into every state there is."""
    assert reached(moves.NEW) == set(moves.STATES)


@pytest.mark.parametrize("state", moves.STATES)
def test_no_dead_end(state: str) -> None:
    """From every state a case can still be closed."""
    assert moves.CLOSED in reached(state)


def test_the_table_names_events_and_states() -> None:
    """Every name in the table is an event or a state, and every event may come somewhere."""
    named = {event for row in moves.TABLE.values() for event in row} | moves.ALWAYS | moves.BEFORE_ANSWER
    assert named == set(events.ALL) - {"received"}
    assert {to for row in moves.TABLE.values() for to in row.values()} <= set(moves.STATES)


def test_no_answer_without_a_decision() -> None:
    """Where nobody decides, no case is done or answered."""
    undecided = reached(moves.NEW, without=frozenset({"decided"}))
    assert not undecided & {moves.DOING, moves.ANSWERING, moves.ANSWERED} or undecided == set(moves.STATES)
    before_end = reached(moves.NEW, without=frozenset({"decided", "closed", "withdrawn"}))
    assert not before_end & {moves.DOING, moves.ANSWERING, moves.ANSWERED}


def test_nothing_is_decided_while_proof_is_asked_for() -> None:
    """Between the question who asks and its answer nothing is planned or decided."""
    assert not {"planned", "decided"} & set(moves.allowed(moves.IDENTIFYING))


def test_what_was_passed_on_waits_for_an_instruction() -> None:
    """A request that lies with the controller is not planned or decided here."""
    assert not {"planned", "decided"} & set(moves.allowed(moves.REFERRED))
    assert moves.after(moves.REFERRED, "instructed") == moves.DECIDING


@pytest.mark.parametrize("outcome", ["refused", "unverified", "nothing-held"])
def test_a_decision_that_grants_nothing_is_answered(outcome: str) -> None:
    """There is nothing to carry out, so the answer comes next."""
    assert moves.after(moves.DECIDING, "decided", outcome) == moves.ANSWERING


@given(
    state=st.sampled_from(moves.STATES),
    event=st.sampled_from(sorted(set(events.ALL) - {"received"})),
    outcome=st.sampled_from([None, "granted", "refused"]),
)
def test_allowed_is_what_is_not_refused(state: str, event: str, outcome: str | None) -> None:
    """An event listed as allowed leads somewhere; any other is refused, and says what may come."""
    if event in moves.allowed(state):
        assert moves.after(state, event, outcome) in moves.STATES
    else:
        with pytest.raises(Refused) as caught:
            moves.after(state, event, outcome)
        assert "What may come now" in caught.value.hint
