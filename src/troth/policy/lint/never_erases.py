"""Deletion is promised, and a rule keeps data with its person for ever (GDPR Art. 17 knows no such rule)."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.erase_against_retention import erasure_promised
from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule that never ends while erasure is offered."""
    for name, rule in given.policy.retention.items():
        if rule.for_ == "ever" and not rule.without_person and erasure_promised(given):
            say = Say(
                f"Deletion is promised, yet `{name}` is kept for ever.",
                "Add `without-person: yes` (the record stays, the person goes), or give it an end.",
            )
            yield given.finding("never-erases", ("retention", name), say)
