"""One check per kind of promise, listed by hand.

To add a check: write a module with `check(promise, given) -> Result`, list it here, and take its kind out of
`unbuilt.MECHANISMS`. Every check has a test that shows it broken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from troth.policy.model import Policy
from troth.promises.checks import (
    backups,
    categories,
    deadlines,
    erasures,
    retention,
    rights,
    statements,
    unbuilt,
)
from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Result

Check = Callable[[Promise, Given], Result]

CHECKS: Mapping[str, Check] = {
    "categories": categories.check,
    "retention": retention.check,
    "erasure.backups": backups.check,
    "rights": rights.check,
    "rights.answer-within": deadlines.within,
    "erasure.confirm": erasures.confirmed,
    "erasure.recipients": erasures.told,
    "erasure.minimal-record": erasures.minimal,
    "statements": statements.check,
    **dict.fromkeys(unbuilt.MECHANISMS, unbuilt.check),
}
"""The check of each kind of promise."""


def looked_at(promise: Promise, policy: Policy) -> bool:
    """Tell whether some check looks at a promise, so that it can be kept or broken."""
    if promise.kind == "statements":
        return statements.of(policy.statements[promise.key].kind) is not None
    if promise.kind == "rights":
        return promise.key not in rights.UNBUILT
    return promise.kind not in unbuilt.MECHANISMS
