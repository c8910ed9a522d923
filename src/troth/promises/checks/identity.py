"""Proof of identity: given before anything is granted that needs it, asked for only where it may be, its papers gone.

That papers are used for nothing else is a matter of who can read what, and not looked at here.
"""

from __future__ import annotations

from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About, More
from troth.promises.faults import IDENTIFIED
from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.results import Result, counted

PAPERS = ("paper-kept", "paper-overdue", "paper-left")


def first(promise: Promise, given: Given) -> Result:
    """Tell whether everybody was proven to be who they say before something was granted that needs it."""
    if given.requests is None:
        return checking.unseen(promise)
    about = About(tally=given.requests.of(), codes=("no-proof", "no-authority"))
    return checking.judge(promise, given, about)


def asked(promise: Promise, given: Given) -> Result:
    """Tell whether proof was asked for only where it may be, and its papers went when they had to."""
    if given.requests is None:
        return checking.unseen(promise)
    tally = given.requests.of()
    more = More(
        offences=list(given.requests.papers.offences(PAPERS)),
        reasons=list(given.requests.papers.reasons(PAPERS)),
    )
    return checking.judge(promise, given, About(tally=tally, codes=IDENTIFIED, more=more))


def papers(promise: Promise, given: Given) -> Result:
    """Tell whether papers given as proof went in the step that proved it, or by their day."""
    if given.requests is None:
        return checking.unseen(promise)
    found = given.requests.papers
    note = f"{counted(found.opened, 'paper')} kept for a while" if found.opened else "no paper was ever kept"
    about = About(tally=found, codes=PAPERS, more=More(note=note), settled=False, alone=True)
    return checking.judge(promise, given, about)
