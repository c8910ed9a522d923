"""Two categories that cover the same thing: which rule holds for it?"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each term, and each label, that stands in a second category."""
    owner: dict[str, str] = {}
    for name, category in given.policy.categories.items():
        for term in filter(None, (category.label, *category.covers)):
            first = owner.setdefault(" ".join(term.casefold().split()), name)
            if first != name:
                say = Say(
                    f"`{term}` belongs to `{first}` and to `{name}`.",
                    "Leave it in one category.",
                    found=term,
                )
                yield given.finding("overlapping-categories", ("categories", name), say, f"categories.{name}")
