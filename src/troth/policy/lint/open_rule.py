"""A retention rule without a start or without an end: it can be published so, but nothing can be proven."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.policy.model import Retention
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule whose period has no start, or that never says when it ends."""
    for name, rule in given.policy.retention.items():
        if _counts(rule) and rule.after is None:
            say = Say(f"`{name}` has a period, but no event it runs from.", "Add `after: account.closed`.")
            yield given.finding("rule-without-start", ("retention", name), say)
        if rule.for_ is None and rule.until is None and rule.at_most is None:
            say = Say(
                f"`{name}` does not say when the data ends.",
                "Add `for: 2 years` with `after:`, `until: EVENT`, or `for: ever`.",
            )
            yield given.finding("rule-without-end", ("retention", name), say)


def _counts(rule: Retention) -> bool:
    return rule.at_most is not None or (rule.for_ is not None and rule.for_ not in ("ever", "as-contracted"))
