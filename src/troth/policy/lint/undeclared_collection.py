"""Data held that the policy does not list as collected: the map has fields of a category with `collected: no`."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield one finding for each dataset and category that the published list leaves out."""
    for name, dataset in given.datamap.datasets.items():
        for category in dataset.fields:
            declared = given.policy.categories.get(category)
            if declared is not None and not declared.collected:
                say = Say(
                    f"{name} holds `{category}` data, which the policy does not list as collected.",
                    "List it in the policy, or stop holding it.",
                )
                path = ("datasets", name, "fields", category)
                yield given.finding("undeclared-collection", path, say, f"{name}.{category}")
