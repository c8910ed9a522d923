"""What each role may do: one table, asked by every screen and every address.

A role is what an account was given; `may` answers for one deed. Nothing else in the desk compares names of roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["agent", "lead", "engineer", "auditor"]
Deed = Literal[
    "look",  # every screen, without what is said of a person
    "read-people",  # contents of requests, letters, packages: with a reason, written down
    "lead-requests",  # open, verify, plan, answer, close
    "decide",  # grant or refuse a request
    "hold",  # place and lift holds
    "make-plans",  # make plans, start, pause and cancel approved ones
    "approve-plans",
    "run",  # checks, jobs, mailboxes, webhooks, keys of other systems
    "accounts",  # invite staff, change roles
]
ROLES: tuple[Role, ...] = get_args(Role)
MAY: Mapping[Role, frozenset[Deed]] = {
    "agent": frozenset({"look", "read-people", "lead-requests", "decide"}),
    "lead": frozenset(
        {"look", "read-people", "lead-requests", "decide", "hold", "make-plans", "approve-plans", "accounts"}
    ),
    "engineer": frozenset({"look", "make-plans", "approve-plans", "run", "accounts"}),
    "auditor": frozenset({"look"}),
}

TITLES: Mapping[Role, str] = {
    "agent": "support agent",
    "lead": "privacy lead",
    "engineer": "engineer",
    "auditor": "auditor",
}
SAID: Mapping[Deed, str] = {
    "look": "look at this page",
    "read-people": "read what people wrote",
    "lead-requests": "lead requests",
    "decide": "decide requests",
    "hold": "place or lift holds",
    "make-plans": "make or start plans",
    "approve-plans": "approve plans",
    "run": "run checks and jobs",
    "accounts": "manage accounts",
}
"""Each deed as the end of a sentence: `only … may …`."""


def may(role: str, deed: Deed) -> bool:
    """Tell whether a role may do something; a role that is none may do nothing."""
    return any(role == one and deed in deeds for one, deeds in MAY.items())


def deeds(role: str) -> frozenset[str]:
    """Return everything a role may do."""
    return frozenset(deed for deed in get_args(Deed) if may(role, deed))


def who(deed: Deed) -> tuple[Role, ...]:
    """Return the roles that may do something."""
    return tuple(role for role in ROLES if deed in MAY[role])


def title(role: str) -> str:
    """Return what people call a role."""
    return next((said for one, said in TITLES.items() if one == role), role)
