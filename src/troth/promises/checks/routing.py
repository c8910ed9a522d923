"""Data held for somebody else: requests go to the controller in time, and nothing is done without an instruction."""

from __future__ import annotations

from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About, More
from troth.promises.faults import ROUTED
from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Result, counted


def routed(promise: Promise, given: Given) -> Result:
    """Tell whether every such request went its way."""
    return _judged(promise, given, ROUTED)


def referred(promise: Promise, given: Given) -> Result:
    """Tell whether every such request was passed on by the day the law wants an answer."""
    return _judged(promise, given, ("passed-on-late",))


def asked(promise: Promise, given: Given) -> Result:
    """Tell whether people were asked whose customer they are where nobody knew."""
    return _judged(promise, given, ("not-asked",))


def instructed(promise: Promise, given: Given) -> Result:
    """Tell whether nothing was decided or done without the controller's instruction."""
    return _judged(promise, given, ("no-instruction",))


def _judged(promise: Promise, given: Given, codes: tuple[str, ...]) -> Result:
    if given.requests is None:
        return checking.unseen(promise)
    tally = given.requests.routed
    what = "about data held for somebody else" if tally.opened else "no request about data of others was made"
    note = f"{counted(tally.opened, 'request')} {what}" if tally.opened else what
    about = About(
        tally=tally, codes=codes, more=More(note=note), held=bool(tally.opened), settled=False, alone=True
    )
    return checking.judge(promise, given, about)
