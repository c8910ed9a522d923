"""A personal field of the data map that no retention rule ends."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield one finding for each dataset and category with such fields."""
    endless: dict[tuple[str, str], list[str]] = {}
    for kept in given.kept():
        if kept.rule is None:
            endless.setdefault((kept.dataset, kept.category), []).append(kept.field.name)
    for (dataset, category), fields in endless.items():
        say = Say(
            f"No retention rule ends {', '.join(fields)} in {dataset}.",
            f"Add a rule `{category}` under `retention`, or `kept-as:` to the dataset or field.",
        )
        path = ("datasets", dataset, "fields", category)
        yield given.finding("no-retention-class", path, say, f"{dataset}.{category}")
