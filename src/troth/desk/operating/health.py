"""Is the process alive, is it ready, what does it count: for load balancers and whoever is woken at night.

`live` asks nothing. `ready` asks the ledger one question, reads the project and looks for a worker; answers name what
is wrong in one word each, and nothing else, for anybody may ask. `metrics` is not for everybody.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator

from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from troth.desk import here, throttle
from troth.desk.operating import jobs, measures
from troth.errors import TrothError
from troth.problems import BadInput

TOKEN = "TROTH_METRICS_TOKEN"  # noqa: S105 the name of a variable
LOOPBACK = ("127.0.0.1", "::/64")


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer: the process takes requests."""
    del request
    return JsonResponse({"alive": True})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 where everything a page needs is there, 503 otherwise."""
    del request
    said = dict(_looked())
    # Without a worker pages still work, and what they order waits: told, but no reason to take this process away.
    good = said["ledger"] == said["project"] == "ok"
    return JsonResponse({"ready": good, **said}, status=200 if good else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the numbers to this machine, and to whoever has the token; nobody else learns that they are here."""
    if not _may_count(request):
        raise Http404
    at, ledger = here.place(), here.ledger()
    text = measures.requests_text() + measures.ledger_text(ledger, at.clock.now(), jobs.by_state(at))
    return HttpResponse(text, content_type=measures.CONTENT_TYPE)


def _may_count(request: HttpRequest) -> bool:
    token = here.place().environment.get(TOKEN, "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(token.encode(), given.encode("utf-8", "replace")):
        return True
    return throttle.address(request) in LOOPBACK


def _looked() -> Iterator[tuple[str, str]]:
    yield "ledger", _word(lambda: here.ledger().session.ask("SELECT 1"))
    yield "project", _word(here.project)
    yield "worker", "ok" if jobs.worker_seen(here.place()) else "none"


def _word(look: Callable[[], object]) -> str:
    try:
        look()
    except BadInput:
        return "faults"
    except (TrothError, DatabaseError, OSError):
        return "away"
    return "ok"
