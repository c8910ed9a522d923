"""A breach rule that leaves the authority out, under a law that has it told first (GDPR Art. 33: 72 hours)."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

LAWS = ("eu-gdpr", "uk-gdpr", "sg-pdpa", "au-privacy")
"""Laws under which the authority is told (GDPR Art. 33; PDPA s. 26D; Privacy Act 1988 s. 26WK)."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when people are told of a breach and the authority is not."""
    breach = given.policy.breach
    if breach is not None and breach.tell_authority_within is None and given.claims(*LAWS):
        say = Say(
            "The breach rule tells people, and does not mention the authority.",
            "Add `tell-authority-within: 72 hours`.",
        )
        yield given.finding("breach-without-authority", ("breach",), say)
