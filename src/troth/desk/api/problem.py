"""Every error of the interface as problem details (RFC 9457): all faults at once, each with its place.

What was sent is never repeated, for it may be of a person: a fault says what shape it had. Messages are Troth's own,
which carry no personal value. What stands in the project's files is nothing for another system: it is told to wait.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from troth.errors import Damaged, Refused, StoreError, TrothError
from troth.problems import BadInput, Problem

MEDIA_TYPE = "application/problem+json"
PAGE = "/api/problems"
"""Where the types are explained; a reference as RFC 9457 §3.1.1 allows."""
SOURCE = "identities"
"""What lines of identities are said to come from, so that faults about them get their place back."""
LATER = 30
"""Seconds after which to try again what is away now."""
TYPES: Mapping[str, tuple[int, str]] = {
    "unreadable": (400, "The request cannot be read"),
    "no-idempotency-key": (400, "The header Idempotency-Key is missing or none"),
    "no-reason": (400, "The header Troth-Reason is missing"),
    "not-signed-in": (401, "No key that opens anything was given"),
    "no-scope": (403, "The key may not do this"),
    "not-found": (404, "There is nothing at this address"),
    "wrong-method": (405, "This address cannot be used like that"),
    "refused": (409, "This was not done"),
    "at-work": (409, "The same call is at work already"),
    "too-large": (413, "The request is too large"),
    "not-json": (415, "The request is not JSON"),
    "faults": (422, "The request has faults"),
    "other-call": (422, "Another call came under the same idempotency key"),
    "too-many": (429, "The key calls too often"),
    "our-fault": (500, "Something went wrong"),
    "away": (503, "Not available at the moment"),
}
"""Every type with its status and title."""
NOBODY = "Give a key that is good: Authorization: Bearer troth_…. `troth apikey list` shows which are."
_log = logging.getLogger("troth.desk.api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with what was sent."""

    code: str
    """As in the reference of problems."""
    message: str
    where: str = ""
    """`body`, `query`, `path` or `header`."""
    at: str = ""
    """In a body a JSON pointer (RFC 6901), elsewhere a name."""
    found: str = ""
    """The shape of what was found, never the value."""
    valid: tuple[str, ...] = ()
    hint: str = ""


class Stop(TrothError):
    """End a call with a problem."""

    def __init__(self, type: str, detail: str = "", *, wait: int = 0, faults: Sequence[Fault] = ()) -> None:
        super().__init__(type)
        self.type, self.detail, self.wait, self.faults = type, detail, wait, tuple(faults)


def answer(stop: Stop) -> HttpResponse:
    """Return the response for a problem."""
    status, title = TYPES[stop.type]
    said: dict[str, Any] = {"type": f"{PAGE}#{stop.type}", "title": title, "status": status}
    if stop.detail:
        said["detail"] = stop.detail
    if stop.faults:
        said["errors"] = [_shown(one) for one in stop.faults]
    response = HttpResponse(json.dumps(said, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    if stop.wait:
        response["Retry-After"] = str(stop.wait)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="troth"'
    return response


def of(error: Exception) -> Stop:
    """Say which problem an error is."""
    match error:
        case Stop():
            return error
        case BadInput():
            return _input(error.problems)
        case ValidationError():
            return Stop("faults", faults=[one["fault"] for one in error.errors])
        case AuthenticationError():
            return Stop("not-signed-in", NOBODY)
        case HttpError():
            return Stop("unreadable", "The body is to be JSON in UTF-8.")
        case Refused():
            return Stop("refused", f"{error.message} {error.hint}".strip())
        case StoreError() | DatabaseError():
            return Stop("away", "What is needed cannot be reached now. Nothing was lost.", wait=LATER)
        case Damaged() | TrothError():
            return Stop("our-fault", error.message)
        case _:
            return Stop("our-fault", "It was written down. The same call may be made again.")


def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer for any error of a call."""
    del request
    error = error() if isinstance(error, type) else error
    found = of(error)
    if found.type == "our-fault":
        _log.error("a call ended in %s", type(error).__name__, exc_info=error)
    return answer(found)


def shape(value: object) -> str:
    """Say what kind of thing a value is, and nothing of what it says."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return f"text of {len(value)} character{'s' if len(value) != 1 else ''}"
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
        case _:
            return "something else"


def pointer(place: Iterable[object]) -> str:
    """Write a place in a body as a JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _input(problems: Sequence[Problem]) -> Stop:
    ours = [one for one in problems if one.span is not None and one.span.file != SOURCE]
    if ours:
        return Stop("away", "The project's files have faults; whoever runs this must mend them.", wait=LATER)
    return Stop("faults", faults=[_fault(one) for one in problems])


def _fault(problem: Problem) -> Fault:
    """Turn a problem into a fault, without the value that was found."""
    at = pointer((SOURCE, problem.span.line - 1)) if problem.span else ""
    return Fault(
        code=problem.code,
        message=problem.message,
        where="body" if at else "",
        at=at,
        valid=problem.valid,
        hint=problem.hint,
    )


def _shown(fault: Fault) -> dict[str, object]:
    fields = {
        "code": fault.code,
        "message": fault.message,
        "in": fault.where,
        "at": fault.at,
        "found": fault.found,
        "valid": list(fault.valid),
        "hint": fault.hint,
    }
    return {name: value for name, value in fields.items() if value}
