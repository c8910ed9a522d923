"""A purpose without a legal ground (GDPR Art. 6(1) asks for one; Art. 13(1)(c) has it told)."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each purpose that names no basis."""
    for name, purpose in given.policy.purposes.items():
        if purpose.basis is None:
            say = Say(f"The purpose `{name}` has no legal basis.", "Add `basis: contract`, `consent`, …")
            yield given.finding("purpose-without-basis", ("purposes", name), say)
