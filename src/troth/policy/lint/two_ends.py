"""Data with two ends: its category has a rule of its own, and `kept-as` puts it under another."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say, end_in_words
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield one finding for each dataset and category whose own rule ends at another time."""
    seen: set[tuple[str, str]] = set()
    for kept in given.kept():
        rules = given.policy.retention
        own, used = rules.get(kept.category), rules.get(kept.rule or "")
        if own is None or used is None or (kept.dataset, kept.category) in seen:
            continue
        first, second = end_in_words(own), end_in_words(used)
        if first != second:
            seen.add((kept.dataset, kept.category))
            say = Say(
                f"`{kept.category}` ends {first}, but {kept.dataset} keeps it as `{kept.rule}`: {second}.",
                "Drop the `kept-as`, or make the two rules agree.",
            )
            path = ("datasets", kept.dataset, "fields", kept.category)
            yield given.finding("two-ends", path, say, f"{kept.dataset}.{kept.category}")
