"""A category that a recipient gets and no store holds: what is sent then?"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each such category of each recipient, once the map has datasets."""
    held = {category for dataset in given.datamap.datasets.values() for category in dataset.fields}
    for name, recipient in given.policy.recipients.items():
        for index, category in enumerate(recipient.categories):
            if given.mapped and category not in held:
                say = Say(
                    f"`{name}` is given `{category}` data, and no dataset holds any.",
                    "Map the data, or correct what the recipient gets.",
                )
                path = ("recipients", name, "categories", index)
                yield given.finding("disclosed-without-store", path, say, f"recipients.{name}.{category}")
