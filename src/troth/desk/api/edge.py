"""What every call passes before and after its view: sizes, media types, and what ninja answers in other forms."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt

from troth.desk.api import problem
from troth.desk.api.problem import Stop

View = Callable[..., HttpResponseBase]
JSON = "application/json"


def guarded(pattern: URLPattern) -> URLPattern:
    """Return an address whose view is guarded."""
    view = pattern.callback

    @functools.wraps(view)
    def run(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        response = _refused(request) or view(request, *given, **named)
        if response.status_code == 405:
            answer = problem.answer(Stop("wrong-method", f"It takes {response.headers.get('Allow', '')}."))
            answer["Allow"] = response.headers.get("Allow", "")
            response = answer
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    run.csrf_exempt = True  # type: ignore[attr-defined] # no cookie says who calls
    return URLPattern(pattern.pattern, run, pattern.default_args, pattern.name)


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Answer for addresses below the interface that lead nowhere."""
    del request, rest
    return problem.answer(Stop("not-found", "See /api/docs for what there is."))


def _refused(request: HttpRequest) -> HttpResponseBase | None:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
        return problem.answer(Stop("too-large", f"At most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes."))
    if request.method == "POST" and request.content_type != JSON:
        return problem.answer(Stop("not-json", f"Send Content-Type: {JSON}."))
    return None
