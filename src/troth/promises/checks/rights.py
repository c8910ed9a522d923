"""Rights that were offered: restriction is kept when every restriction that is open was just seen to hold.

A restriction is looked at by reading as each declared role (`troth restrict prove`); the ledger has what was found.
Corrections and objections are recorded, but not who asked for them, nor whether every sender asks: unproven. Other
rights wait for requests that are followed from opening to closure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from troth.promises.given import DEFAULT_MAX_AGE, Given, Restraint, Uses, longest
from troth.promises.listing import Promise
from troth.promises.results import Offence, Reason, Result, counted, decide

MISSING = "requests, from opening to closure"


def check(promise: Promise, given: Given) -> Result:
    """Tell what is known of one right."""
    look = _LOOKS.get(promise.key)
    if look is None:
        message = f"Not built yet: {MISSING}"
        return decide(promise, reasons=[Reason(code="not-built", message=message)])
    if given.uses is None:
        message = "The ledger, which knows of restrictions, corrections and objections, was not looked at"
        return decide(promise, reasons=[Reason(code="store-not-looked-at", message=message)])
    return look(promise, given, given.uses)


def _restrict(promise: Promise, given: Given, uses: Uses) -> Result:
    return decide(
        promise,
        offences=[
            Offence(dataset=one.reference, rows=one.readable, noun="readable row")
            for one in uses.restrictions
            if one.proof == "readable"
        ],
        reasons=[reason for one in uses.restrictions for reason in _unproven(given, one)] + _simulated(given),
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


def _rectify(promise: Promise, given: Given, uses: Uses) -> Result:
    note = "no correction was ever asked for here"
    message = "Corrections are recorded, requests for them are not: nobody can say that none waits"
    return _recorded(promise, given, uses.rectifications, message, note)


def _object(promise: Promise, given: Given, uses: Uses) -> Result:
    note = "no objection was ever recorded"
    message = "Objections are recorded; nothing shows that every use asks for them"
    return _recorded(promise, given, uses.objections, message, note)


def _recorded(promise: Promise, given: Given, count: int, message: str, note: str) -> Result:
    reasons = [Reason(code="use-not-seen", message=message)] if count else []
    return decide(promise, reasons=[*reasons, *_simulated(given)], held=False, note=note)


def _simulated(given: Given) -> list[Reason]:
    message = "The check was made for another instant, on what is known today"
    return [Reason(code="simulation", message=message)] if given.simulation else []


_LOOKS: Mapping[str, Callable[[Promise, Given, Uses], Result]] = {
    "restrict": _restrict,
    "rectify": _rectify,
    "object": _object,
}
