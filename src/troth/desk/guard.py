"""The first look at every request, and the last at every answer: what is too large or not text goes no further.

Stands behind static files and before sessions, so that refusing costs nothing. Headers that no library of ours sets
are set here; who may do what is not known here.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from troth.desk import faults

LARGEST_REQUEST = 32_000_000
"""Bytes of a request with its files."""
LONGEST_ADDRESS = 4_000
PERMISSIONS = ", ".join(
    f"{name}=()" for name in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
)
"""What no page of ours asks a browser for (W3C Permissions Policy)."""
DIGITS = "0123456789"


class Guard:
    """Middleware: refuse what cannot be read, and add headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the request, or pass it on."""
        response = self._refused(request) or self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Whatever does not say otherwise may hold what is of a person, and stays in no cache.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refused(self, request: HttpRequest) -> HttpResponse | None:
        if not _is_text(request):
            return faults.bad_request(request)
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if length.strip(DIGITS) or len(length) > 12:
            return faults.bad_request(request)
        return faults.page(request, faults.too_large()) if int(length) > LARGEST_REQUEST else None


def _is_text(request: HttpRequest) -> bool:
    """Tell whether the address is UTF-8 without NUL, which no database keeps as text."""
    query = str(request.META.get("QUERY_STRING", ""))
    if (
        "\0" in request.path
        or "%00" in query
        or "\0" in query
        or len(request.path) + len(query) > LONGEST_ADDRESS
    ):
        return False
    try:
        request.path.encode("utf-8")
        return "�" not in request.path
    except UnicodeEncodeError:
        return False
