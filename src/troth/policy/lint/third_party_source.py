"""Data from third parties without a notice to the people (GDPR Art. 14: within a month)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

OWN = frozenset(["", "person", "employer", "observed", "inferred"])
"""Sources that are no third party: the person, their employer, what is seen or worked out."""

_SOURCE = re.compile(
    r"\b(?:sources?|elsewhere|third[ -]part(?:y|ies)|bought|purchased|obtained|came from|comes from|got from)\b",
    re.IGNORECASE,
)
"""What a notice speaks of when it tells people where their data came from."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each dataset from a third party while no notice says where data came from."""
    statements = given.policy.statements.values()
    noticed = any(s.kind == "notice" and _SOURCE.search(f"{s.what} {s.label}") for s in statements)
    for name, dataset in given.datamap.datasets.items():
        if dataset.source not in OWN and not noticed:
            say = Say(
                f"{name} comes from a third party, and nobody is told.",
                "Add a statement of kind `notice` that says when people are told of the source.",
            )
            path = ("datasets", name, "source")
            yield given.finding("third-party-source-without-notice", path, say, name)
