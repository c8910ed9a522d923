"""Backups have an end, and live data has none: only the left-overs would ever go."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when `erasure.backups` is the only end the policy promises everybody."""
    erasure, rights = given.policy.erasure, given.policy.rights
    offered = rights.for_everybody if rights else ()
    deletes = "erase" in offered or "delete" in offered
    if erasure and erasure.backups and not given.policy.retention and not deletes:
        say = Say(
            "Backups are cleared, but no rule ends the live data.",
            "Add `retention` rules, or offer erasure under `rights`.",
        )
        yield given.finding("backup-without-live-rule", ("erasure", "backups"), say)
