"""Deletion is promised, and a duty keeps the same data: which part goes, and which stays?"""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def erasure_promised(given: Given) -> bool:
    """Tell whether people may have their data deleted."""
    rights = given.policy.rights
    offered = rights.offer if rights else ()
    return given.policy.erasure is not None or "erase" in offered or "delete" in offered


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each duty that does not say what little it needs."""
    if not erasure_promised(given):
        return
    for name, rule in given.policy.retention.items():
        if rule.because and not rule.minimal_record:
            say = Say(
                f"Deletion is promised at any time, yet `{name}` is kept for {rule.because}.",
                "Add `minimal-record: [invoice number, amount, date]`: that stays, the rest goes.",
            )
            yield given.finding("erase-against-retention", ("retention", name), say)
