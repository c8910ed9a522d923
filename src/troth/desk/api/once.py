"""Calls that do something, done once: under an idempotency key, whose answer is kept for a day.

As draft-ietf-httpapi-idempotency-key-header has it: the key is asked for; the same call again gets the same answer,
another call under the key is refused, one at work is not begun a second time. Only answers that did something are
kept: after a fault nothing has happened, and the call may be mended under its key.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from troth.desk import here
from troth.desk.api import caller
from troth.desk.api.problem import Stop
from troth.ledger.api_calls import LEASE, Call, Claim, digest

HEADER = "Idempotency-Key"
SOON = 1
"""Seconds after which to ask again for a call that came just now."""
LONG = timedelta(seconds=10)
"""How long a call is at work at most, as a rule."""
_KEY = re.compile(r'"?([A-Za-z0-9._:+/=@-]{1,255})"?')
"""Bare, or in quotes as the draft writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a call."""

    status: int
    body: BaseModel
    location: str = ""


View = Callable[..., Done]


def once(view: View) -> Callable[..., HttpResponse]:
    """Have a view take effect once, in one transaction of the ledger with the answer that is kept."""
    return _guarded(view, together=True)


def once_apart(view: View) -> Callable[..., HttpResponse]:
    """Have a view take effect once that does more than write to the ledger; it must bear being begun twice.

    `named(request)` gives it an id that is the same each time.
    """
    return _guarded(view, together=False)


def named(request: HttpRequest) -> str:
    """Return an id for what a call makes, the same for the same key and idempotency key."""
    call = _call(request)
    return digest(str(call.key).encode(), call.idempotency.encode())[:32]


def _guarded(view: View, *, together: bool) -> Callable[..., HttpResponse]:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        ledger, call = here.ledger(), _call(request)
        claim = ledger.api_calls.claim(call, at=here.place().clock.now())
        if claim.said == "other":
            raise Stop("other-call", "Take a new key for a new call.")
        if claim.said == "busy":
            raise _at_work(claim)
        if claim.said == "done":
            return _response(claim.status, claim.answer, again=True)
        kept = False
        try:
            with ledger.writing() if together else nullcontext():
                done = view(request, *given, **named)
                answer = json.dumps(
                    {"body": done.body.model_dump(mode="json"), "location": done.location}
                ).encode()
                ledger.api_calls.keep(call, claim, done.status, answer)
            kept = True
        finally:
            if not kept:
                ledger.api_calls.let_go(call, claim)
        return _response(done.status, answer)

    return guarded


def _at_work(claim: Claim) -> Stop:
    """Say when to ask again: soon while it may well be at work, else once whoever had it must have died."""
    age = abs(here.place().clock.now() - claim.at) if claim.at else timedelta(0)
    wait = SOON if age < LONG else max(SOON, math.floor((LEASE - age).total_seconds()) + 1)
    minutes = int(LEASE.total_seconds() // 60)
    return Stop(
        "at-work",
        f"It came {int(age.total_seconds())} seconds ago and is not answered yet. Ask again in {wait} seconds, "
        f"under the same key: a call whose server died is begun anew {minutes} minutes after it came.",
        wait=wait,
    )


def _call(request: HttpRequest) -> Call:
    found = _KEY.fullmatch(request.headers.get(HEADER, ""))
    if found is None:
        raise Stop(
            "no-idempotency-key",
            f"Give {HEADER}: up to 255 letters, digits and . _ : + / = @ -, as a UUID; the same when you try again.",
        )
    return Call(
        key=caller.of(request).key.id,
        idempotency=digest(found[1].encode()),
        request=digest(str(request.method).encode(), request.get_full_path().encode(), request.body),
    )


def _response(status: int, answer: bytes, *, again: bool = False) -> HttpResponse:
    kept = json.loads(answer)
    content = json.dumps(kept["body"], ensure_ascii=False)
    response = HttpResponse(content, status=status, content_type="application/json; charset=utf-8")
    if kept["location"]:
        response["Location"] = kept["location"]
    if again:
        response["Idempotency-Replayed"] = "true"
    return response
