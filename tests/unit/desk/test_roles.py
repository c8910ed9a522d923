"""The table of roles: what each may do, and that the read-only role changes nothing."""

from __future__ import annotations

from typing import get_args

import pytest

from troth.desk import roles
from troth.desk.roles import Deed


def test_an_auditor_only_looks() -> None:
    """The read-only role may look, and nothing else."""
    assert roles.deeds("auditor") == {"look"}


@pytest.mark.parametrize("role", ["", "root", "Lead", "agent "])
def test_a_role_that_is_none_may_nothing(role: str) -> None:
    """A name that is no role may do nothing at all."""
    assert roles.deeds(role) == frozenset()


@pytest.mark.parametrize("deed", get_args(Deed))
def test_somebody_may_do_each_deed(deed: Deed) -> None:
    """No deed is left that nobody may do, and each has words."""
    assert roles.who(deed)
    assert roles.SAID[deed]


@pytest.mark.parametrize("role", roles.ROLES)
def test_everybody_may_look(role: str) -> None:
    """Every role sees the screens, and has a title."""
    assert roles.may(role, "look")
    assert roles.title(role) != role or role in ("engineer", "auditor")


def test_engineers_read_nothing_of_people() -> None:
    """Whoever runs the machine neither reads what people wrote nor decides on it."""
    assert not roles.deeds("engineer") & {"read-people", "decide", "lead-requests"}


def test_agents_approve_nothing() -> None:
    """Whoever answers people neither approves plans nor manages accounts."""
    assert not roles.deeds("agent") & {"approve-plans", "accounts", "run", "hold"}
