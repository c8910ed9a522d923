"""A rule that waits for an event which may never come: an account nobody closes is kept for ever."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

ENDINGS = frozenset(
    [
        "closed",
        "cancelled",
        "canceled",
        "deleted",
        "ended",
        "expired",
        "left",
        "removed",
        "terminated",
        "closure",
    ]
)
"""Last words of events that someone must bring about."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each such rule that does not say what inactivity means."""
    for name, rule in given.policy.retention.items():
        event = rule.after or rule.until or ""
        if rule.inactive is None and event.rpartition(".")[2] in ENDINGS:
            say = Say(
                f"`{name}` waits for `{event}`, which may never come.",
                "Add `inactive: {after: 24 months, since: last.login}`, so that silence ends it too.",
            )
            key = "after" if rule.after else "until"
            yield given.finding("event-may-never-come", ("retention", name, key), say, f"retention.{name}")
