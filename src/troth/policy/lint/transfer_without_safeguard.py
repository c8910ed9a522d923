"""A transfer that rests on nothing, or on consent alone (GDPR Art. 44-49: consent must be explicit)."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each transfer without a safeguard that holds under a claimed law."""
    if not given.claims("eu-gdpr", "uk-gdpr"):
        return
    for name, transfer in given.policy.transfers.items():
        if transfer.safeguard in (None, "none", "consent"):
            what = "no safeguard" if transfer.safeguard != "consent" else "consent alone"
            say = Say(
                f"The transfer `{name}` rests on {what}.",
                "Name what protects the data: `safeguard: standard-clauses`, `adequacy`, …",
            )
            yield given.finding("transfer-without-safeguard", ("transfers", name), say)
