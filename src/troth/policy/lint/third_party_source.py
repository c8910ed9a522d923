"""Data from third parties without a notice to the people (GDPR Art. 14: within a month)."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

OWN = frozenset(["", "person", "employer", "observed", "inferred"])
"""Sources that are no third party: the person, their employer, what is seen or worked out."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each dataset from a third party while no statement of kind `notice` exists."""
    noticed = any(statement.kind == "notice" for statement in given.policy.statements.values())
    for name, dataset in given.datamap.datasets.items():
        if dataset.source not in OWN and not noticed:
            say = Say(
                f"{name} comes from a third party, and nobody is told.",
                "Add a statement of kind `notice` that says when people are told.",
            )
            path = ("datasets", name, "source")
            yield given.finding("third-party-source-without-notice", path, say, name)
