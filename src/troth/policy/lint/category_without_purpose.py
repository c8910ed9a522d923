"""A category that is collected and that no purpose reads: why is it collected?"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each such category; a project without purposes is told once by other means."""
    read = {name for purpose in given.policy.purposes.values() for name in purpose.uses}
    for name, category in given.policy.categories.items():
        if category.collected and name not in read and given.policy.purposes:
            say = Say(
                f"`{name}` is collected and no purpose uses it.",
                f"Add `{name}` to the `uses` of a purpose, or stop collecting it.",
            )
            yield given.finding("category-without-purpose", ("categories", name), say)
