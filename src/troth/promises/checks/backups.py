"""Erased data is gone from backups in time when no copy that is still there is older than the promised term.

What is erased the day after a copy was begun stays in it as long as the copy does. The register says which copies
there are; it must have been fed for every store within a week, or as long as the store allows looks to be old.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from troth import periods
from troth.periods import Period
from troth.promises.given import DEFAULT_BACKUPS_AGE, Given, longest
from troth.promises.listing import Promise
from troth.promises.results import Offence, Reason, Result, counted, decide

NO_COPIES = frozenset({"physical", "device", "service"})
"""Kinds of stores of which nobody makes copies that a register could list."""


def check(promise: Promise, given: Given) -> Result:
    """Tell whether a copy of any store has outlived the promised term."""
    term = given.policy.erasure.backups if given.policy.erasure else None
    assert term is not None, promise.id
    stores = [name for name, store in given.datamap.stores.items() if store.kind not in NO_COPIES]
    copies = [
        made.date() for name in stores if name in given.copies for made, _ in given.copies[name].standing
    ]
    oldest = f", the oldest of {min(copies).isoformat()}" if copies else ""
    return decide(
        promise,
        offences=[_outlived(given, name, term) for name in stores],
        reasons=[reason for name in stores for reason in _unheard(given, name)] + _general(given, stores),
        note=f"{counted(len(copies), 'registered backup')} of {counted(len(stores), 'store')}{oldest}",
    )


def gone_by(made: date, term: Period) -> date:
    """Return the last day on which a copy may be there; hours count as days begun."""
    whole = -(-term.seconds // 86_400)
    return periods.end(made, Period(months=term.months, days=term.days + whole))


def _outlived(given: Given, store: str, term: Period) -> Offence:
    known = given.copies.get(store)
    today = given.world.at.date()
    made = [m.date() for m, _ in known.standing if gone_by(m.date(), term) < today] if known else []
    return Offence(dataset=store, rows=len(made), oldest=min(made, default=None), noun="outlived backup")


def _unheard(given: Given, store: str) -> Iterator[Reason]:
    known = given.copies.get(store)
    if known is None:
        message = f"Nobody said which backups of {store} there are; none is registered"
        yield Reason(code="no-backups-known", message=message)
        return
    allowed = max(
        longest(DEFAULT_BACKUPS_AGE), longest(given.datamap.stores[store].max_age or DEFAULT_BACKUPS_AGE)
    )
    if given.now - known.heard > allowed:
        message = f"The register of backups last heard of {store} on {known.heard.date().isoformat()}"
        yield Reason(code="backups-not-heard", message=message)


def _general(given: Given, stores: list[str]) -> list[Reason]:
    found = []
    if given.simulation:
        message = "The check was made for another instant, with the backups of today"
        found.append(Reason(code="simulation", message=message))
    if not stores:
        found.append(
            Reason(code="not-mapped", message="The data map names no store of which copies are made")
        )
    return found
