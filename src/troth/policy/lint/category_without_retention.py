"""A category that no retention rule ends.

Storage is limited in time, and the period or its criteria are told (GDPR Art. 5(1)(e), 13(2)(a)).
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each category without a rule; fields of the map have a finding of their own."""
    in_map = {kept.category for kept in given.kept()}
    for name, category in given.policy.categories.items():
        if category.collected and name not in given.policy.retention and name not in in_map:
            say = Say(
                f"No retention rule ends `{name}`.",
                f"Add a rule `{name}` under `retention`, or map its fields with `kept-as`.",
            )
            yield given.finding("category-without-retention", ("categories", name), say)
