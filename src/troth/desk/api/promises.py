"""Promises as checks found them: the newest result of each, since when, and what was before. Nothing is invented."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from troth.desk import here
from troth.desk.api.caller import Bearer
from troth.desk.api.problem import Stop
from troth.ledger.promise_history import Present, Stretch

router = Router(tags=["promises"])


class Promise(Schema):
    """What the newest check found of a promise."""

    promise: str
    status: str
    """kept, broken, not-triggered or unproven."""
    rows: int
    """That go against it."""
    why: str
    since: datetime
    """Since when it has had this status."""
    checked: datetime
    """The newest check."""
    entry: int | None
    """Of that check, in the evidence."""


class Promises(Schema):
    """Every promise that was ever checked."""

    checked: datetime | None
    """The newest check; nothing where none was made yet: ask for one by POST /checks."""
    promises: list[Promise]


class Before(Schema):
    """What a promise came to for a while."""

    status: str
    rows: int
    why: str
    since: datetime
    last: datetime
    entry: int | None


class PromiseHistory(Promise):
    """A promise and what it came to before, the oldest first."""

    history: list[Before]


@router.get("", response=Promises, auth=Bearer("promises:read"), operation_id="listPromises")
def list_promises(request: HttpRequest) -> Promises:
    """List promises as the newest checks found them; none before the first check."""
    del request
    found = here.ledger().promise_history.present()
    every = [_promise(name, one) for name, one in sorted(found.items())]
    return Promises(checked=max((one.checked for one in every), default=None), promises=every)


@router.get("/{id}", response=PromiseHistory, auth=Bearer("promises:read"), operation_id="readPromise")
def read_promise(request: HttpRequest, id: str) -> PromiseHistory:
    """Return a promise with what it came to before."""
    del request
    ledger = here.ledger()
    found = ledger.promise_history.present().get(id)
    if found is None:
        raise Stop("not-found", "No check has found a promise of this name.")
    history = [_before(one) for one in ledger.promise_history.of(id)]
    return PromiseHistory(**_promise(id, found).model_dump(), history=history)


def _promise(name: str, present: Present) -> Promise:
    one = present.newest
    return Promise(
        promise=name,
        status=one.status,
        rows=one.number,
        why=one.why,
        since=present.since,
        checked=one.last,
        entry=one.entry,
    )


def _before(one: Stretch) -> Before:
    return Before(
        status=one.status, rows=one.number, why=one.why, since=one.since, last=one.last, entry=one.entry
    )
