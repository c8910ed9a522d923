"""Rights that were offered: kept when every request for one was answered in time, with what it needs.

Read off the requests in the ledger, from opening to closure. Restriction must besides hold now: every open one was
just tried by reading as each declared role. A correction outside any request, an objection or a choice that is
recorded proves less: nothing shows that all who must act on it do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from troth.promises.checks import requests as checking
from troth.promises.checks.requests import About, More
from troth.promises.faults import WHOLE
from troth.promises.given import DEFAULT_MAX_AGE, Given, Restraint, Uses, longest
from troth.promises.listing import Promise
from troth.promises.requests import Tally
from troth.promises.results import Offence, Reason, Result, counted, decide

UNBUILT = {
    "non-discrimination": "comparing what people are offered before and after a request",
}
"""Rights nobody asks for by a request."""
CHOSEN = frozenset({"withdraw", "opt-out-of-sale", "limit-sensitive"})
"""Rights whose requests end a use from then on."""


def check(promise: Promise, given: Given) -> Result:
    """Tell what is known of one right."""
    return of_right(promise, given, promise.key)


def of_right(promise: Promise, given: Given, right: str) -> Result:
    """Tell what is known of one right, for a promise that is about it."""
    if right in UNBUILT:
        message = f"Not built yet: {UNBUILT[right]}"
        return decide(promise, reasons=[Reason(code="not-built", message=message)])
    if given.requests is None or given.uses is None:
        return checking.unseen(promise)
    tally = given.requests.of_right(right)
    more = _MORE.get(right, _nothing)(given, given.uses, tally)
    return checking.judge(promise, given, About(tally=tally, codes=WHOLE, more=more))


def _nothing(given: Given, uses: Uses, tally: Tally) -> More:
    del given, uses, tally
    return More()


def _restrict(given: Given, uses: Uses, tally: Tally) -> More:
    del tally
    return More(
        offences=[
            Offence(dataset=one.reference, rows=one.readable, noun="readable row")
            for one in uses.restrictions
            if one.proof == "readable"
        ],
        reasons=[reason for one in uses.restrictions for reason in _unproven(given, one)],
        held=bool(uses.restrictions),
        note=_restrictions(uses),
    )


def _restrictions(uses: Uses) -> str:
    if uses.restrictions:
        return f"{counted(len(uses.restrictions), 'open restriction')}, each tried by reading"
    return (
        f"none of {counted(uses.ever, 'restriction')} is open"
        if uses.ever
        else "no restriction was ever placed"
    )


def _unproven(given: Given, one: Restraint) -> Iterator[Reason]:
    """Say what keeps one restriction from being proven."""
    if one.state == "begun":
        message = f"{one.reference} is begun, and not done in every store"
        yield Reason(code="restriction-not-proven", message=message)
    elif one.proof != "proven" or one.proven_at is None:
        message = f"{one.reference} was not proven by reading as each declared role"
        yield Reason(code="restriction-not-proven", message=message)
    elif given.now - one.proven_at > _max_age(given):
        message = f"{one.reference} was last tried on {one.proven_at.date().isoformat()}"
        yield Reason(code="restriction-not-proven", message=message)


def _max_age(given: Given) -> timedelta:
    ages = [longest(store.max_age) for store in given.datamap.stores.values() if store.max_age]
    return min(ages, default=longest(DEFAULT_MAX_AGE))


def _rectify(given: Given, uses: Uses, tally: Tally) -> More:
    """Corrections that no request led to leave open whether others wait."""
    del given
    if uses.rectifications <= tally.done:
        return More(note="" if tally.opened else "no correction was ever asked for here")
    message = "Corrections were made without a request: nobody can say that none waits"
    return More(reasons=[Reason(code="use-not-seen", message=message)])


def _object(given: Given, uses: Uses, tally: Tally) -> More:
    del given
    if not uses.objections and not tally.done:
        return More(note="" if tally.opened else "no objection was ever recorded")
    message = "Objections are recorded; nothing shows that every use asks for them"
    return More(reasons=[Reason(code="use-not-seen", message=message)])


def _choice(given: Given, uses: Uses, tally: Tally) -> More:
    del given, uses
    if not tally.done:
        return More()
    message = "Choices are recorded; nothing shows that every sender asks for them"
    return More(reasons=[Reason(code="use-not-seen", message=message)])


def _erase(given: Given, uses: Uses, tally: Tally) -> More:
    del uses, tally
    return More(reasons=list(checking.apart(given.requests))) if given.requests else More()


_MORE: Mapping[str, Callable[[Given, Uses, Tally], More]] = {
    "restrict": _restrict,
    "rectify": _rectify,
    "correct": _rectify,
    "object": _object,
    "erase": _erase,
    "delete": _erase,
    **dict.fromkeys(CHOSEN, _choice),
}
