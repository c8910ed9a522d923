"""What is promised of an erasure on request: that it is confirmed, that recipients are told, that only little stays.

An erasure that no request led to leaves all three unproven, for nothing is known of what people were told. Whether
data is gone is the business of the right itself, and of `backups`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About, More
from troth.promises.faults import CERTIFIED, DECIDED
from troth.promises.given import SHOWN, Given
from troth.promises.listing import Promise
from troth.promises.requests import Requests, Tally
from troth.promises.results import Reason, Result, counted

KIND = "erase"


def confirmed(promise: Promise, given: Given) -> Result:
    """Tell whether everybody who was erased was told so: the answer is the confirmation."""
    if given.requests is None:
        return checking.unseen(promise)
    return _judged(promise, given, given.requests, ("not-confirmed",))


def told(promise: Promise, given: Given) -> Result:
    """Tell whether recipients were told of every erasure (GDPR Art. 19)."""
    requests = given.requests
    if requests is None:
        return checking.unseen(promise)
    codes = ("not-told",) if requests.recipients else ()
    more = _unreachable(requests) if requests.of(KIND).done else ()
    return _judged(promise, given, requests, codes, tuple(more))


def minimal(promise: Promise, given: Given) -> Result:
    """Tell whether what stayed after an erasure is listed in a certificate, and refused with reasons."""
    if given.requests is None:
        return checking.unseen(promise)
    return _judged(promise, given, given.requests, (*CERTIFIED, *DECIDED))


def _judged(
    promise: Promise, given: Given, requests: Requests, codes: tuple[str, ...], more: Sequence[Reason] = ()
) -> Result:
    tally = requests.of(KIND)
    found = More(reasons=[*more, *checking.apart(requests)], note=_note(tally))
    about = About(tally=tally, codes=codes, more=found, held=bool(tally.done), settled=False, alone=True)
    return checking.judge(promise, given, about)


def _note(tally: Tally) -> str:
    if not tally.done:
        return "nobody was erased on request"
    kept = f", {tally.kept:,} kept something for a ground" if tally.kept else ""
    return f"{counted(tally.done, 'erasure')} on request{kept}"


def _unreachable(requests: Requests) -> Iterator[Reason]:
    names = requests.unreachable
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        message = f"Nobody knows how to tell {', '.join(names[:SHOWN])}{more}: no contact is given"
        yield Reason(code="not-told", message=message)
