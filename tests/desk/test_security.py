"""What browsers may do with our pages, what strangers may send, and what happens when the machine fails."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from desk import serving
from desk.serving import Project, Served, Visitor

LOGIN = "/account/login/"
PAGES = ("/", LOGIN, "/nowhere/", "/account/signup/", "/account/password/reset/")


def raw(served: Served, request: bytes) -> tuple[int, str]:
    """Send bytes as they are; return status and what came."""
    at = urlsplit(served.address)
    with socket.create_connection((at.hostname or "", at.port or 80), timeout=180) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        came = b""
        while more := line.recv(65_536):
            came += more
    status = re.match(rb"HTTP/1\.[01] (\d{3})", came)
    return int(status[1]) if status else 0, came.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def behind_tls(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve as behind a proxy that speaks TLS."""
    copy = janusipm.copy(tmp_path_factory.mktemp("tls") / "janusipm")
    with serving.serving(copy, TROTH_TLS="yes", TROTH_PROXY="yes") as served:
        yield served


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_browsers_may_do(desk: Served, page: str) -> None:
    """Each page has a policy without inline code, and the headers beside it."""
    headers = desk.visitor().get(page).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_asks_a_third_party(desk: Served, page: str) -> None:
    """Nothing a page loads, and no form, goes to another host."""
    text = desk.visitor().get(page).text
    assert not re.findall(r'<(?:script|img|link|iframe|form)[^>]+(?:src|href|action)="(?:https?:)?//', text)
    assert not re.search(r"\son[a-z]+=|\sstyle=|<style|javascript:", text)


def test_pages_of_staff_are_in_no_cache(desk: Served) -> None:
    """What staff see is kept by no browser and no proxy; static files may be."""
    signed = desk.signed_in("auditor")
    assert "no-store" in signed.get("/account/sessions/").headers["cache-control"]
    assert "no-store" in desk.visitor().get("/nowhere/").headers["cache-control"]
    assert "no-store" not in desk.visitor().get("/static/desk/troth.css").headers.get("cache-control", "")


def test_cookies_are_for_the_server_alone(desk: Served) -> None:
    """Scripts cannot read the session, and other sites cannot send it along."""
    said = desk.sign_in(desk.visitor(), "lead").headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said


