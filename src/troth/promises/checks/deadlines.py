"""Terms: each request answered by the legal day of its clock, or within the term the policy gives for a law.

The policy's own term counts from receipt, in days of the organisation's calendar. Where more time was told, or the
law let its clock wait, that law's own end counts.
"""

from __future__ import annotations

from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About
from troth.promises.faults import TIMELY
from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.requests import Tally
from troth.promises.results import Result


def within(promise: Promise, given: Given) -> Result:
    """Tell whether every request under a law was answered within the promised term."""
    if given.requests is None:
        return checking.unseen(promise)
    tally = given.requests.within.get(promise.key, Tally())
    return checking.judge(promise, given, About(tally=tally, codes=TIMELY))


def of_kinds(promise: Promise, given: Given, kinds: tuple[str, ...]) -> Result:
    """Tell whether every request of some kinds, or of any, was answered in the terms of its laws."""
    if given.requests is None:
        return checking.unseen(promise)
    return checking.judge(promise, given, About(tally=given.requests.of(*kinds), codes=TIMELY))
