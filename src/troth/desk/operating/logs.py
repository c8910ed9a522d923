"""One line of JSON for every request and every error: what happened, never about whom.

A request is told by its method, the name of its route (not its address, which may hold a token), status, length of
time and the number of the member of staff. An error is told by its type and the places in the code it went through,
without its message and without any value. Lines go to standard error.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import structlog
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from troth.desk.operating import measures

DEEPEST = 25
"""Places of an error that are told; the innermost ones."""
QUIET = ("/static/", "/health/", "/metrics")
log = structlog.get_logger("troth.desk")


def configure() -> None:
    """Write lines of JSON to standard error; called once, by whatever starts a process that serves."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Django's own lines hold addresses and messages of exceptions; `Requests` and `_told` say what they would.
    for name in ("django", "allauth"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
    got_request_exception.connect(_told, dispatch_uid="troth.desk")


class Requests:
    """Middleware, the outermost: log and measure every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, then write its line."""
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        name = route(request)
        measures.request(request.method or "", name, response.status_code, seconds)
        if not request.path.startswith(QUIET) or response.status_code >= 500:
            # A disk too full for a line of the log must not take the answer away.
            with contextlib.suppress(OSError):
                log.info(
                    "request",
                    method=_method(request),
                    route=name,
                    status=response.status_code,
                    ms=round(seconds * 1000, 1),
                    staff=_staff(request),
                )
        return response


def route(request: HttpRequest) -> str:
    """Return the name of the route a request took; empty for none."""
    found = getattr(request, "resolver_match", None)
    return str(found.view_name) if found else ""


def _method(request: HttpRequest) -> str:
    method = request.method or ""
    return method if method in measures.METHODS else "OTHER"


def _staff(request: HttpRequest) -> int | None:
    # Not asked for here: a view that needed to know has asked.
    return getattr(getattr(request, "_troth_seat", None), "staff", None)


def _told(sender: object, request: HttpRequest | None = None, **named: Any) -> None:
    """Log an error that nobody foresaw."""
    del sender, named
    error = sys.exc_info()[1]
    if error is None:
        return
    with contextlib.suppress(OSError):
        log.error("error", **told(error), route=route(request) if request else "")


def told(error: BaseException) -> dict[str, Any]:
    """Say what an error is without any value: its type, its causes' types, and the places it went through."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < 5:
        causes.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return {
        "type": type(error).__name__,
        "causes": causes,
        "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(name: str) -> str:
    return "/".join(name.split("/")[-3:])
