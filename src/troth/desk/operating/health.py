"""Is the process alive, is it ready, what does it count: for load balancers and whoever is woken at night.

`live` asks nothing. `ready` asks the ledger one question, reads the project and looks for a worker; answers name what
is wrong in one word each, and nothing else, for anybody may ask. `metrics` is not for everybody: who has the token
gets them, and what comes straight from this machine. A proxy here makes everything look as if it did, so a request
that was passed on, or that names another host, does not count as such, whatever else is set.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterator

from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.views.decorators.http import require_safe

from troth.desk import here
from troth.desk.operating import jobs, measures
from troth.desk.settings import LOOPBACK
from troth.errors import TrothError
from troth.problems import BadInput

TOKEN = "TROTH_METRICS_TOKEN"  # noqa: S105 the name of a variable
PASSED_ON = (
    *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port"),
    *("X-Forwarded-Server", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP"),
)
"""Headers that proxies add (RFC 7239; RFC 9110, section 7.6.3; and habits)."""


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
    return _from_here(request)


def _from_here(request: HttpRequest) -> bool:
    """Tell whether a request was made on this machine, by nobody for somebody else."""
    if any(name in request.headers for name in PASSED_ON):
        return False
    host, _ = split_domain_port(request.get_host())
    return host in LOOPBACK and _loopback(str(request.META.get("REMOTE_ADDR", "")))


def _loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


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
