"""A rule that a cap cuts short: it promises more, or for ever, and the cap promises less."""

from __future__ import annotations

from collections.abc import Iterator

from troth.periods import Period
from troth.policy.lint.given import Given, Say, end_in_words
from troth.policy.model import Retention
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule that outlasts a cap over it."""
    rules = given.policy.retention
    caps = [(name, rule) for name, rule in rules.items() if rule.at_most]
    for cap_name, cap in caps:
        for name, rule in rules.items():
            if rule.at_most or (cap.over and name not in cap.over) or not _outlasts(rule, cap):
                continue
            say = Say(
                f"`{name}` lasts {end_in_words(rule)}; the cap `{cap_name}` allows {end_in_words(cap)}.",
                "Name under `over` the rules the cap is meant for, or add `without-person: yes` to the rule.",
            )
            yield given.finding("rule-above-cap", ("retention", name), say)


def _outlasts(rule: Retention, cap: Retention) -> bool:
    if rule.for_ == "ever":
        return not rule.without_person
    if not isinstance(rule.for_, Period) or cap.at_most is None or rule.after != cap.after:
        return False
    return _days(rule.for_) > _days(cap.at_most)


def _days(period: Period) -> float:
    return period.months * 30.44 + period.days + period.seconds / 86400
