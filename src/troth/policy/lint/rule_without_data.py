"""A retention rule that the data map applies to nothing: its promise can never be checked."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule, caps left out, that ends no field of the map."""
    used = {kept.rule for kept in given.kept()}
    for name, rule in given.policy.retention.items():
        if given.mapped and name not in used and not rule.at_most:
            say = Say(
                f"No field of the data map is kept as `{name}`; the promise stays unproven.",
                f"Map data to it: a category `{name}`, or `kept-as: {name}`.",
            )
            yield given.finding("rule-without-data", ("retention", name), say)
