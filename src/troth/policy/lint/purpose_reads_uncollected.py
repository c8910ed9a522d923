"""A purpose that reads a category which the policy does not list among what is collected."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each use of a category with `collected: no`."""
    for name, purpose in given.policy.purposes.items():
        for index, used in enumerate(purpose.uses):
            category = given.policy.categories.get(used)
            if category is not None and not category.collected:
                say = Say(
                    f"`{name}` uses `{used}`, which the policy does not list as collected.",
                    f"List `{used}` in the policy, or do without it.",
                )
                path = ("purposes", name, "uses", index)
                yield given.finding("purpose-reads-uncollected", path, say, f"purposes.{name}.{used}")