def test_tls_makes_cookies_of_this_host(behind_tls: Served) -> None:
    """Behind TLS cookies are Secure with the `__Host-` prefix, and browsers are told to come by TLS alone."""
    visitor = Visitor(address=behind_tls.address, headers={"X-Forwarded-Proto": "https"})
    answer = visitor.get(LOGIN)
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert answer.headers["set-cookie"].startswith("__Host-troth-form=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "Domain" not in answer.headers["set-cookie"]


def test_tls_sends_plain_requests_on(behind_tls: Served) -> None:
    """Whoever comes without TLS is sent to it; health stays for whoever looks from inside."""
    answer = behind_tls.visitor().get(LOGIN, follow=False)
    assert answer.status == 301
    assert answer.headers["location"].startswith("https://")
    assert behind_tls.visitor().get("/health/live").status == 200


def test_a_form_needs_its_token(desk: Served) -> None:
    """A form without the token that goes with the cookie is refused, and the page says what to do."""
    person = desk.project.staff["lead"]
    form = {"login": person.email, "password": person.password}
    answer = desk.visitor().post(LOGIN, form, csrf=False)
    assert answer.status == 403
    assert "send the form again" in answer.words.casefold()


def test_a_form_from_elsewhere_is_refused(desk: Served) -> None:
    """A form another site sends is refused, also with the right token."""
    visitor = desk.visitor()
    visitor.get(LOGIN)
    visitor.headers["Origin"] = "https://evil.example"
    assert visitor.post(LOGIN, {"login": "a@b.example", "password": "x"}).status == 403


def test_an_unknown_host_is_refused(desk: Served) -> None:
    """A name we are not reached under gets 400, and is not repeated."""
    answer = desk.visitor().ask("GET", LOGIN, headers={"Host": "evil.example"})
    assert answer.status == 400
    assert "evil" not in answer.text


HOSTILE = {
    "null byte in the address": b"GET /r/%00/ HTTP/1.1",
    "null byte in the query": b"GET /?q=%00 HTTP/1.1",
    "not UTF-8 in the address": b"GET /%ff%fe/ HTTP/1.1",
    "not UTF-8 in the query": b"GET /account/login/?next=%ff%fe HTTP/1.1",
    "a way up": b"GET /static/../../../../etc/passwd HTTP/1.1",
    "a way up, encoded": b"GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
    "a long address": b"GET /" + b"a" * 6_000 + b" HTTP/1.1",
    "a whole URL": b"GET http://evil.example/ HTTP/1.1",
    "markup in the address": b"GET /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1",
    "a line break in the query": b"GET /account/login/?next=%0d%0aSet-Cookie:%20a=b HTTP/1.1",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_addresses_get_a_page(desk: Served, what: str) -> None:
    """No address makes an error of ours, shows a file, or comes back as markup."""
    status, said = raw(desk, HOSTILE[what] + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert 200 <= status < 500, said[:300]
    assert "root:" not in said
    assert "<script>alert" not in said
    assert "\nSet-Cookie: a=b" not in said.partition("\r\n\r\n")[0]


BODIES = {
    "not a form": (b"text/plain", b"\xff\xfe\x00"),
    "not UTF-8": (b"application/x-www-form-urlencoded", b"login=%ff%fe%00&password=%00"),
    "an unknown encoding": (b"application/x-www-form-urlencoded; charset=utf-99", b"login=a"),
    "a broken multipart": (b"multipart/form-data; boundary=x", b"--y\r\nnothing"),
    "multipart without boundary": (b"multipart/form-data", b"a"),
    "many fields": (b"application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(3_000))),
    "JSON": (b"application/json", b'{"login": {"$ne": 1}}'),
}


@pytest.mark.parametrize("what", BODIES)
def test_hostile_forms_get_a_page(desk: Served, what: str) -> None:
    """No body makes an error of ours."""
    kind, body = BODIES[what]
    token = b"a" * 32
    head = b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: " + kind
    head += b"\r\nCookie: troth-form=" + token + b"\r\nX-CSRFToken: " + token
    length = b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    status, said = raw(desk, head + length + body)
    assert 200 <= status < 500, said[:300]
    assert "Traceback" not in said


def test_what_is_too_large_is_said_so(desk: Served) -> None:
    """A form, or a request as a whole, above its limit gets 413 and a page."""
    visitor = desk.visitor()
    answer = visitor.post(LOGIN, {"login": "a" * 1_200_000, "password": "x"})
    assert answer.status == 413
    assert "larger than may be sent" in answer.words
    head = b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    status, said = raw(desk, head + b"Content-Length: 99000000\r\n\r\n")
    assert status == 413
    assert "larger than may be sent" in said


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
def test_wrong_methods_get_a_page(desk: Served, method: str) -> None:
    """What an address does not take is refused without an error of ours."""
    assert desk.visitor().ask(method, "/health/live").status in (403, 405)


def test_a_damaged_ledger_gets_a_page(serve: Callable[..., Served]) -> None:
    """When the ledger cannot be read pages say so; no detail is shown, and health says it is away."""
    served = serve()
    visitor = served.visitor()
    visitor.get(LOGIN)
    for name in ("ledger.sqlite", "ledger.sqlite-wal"):
        path = served.project.folder / ".troth" / name
        if path.exists():
            with path.open("r+b") as file:
                file.write(b"\xa5" * max(200_000, path.stat().st_size))
    answer = visitor.post(LOGIN, {"login": "a@b.example", "password": "x"})
    assert answer.status == 503
    assert "try again" in answer.words
    assert "sqlite" not in answer.text.casefold()
    assert served.visitor().get("/health/live").status == 200


def test_a_full_disk_gets_a_page(serve: Callable[..., Served]) -> None:
    """When nothing can be written a form gets 503, and the page says that nothing was lost."""
    served = serve()
    served.fill_disk()
    answer = served.visitor().post(LOGIN, {"login": "a@b.example", "password": "x"})
    assert answer.status == 503
    assert "Nothing was lost" in answer.words


def test_tables_are_made_once_by_many(janusipm: Project, tmp_path: Path) -> None:
    """Processes that start at once over a new ledger find its tables, all of them."""
    copy = janusipm.copy(tmp_path / "janusipm")
    for one in (copy.folder / ".troth").glob("ledger.sqlite*"):
        one.unlink()
    command = [sys.executable, "-m", "troth", "staff", "list"]
    many = [
        subprocess.Popen(command, cwd=copy.folder, env=copy.environment, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(one.communicate()[1], one.returncode) for one in many]
    assert [code for _, code in ended] == [0, 0, 0], ended
