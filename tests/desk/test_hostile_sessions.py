"""Sessions, codes, keys and lines that somebody holds: none opens what it should not, none twice, none for ever."""

from __future__ import annotations

import json
import re
import socket
import time
from urllib.parse import urlsplit

import pytest

from desk import serving
from desk.api_calls import Api, make_keys
from desk.serving import FORM, PATIENCE, Project, Served, Visitor

LOGIN = "/account/login/"
THREADS = 4
"""Of the one process that tests serve with."""
CODES = """
import json
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import User
made = RecoveryCodes.activate(User.objects.get(email=sys.argv[2]))
print(json.dumps(made.get_unused_codes()))
"""
OPENED = {"kinds": ["access"], "identities": ["email:ada@example.org"], "residence": "IE"}


@pytest.fixture(scope="module")
def codes(project: Project) -> list[str]:
    """Give the auditor recovery codes."""
    found: list[str] = json.loads(project.run(CODES, project.staff["auditor"].email).splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def keys(project: Project) -> dict[str, str]:
    """Give other systems keys."""
    return make_keys(project)


@pytest.fixture(scope="module")
def api(desk: Served, keys: dict[str, str]) -> Api:
    """Return the interface of the file's desk."""
    return Api(served=desk, keys=keys)


def half_in(desk: Served, role: str) -> Visitor:
    """Sign in by password alone."""
    visitor, person = desk.visitor(), desk.project.staff[role]
    visitor.post(LOGIN, {"login": person.email, "password": person.password})
    return visitor


def shut(visitor: Visitor) -> bool:
    """Tell whether the console sends somebody to sign in."""
    return visitor.get("/desk/", follow=False).headers.get("location", "").startswith(LOGIN)


def test_a_session_somebody_gave_out_is_not_taken_over(desk: Served) -> None:
    """Whoever planted a session in a browser has nothing of what is signed in with it later."""
    planted = half_in(desk, "agent")
    victim = Visitor(address=desk.address, cookies=dict(planted.cookies))
    victim.post("/account/2fa/authenticate/", {"code": desk.fresh_code("agent")})
    assert not shut(victim)
    assert victim.cookies[serving.SESSION] != planted.cookies[serving.SESSION]
    assert shut(planted)
    made_up = Visitor(address=desk.address, cookies={serving.SESSION: "a" * 32})
    made_up.get(LOGIN)
    desk.sign_in(made_up, "engineer")
    assert made_up.cookies[serving.SESSION] != "a" * 32


def test_signing_out_ends_the_session_itself(desk: Served) -> None:
    """A copy of its cookie opens nothing."""
    visitor = desk.visitor()
    desk.sign_in(visitor, "engineer")
    copy = Visitor(address=desk.address, cookies=dict(visitor.cookies))
    assert not shut(copy)
    visitor.post("/account/logout/")
    assert shut(copy)


def test_a_recovery_code_is_good_once(desk: Served, codes: list[str]) -> None:
    """And a code of one account opens no other."""
    for role, code, opens in (
        ("lead", codes[0], False),
        ("auditor", codes[0], True),
        ("auditor", codes[0], False),
        ("auditor", codes[1], True),
    ):
        visitor = half_in(desk, role)
        visitor.post("/account/2fa/authenticate/", {"code": code})
        assert shut(visitor) != opens, (role, opens)


def test_an_account_that_was_removed_is_out_at_once(desk: Served, project: Project) -> None:
    """Its sessions, its password and the links to it open nothing from then on."""
    said = project.troth("staff", "add", "Rex Gone", "--email", "rex@desk.example", "--role", "lead")
    link = re.search(r"/account/password/reset/key/\S+", said)
    assert link
    visitor, word = desk.visitor(), {"password1": "nine odd grey herons", "password2": "nine odd grey herons"}
    visitor.post(visitor.get(link[0]).path, word)
    assert visitor.get("/desk/").path == "/account/2fa/"
    project.troth("staff", "remove", "rex@desk.example")
    assert shut(visitor)
    again = desk.visitor()
    again.post(LOGIN, {"login": "rex@desk.example", "password": word["password1"]})
    assert shut(again)
    assert "password1" not in again.get(link[0]).text


def test_an_idempotency_key_belongs_to_its_key(api: Api) -> None:
    """The same one of another system is another call, which learns nothing of the first."""
    first = api.post("/requests", OPENED, "all", idempotency="same")
    other = api.post("/requests", OPENED, "opens", idempotency="same")
    assert (first.status, other.status) == (201, 201)
    assert "idempotency-replayed" not in other.headers
    assert first.headers["location"] != other.headers["location"]
    again = api.post("/requests", OPENED, "opens", idempotency="same")
    assert (again.body, again.headers["idempotency-replayed"]) == (other.body, "true")
    reads = api.post("/requests", OPENED, "reads", idempotency="same")
    assert reads.status == 403


@pytest.mark.parametrize("changed", ["path", "query", "body", "order"])
def test_another_call_under_an_idempotency_key_is_refused(api: Api, changed: str) -> None:
    """Whatever of it differs: it is neither done nor answered for the first."""
    assert api.post("/requests", OPENED, idempotency=f"x-{changed}").status == 201
    path = {"path": "/requests/1/withdraw", "query": "/requests?x=1"}.get(changed, "/requests")
    body = {"body": {**OPENED, "residence": "DE"}, "order": dict(reversed(OPENED.items()))}.get(
        changed, OPENED
    )
    other = api.post(path, body, idempotency=f"x-{changed}")
    assert other.status == 422, other.text


def test_a_link_to_a_new_password_is_mailed_all_the_same(desk: Served) -> None:
    """What was asked for is done, and says in the log that no mail server is set; strangers cause nothing."""
    for email in ("nobody@desk.example", desk.project.staff["lead"].email):
        answer = desk.visitor().post("/account/password/reset/", {"email": email}, follow=False)
        assert (answer.status, answer.headers["location"]) == (302, "/account/password/reset/done/")
    until_said(desk, "account mail not sent")
    assert desk.said().count("account mail not sent") == 1


def until_said(desk: Served, what: str) -> None:
    """Poll the log until it says something."""
    until = time.monotonic() + PATIENCE
    while what not in desk.said():
        assert time.monotonic() < until, desk.said()[-2000:]
        time.sleep(0.05)


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
