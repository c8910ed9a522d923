"""Whoever sends half a request, and never the rest, shuts nobody out for long; whoever breaks off causes no error."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

from desk.serving import FORM, Served

THREADS = 4
"""Of the one process that tests serve with."""


def line(desk: Served, request: str) -> socket.socket:
    """Send the beginning of a request."""
    at = urlsplit(desk.address)
    found = socket.create_connection((at.hostname or "", at.port or 80), timeout=60)
    found.sendall(request.encode())
    return found


def half(desk: Served, path: str, kind: str) -> str:
    """Return half of a form, with the token that makes the server read all of it."""
    visitor = desk.visitor()
    visitor.get("/account/login/")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: {desk.address}\r\n"
    head += f"Cookie: {FORM}={visitor.cookies[FORM]}\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\n"
    return head + "csrfmiddlewaretoken="


def test_half_a_request_keeps_no_thread(desk: Served) -> None:
    """As many as there are threads, in headers and in bodies: others are answered within seconds."""
    form = "application/x-www-form-urlencoded"
    halves = [half(desk, "/account/login/", form), "GET / HTTP/1.1\r\nHost: loc"]
    lines = [line(desk, halves[at % 2]) for at in range(THREADS)]
    try:
        began = time.monotonic()
        assert desk.visitor().get("/health/live").status == 200
        assert time.monotonic() - began < 30  # for ever, before
    finally:
        for one in lines:
            one.close()


def test_whoever_breaks_off_causes_no_error(desk: Served) -> None:
    """A line that ends within a form, a file or a call is nobody's fault but its own."""
    said = len(desk.said())
    kinds = {
        "/account/login/": ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
        "/requests/new/access/": ("multipart/form-data; boundary=x",),
        "/api/v1/requests": ("application/json",),
    }
    for path, some in kinds.items():
        for kind in some:
            line(desk, half(desk, path, kind)).close()
    assert desk.visitor().get("/health/live").status == 200
    time.sleep(0.3)
    more = desk.said()[said:]
    assert '"status": 5' not in more
    assert "Traceback" not in more
    assert '"level": "error"' not in more
