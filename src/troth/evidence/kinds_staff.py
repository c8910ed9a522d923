"""Kinds of entries about who may work at the desk: by number, never by name."""

from __future__ import annotations

from troth.evidence.fields import STAFF, one_of
from troth.evidence.kind import kind as _kind

ROLE = one_of("agent", "lead", "engineer", "auditor")

ACCOUNTS = (
    _kind("staff.joined", "Somebody was given an account.", {"staff": STAFF, "role": ROLE, "by": STAFF}),
    _kind("staff.role", "Somebody was given another role.", {"staff": STAFF, "role": ROLE, "by": STAFF}),
    _kind(
        "staff.password",
        "Somebody's password was taken away, and a link made to choose another.",
        {"staff": STAFF, "by": STAFF},
    ),
    _kind("staff.factors", "Somebody's second factors were taken away.", {"staff": STAFF, "by": STAFF}),
    _kind(
        "staff.left",
        "Somebody's account was removed, and their sessions ended.",
        {"staff": STAFF, "by": STAFF},
    ),
)
