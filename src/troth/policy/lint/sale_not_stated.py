"""A right against sale without a word on whether data is sold (Cal. Civ. Code 1798.130(a)(5)(C))."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem

_SALE = re.compile(r"\b(?:sells?|sold|sale|selling)\b", re.IGNORECASE)


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when `opt-out-of-sale` is offered and no statement says whether data is sold."""
    rights = given.policy.rights
    if rights is None or "opt-out-of-sale" not in rights.offer:
        return
    stated = any(_SALE.search(f"{s.what} {s.label}") for s in given.policy.statements.values())
    sold = any(recipient.role == "buyer" for recipient in given.policy.recipients.values())
    if not stated and not sold:
        say = Say(
            "People may opt out of a sale, and the policy does not say whether data is sold.",
            "Add a statement: `statements: {sale: {kind: sharing, what: No personal data is sold}}`.",
        )
        yield given.finding("sale-not-stated", ("rights", "offer"), say, "rights.opt-out-of-sale")
