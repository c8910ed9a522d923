"""Which law a request is under: whoever lives where a law of the policy is law has it on their request.

Where nobody knows where the person lives, every law the policy claims counts.
"""

from __future__ import annotations

from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About, More
from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.requests import Tally
from troth.promises.results import Result, counted

CODES = ("law-missing",)


def check(promise: Promise, given: Given, law: str) -> Result:
    """Tell whether every request that a law covers has it."""
    if given.requests is None:
        return checking.unseen(promise)
    tally = given.requests.scope.get(law, Tally())
    return _judged(promise, given, tally)


def chosen(promise: Promise, given: Given) -> Result:
    """Tell whether every request has each law that covers it."""
    if given.requests is None:
        return checking.unseen(promise)
    every = given.requests.of()
    wrong = [
        tally.bad["law-missing"] for tally in given.requests.scope.values() if "law-missing" in tally.bad
    ]
    worst = {"law-missing": max(wrong, key=lambda bad: bad.count)} if wrong else {}
    tally = Tally(opened=every.opened, open=every.open, answered=every.answered, last=every.last, bad=worst)
    return _judged(promise, given, tally)


def _judged(promise: Promise, given: Given, tally: Tally) -> Result:
    note = f"{counted(tally.opened, 'request')} looked at" if tally.opened else tally.says
    more = More(note=note)
    about = About(tally=tally, codes=CODES, more=more, held=bool(tally.opened), settled=False, alone=True)
    return checking.judge(promise, given, about)
