"""Sessions, codes and keys that somebody else holds: none opens what it did not open before, and none twice."""

from __future__ import annotations

import json
import re

import pytest

from desk import serving
from desk.api_calls import Api, make_keys
from desk.serving import Project, Served, Visitor

LOGIN = "/account/login/"
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
