"""What every page of the privacy centre has in common: language, headers, limits, and the way to a request.

`page` wraps a view of anybody, `private` one behind a private link; `limited` counts tries.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from troth.app.centre import filing as centre_requests
from troth.desk import faults, here, throttle

HOUR = 3600
BY_LANGUAGE = "lang"
View = Callable[..., HttpResponseBase]


def page(*methods: str) -> Callable[[View], View]:
    """Serve a view of the privacy centre by some methods, in the language that is asked for.

    GET stands for HEAD too.
    """

    def wrapped(view: View) -> View:
        @wraps(view)
        def served(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
            chosen = _choose_language(request)
            response = view(request, *args, **named)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.setdefault("Cache-Control", "private, no-cache")
            if chosen:
                response.set_cookie(
                    settings.LANGUAGE_COOKIE_NAME,
                    chosen,
                    httponly=True,
                    samesite="Lax",
                    secure=request.is_secure(),
                )
            return response

        taken = [*methods, "HEAD"] if "GET" in methods else list(methods)
        return require_http_methods(taken)(served)

    return wrapped


def private(*methods: str) -> Callable[[View], View]:
    """Serve a view behind a private link; it is given the request's number beside the secret part.

    Nothing of it is kept by browsers or found by search engines. A link that opens nothing is one page, whatever the
    reason.
    """

    def wrapped(view: View) -> View:
        @wraps(view)
        def served(request: HttpRequest, secret: str, **named: object) -> HttpResponseBase:
            case = centre_requests.case_of(secret, here.place())
            if case is None:
                response: HttpResponseBase = _closed(request)
            else:
                response = view(request, secret, case, **named)
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex, nofollow"
            # Not `no-referrer`: browsers then send forms with `Origin: null`, which the check of forms refuses.
            response["Referrer-Policy"] = "same-origin"
            return response

        return page(*methods)(served)

    return wrapped


def limited(
    request: HttpRequest, name: str, limit: int, per: int = HOUR, *, who: str = ""
) -> HttpResponse | None:
    """Count a try of an address, or of something else; return the page that says to wait, or nothing.

    Raises:
        django.db.Error: when the ledger is away.
    """
    tried = who or throttle.address(request)
    if throttle.allow(f"centre.{name}", tried, limit, per):
        return None
    return faults.page(request, faults.too_many(throttle.wait(per)))


def _choose_language(request: HttpRequest) -> str:
    """Take the language of the address where it names one of ours; return it."""
    asked = request.GET.get(BY_LANGUAGE, "")
    if asked not in dict(settings.LANGUAGES):
        return ""
    translation.activate(asked)
    request.LANGUAGE_CODE = asked
    return asked


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/public/closed.html", status=404)
