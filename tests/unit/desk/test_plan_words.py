"""Words and buttons of plans on the desk: who is offered what in which state, and what to do after a stop."""

from __future__ import annotations

from typing import get_args

import pytest

from troth.desk import roles
from troth.desk.console import plan_words

STATES = ("waiting", "approved", "running", "paused", "stopped", "failed", "done", "cancelled")
OVER = ("done", "cancelled")


def test_every_state_has_words() -> None:
    """A state without words would be an error page."""
    assert set(plan_words.STATES) == set(STATES)
    assert all(one.says and one.next for one in plan_words.STATES.values())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", get_args(roles.Role))
@pytest.mark.parametrize("maker", [True, False])
def test_nobody_is_offered_what_their_role_may_not_do(state: str, role: str, maker: bool) -> None:
    """Approving needs its deed and another person; all other moves need theirs; what is over offers nothing."""
    offered = plan_words.buttons(state, maker=maker, deeds=roles.deeds(role))
    may_approve = roles.may(role, "approve-plans") and not maker and state == "waiting"
    assert ("approve" in offered) is may_approve
    assert roles.may(role, "make-plans") or set(offered) <= {"approve"}
    assert not (state in OVER and offered)


def test_pause_is_offered_while_it_runs_and_resume_while_it_is_paused() -> None:
    """Never both."""
    deeds = roles.deeds("engineer")
    assert plan_words.buttons("running", maker=True, deeds=deeds) == ("pause", "cancel")
    assert plan_words.buttons("paused", maker=True, deeds=deeds) == ("resume", "cancel")


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("The plan is stale: the policy or data map changed since it was made.", "new plan"),
        ("Step 3 was planned for 5 rows and would touch more: the data has drifted.", "new plan"),
        ("This is the first run on store app, and nobody has said that a backup exists.", "Make a backup"),
        ("First run: the plan touches 50 of 100 rows of app.x (50%), more than 5%.", "name the dataset"),
        ("The plan touches 11 rows; limits: rows: allows 10.", "Raise the limit"),
        ("Rows are left: they came while the plan ran, or wait for others.", "new plan"),
        ("A store did not answer for too long.", "goes on where it stopped"),
        ("something nobody thought of", "goes on where it stopped"),
    ],
)
def test_each_stop_has_something_to_do(reason: str, word: str) -> None:
    """What to do follows from why it stopped."""
    assert word in plan_words.advice(reason)
