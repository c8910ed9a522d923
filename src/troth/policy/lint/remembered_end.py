"""A rule that ends with an event which must be remembered: deleting the choice deletes its proof."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_CHOICE = re.compile(r"opt|unsubscri|object|withdr|revok|suppress")


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule whose end is an opt-out, objection or withdrawal."""
    for name, rule in given.policy.retention.items():
        if rule.until and _CHOICE.search(rule.until):
            say = Say(
                f"`{name}` goes with `{rule.until}`, and with it the proof that the person said so.",
                "Keep a marker that survives: say so in the policy, then accept this finding.",
            )
            path = ("retention", name, "until")
            yield given.finding("end-is-event-to-remember", path, say, f"retention.{name}")
