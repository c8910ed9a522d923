"""Is the process alive, and is it ready: for load balancers and whoever is woken at night.

`live` asks nothing. `ready` asks the ledger one question and reads the project; answers name what is wrong in one
word each, and nothing else, for anybody may ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from troth.desk import here
from troth.errors import TrothError
from troth.problems import BadInput


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
    good = all(one == "ok" for one in said.values())
    return JsonResponse({"ready": good, **said}, status=200 if good else 503)


def _looked() -> Iterator[tuple[str, str]]:
    yield "ledger", _word(lambda: here.ledger().session.ask("SELECT 1"))
    yield "project", _word(here.project)


def _word(look: Callable[[], object]) -> str:
    try:
        look()
    except BadInput:
        return "faults"
    except (TrothError, DatabaseError, OSError):
        return "away"
    return "ok"
