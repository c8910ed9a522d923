"""An approval that is never asked for: plans large enough to need one are refused already.

`limits: rows` stops a plan outright; `approve-over` at or above it stops nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding where no plan that may be applied can need the approval of a second person."""
    limits = given.policy.limits
    if limits.approve_over is None or limits.rows is None or limits.approve_over < limits.rows:
        return
    say = Say(
        f"Plans above {limits.approve_over:,} rows wait for approval; above {limits.rows:,} rows they are refused.",
        "Set `approve-over` below `rows`, or leave it out.",
    )
    yield given.finding("approval-never-asked", ("limits", "approve-over"), say)
