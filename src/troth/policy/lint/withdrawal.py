"""Withdrawal of consent and consent itself, one without the other (GDPR Art. 7(3))."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when withdrawal has nothing to withdraw, or consent cannot be withdrawn."""
    if not given.policy.purposes:
        return
    offered = given.policy.rights.offer if given.policy.rights else ()
    consents = [name for name, purpose in given.policy.purposes.items() if purpose.basis == "consent"]
    if "withdraw" in offered and not consents:
        say = Say(
            "People may withdraw consent, and no purpose rests on consent.",
            "Give the purpose its `basis: consent`, or do not offer `withdraw`.",
        )
        yield given.finding("withdrawal-without-consent", ("rights", "offer"), say, "rights.withdraw")
    for name in consents if "withdraw" not in offered else ():
        say = Say(
            f"`{name}` rests on consent, and withdrawing it is not offered.",
            "Add `withdraw` to `rights: {offer: […]}`.",
        )
        yield given.finding(
            "withdrawal-without-consent", ("purposes", name, "basis"), say, f"purposes.{name}"
        )
