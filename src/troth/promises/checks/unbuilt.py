"""Promises whose mechanism is not built yet: unproven, and the report says what is missing."""

from __future__ import annotations

from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Reason, Result, decide

MECHANISMS = {
    "purposes": "comparing who reads what with the purposes",
    "breach.tell-people-within": "the clocks of incidents",
    "breach.tell-authority-within": "the clocks of incidents",
    "breach.include": "notices of incidents",
    "transfers": "the journal of transfers",
    "recipients": "the disclosure gate and its journal",
    "contacts": "the probe that writes to a contact",
}
"""What would prove each kind of promise that no check looks at."""
OTHERWISE = "safeguards with tests and signed statements"
"""What would prove a statement that names nothing else."""


def check(promise: Promise, given: Given) -> Result:
    """Return unproven, and name the mechanism that is missing."""
    del given
    message = f"Not built yet: {MECHANISMS.get(promise.kind, OTHERWISE)}"
    return decide(promise, reasons=[Reason(code="not-built", message=message)])
