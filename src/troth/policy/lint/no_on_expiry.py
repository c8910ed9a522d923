"""A dataset that does not say whether its rows go once everything personal in them has expired."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each dataset with personal fields and no `on-expiry`."""
    for name, dataset in given.datamap.datasets.items():
        if dataset.fields and dataset.on_expiry is None:
            say = Say(
                f"{name} does not say what becomes of a row once all its personal fields have expired.",
                "Add `on-expiry: delete-row`, `keep-row` or `keep-without-person`.",
                valid=("delete-row", "keep-row", "keep-without-person"),
            )
            yield given.finding("no-on-expiry", ("datasets", name), say, name)
