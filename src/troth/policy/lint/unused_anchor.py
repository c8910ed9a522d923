"""A dated event that no rule runs from: mostly a slip in the event's name."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem, nearest


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each event the data map dates and no rule uses."""
    used: set[str] = set()
    for rule in given.policy.retention.values():
        used |= {event for event in (rule.after, rule.until, rule.inactive and rule.inactive.since) if event}
    for name, dataset in given.datamap.datasets.items():
        for event in dataset.anchors:
            if event not in used:
                yield given.finding("unused-anchor", ("datasets", name, "anchors", event), _say(event, used))
    for event in given.datamap.events:
        if event not in used:
            yield given.finding("unused-anchor", ("events", event), _say(event, used))


def _say(event: str, used: set[str]) -> Say:
    close = nearest(event, used)
    hint = f"Write `{close}`." if close else "Name the event in a rule, or remove it."
    return Say(f"No retention rule uses the event `{event}`.", hint, found=event, nearest=close)
