"""A retention rule whose name no category bears and to which nothing is mapped: what does it end?"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem, nearest


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule that stands alone; caps stand over other rules and need no class."""
    mapped = {kept.rule for kept in given.kept()}
    for name, rule in given.policy.retention.items():
        if name in given.policy.categories or name in mapped or rule.at_most:
            continue
        say = Say(
            f"The policy ends `{name}` data, but no category is called so and nothing is `kept-as: {name}`.",
            f"Declare the category `{name}`, or map data to the rule with `kept-as: {name}`.",
            nearest=nearest(name, given.policy.categories),
        )
        yield given.finding("class-without-category", ("retention", name), say)
