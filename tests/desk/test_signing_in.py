"""Signing in: by invitation alone, with a second factor, by passkey; and what strangers learn, which is nothing."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from desk import looking
from desk.conftest import Opened
from desk.serving import Answer, Person, Project, Served, Visitor

NEW = "an uncommonly long pass phrase"
LOGIN = "/account/login/"


def invite(project: Project, name: str, email: str, role: str = "agent") -> str:
    """Invite somebody; return the path of the link."""
    said = project.troth("staff", "add", name, "--email", email, "--role", role, "--by", "Leo Brandt")
    found = re.search(r"https?://[^/\s]+(/\S+)", said)
    assert found
    return found[1]


def choose_password(visitor: Visitor, link: str, password: str = NEW) -> Answer:
    """Follow an invitation and choose a password."""
    page = visitor.get(link)
    return visitor.post(page.path, {"password1": password, "password2": password, "action": ""})


@pytest.mark.parametrize("page", ["/desk/", "/desk/requests/", "/desk/settings/"])
def test_the_console_asks_to_sign_in(desk: Served, page: str) -> None:
    """Whoever is not signed in is led to the sign-in page, and back afterwards."""
    answer = desk.visitor().get(page, follow=False)
    assert answer.status == 302
    assert answer.headers["location"] == f"{LOGIN}?next={page}"


def test_password_alone_opens_nothing(desk: Served) -> None:
    """Between password and code the console stays shut."""
    visitor, person = desk.visitor(), desk.project.staff["lead"]
    visitor.post(LOGIN, {"login": person.email, "password": person.password})
    assert visitor.get("/desk/", follow=False).status == 302


def test_a_wrong_code_is_refused(desk: Served) -> None:
    """A code that is not the present one signs nobody in."""
    visitor, person = desk.visitor(), desk.project.staff["lead"]
    visitor.post(LOGIN, {"login": person.email, "password": person.password})
    answer = visitor.post("/account/2fa/authenticate/", {"code": person.code(step=40)})
    assert answer.status == 200
    assert "Incorrect code" in answer.words


def test_a_code_is_good_once(desk: Served) -> None:
    """A code that was used is refused, also within its half minute (RFC 6238 §5.2)."""
    person = desk.project.staff["engineer"]
    code = desk.fresh_code("engineer")
    statuses = []
    for _ in range(2):
        visitor = desk.visitor()
        visitor.post(LOGIN, {"login": person.email, "password": person.password})
        statuses.append(visitor.post("/account/2fa/authenticate/", {"code": code}, follow=False).status)
    assert statuses == [302, 200]


def test_strangers_make_no_accounts(desk: Served) -> None:
    """The sign-up page says that accounts are made by invitation, and sending it makes none."""
    visitor = desk.visitor()
    assert "by invitation" in visitor.get("/account/signup/").words
    form = {"email": "mallory@example.org", "password1": NEW}
    assert visitor.post("/account/signup/", form, follow=False).status == 200
    assert "mallory" not in desk.project.troth("staff", "list")


def test_nobody_learns_who_has_an_account(desk: Served) -> None:
    """A wrong password and an unknown address get the same words; so does asking for a new password."""
    known, unknown = desk.project.staff["auditor"].email, "nobody@desk.example"

    def told(path: str, name: str, email: str) -> str:
        form = {name: email, "password": "not the password"}
        answer = desk.visitor().post(path, form)
        return f"{answer.status} {answer.path} {answer.words.replace(email, '')}"

    assert told(LOGIN, "login", known) == told(LOGIN, "login", unknown)
    reset = "/account/password/reset/"
    assert told(reset, "email", known) == told(reset, "email", unknown)


def test_an_invitation_ends_in_a_second_factor(serve: Callable[..., Served]) -> None:
    """The link lets somebody choose a password once; the console opens after a second factor, not before."""
    served = serve()
    link = invite(served.project, "Noor Haddad", "noor@desk.example")
    visitor = served.visitor()
    choose_password(visitor, link)
    shut = visitor.get("/desk/")
    assert shut.path == "/account/2fa/"
    assert "The console opens once you have a second factor" in shut.words
    asked = visitor.get("/account/2fa/totp/activate/")
    assert "Confirm that it is you" in asked.words
    setting_up = visitor.post(asked.path, {"password": NEW})
    secret = re.search(r'class="mono">([A-Z2-7]{32})<', setting_up.text)
    assert secret
    noor = Person(name="Noor Haddad", email="noor@desk.example", password=NEW, secret=secret[1], staff=0)
    codes = visitor.post("/account/2fa/totp/activate/", {"code": noor.code()})
    assert "recovery" in codes.words.casefold()
    assert visitor.get("/desk/", follow=False).headers.get("location") != "/account/2fa/"
    # The link is gone; a recovery code stands in for the phone.
    assert "has ended" in served.visitor().get(link).words
    code = re.search(r"<li>(\d{8})</li>", visitor.get("/account/2fa/recovery-codes/").text)
    assert code
    again = served.visitor()
    again.post(LOGIN, {"login": noor.email, "password": NEW})
    assert again.post("/account/2fa/authenticate/", {"code": code[1]}, follow=False).status == 302
    # Removed, every session of theirs ends with the next page.
    served.project.troth("staff", "remove", "Noor Haddad")
    assert again.get("/desk/", follow=False).headers["location"].startswith(LOGIN)
    assert visitor.get("/desk/", follow=False).headers["location"].startswith(LOGIN)


@pytest.fixture(scope="module")
def weak_link(desk: Served) -> str:
    """Invite somebody whose link is never used up."""
    return invite(desk.project, "Ida Weak", "ida@desk.example")


@pytest.mark.parametrize("weak", ["short-one", "password1234", "000000000000", "ida@desk.example"])
def test_weak_passwords_are_refused(desk: Served, weak_link: str, weak: str) -> None:
    """Short, common and obvious passwords are not taken."""
    answer = choose_password(desk.visitor(), weak_link, weak)
    assert "errorlist" in answer.text


def test_the_last_manager_stays(desk: Served) -> None:
    """Nobody can take the last account away that may manage accounts."""
    project = desk.project
    project.troth("staff", "role", "Enid Okafor", "auditor")
    try:
        project.troth("staff", "remove", "Leo Brandt", expect=(5,))
        project.troth("staff", "role", "Leo Brandt", "agent", expect=(5,))
    finally:
        project.troth("staff", "role", "Enid Okafor", "engineer")


def test_evidence_names_staff_by_number(desk: Served) -> None:
    """Joining, another role and leaving stand in the evidence, without name or address."""
    project = desk.project
    invite(project, "Tove Lind", "tove@desk.example")
    project.troth("staff", "role", "tove@desk.example", "auditor")
    project.troth("staff", "remove", "Tove Lind")
    said = project.run(
        "from troth.desk import here\n"
        "for n, e in enumerate(here.ledger().evidence.entries(0, 10_000)): print(e.decode())\n"
    )
    kinds = re.findall(r'"kind":"(staff\.\w+)"', said)
    assert kinds[-3:] == ["staff.joined", "staff.role", "staff.left"]
    assert "Tove" not in said
    assert "desk.example" not in said


def test_sessions_can_be_seen_and_ended(desk: Served) -> None:
    """Somebody sees where they are signed in, and ends the other places."""
    here, there = desk.visitor(), desk.visitor()
    desk.sign_in(here, "lead")
    desk.sign_in(there, "lead")
    page = here.get("/account/sessions/")
    assert "this one" in page.words
    here.post("/account/sessions/")
    assert there.get("/desk/", follow=False).headers["location"].startswith(LOGIN)
    assert not here.get("/desk/", follow=False).headers.get("location", "").startswith(LOGIN)


ENDED = """
from datetime import UTC, datetime
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
if sys.argv[2] == "make":
    Session.objects.create(session_key="ended", session_data="", expire_date=datetime(2026, 1, 1, tzinfo=UTC))
    UserSession.objects.create(user=User.objects.first(), session_key="ended", ip="203.0.113.9", user_agent="Old")
ended = UserSession.objects.filter(session_key="ended").count(), Session.objects.filter(pk="ended").count()
sys.stdout.write(f"{ended} {UserSession.objects.count() > 0}")
"""


def test_ended_sessions_are_forgotten(desk: Served) -> None:
    """From where somebody was signed in is kept no longer than the session; those that go on stay."""
    assert desk.project.run(ENDED, "make") == "(1, 1) True"
    desk.sign_in(desk.visitor(), "auditor")
    assert desk.project.run(ENDED, "look") == "(0, 0) True"


@pytest.fixture
def post_office() -> Iterator[tuple[str, list[str]]]:
    """Run a mail server; yield its address and what comes."""
    came: list[str] = []

    class Keeper:
        async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            came.append(f"{envelope.rcpt_tos} {content.decode()}")
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keeper(), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}?starttls=no", came
    controller.stop()


def test_a_forgotten_password_is_replaced_by_mail(
    serve: Callable[..., Served], post_office: tuple[str, list[str]]
) -> None:
    """A link goes to the address of the account, and to no address without one."""
    url, came = post_office
    served = serve(TROTH_SMTP=url)
    for email in ("nobody@desk.example", served.project.staff["agent"].email):
        served.visitor().post("/account/password/reset/", {"email": email})
    until = time.monotonic() + 180
    while not came and time.monotonic() < until:
        time.sleep(0.05)
    assert len(came) == 1
    assert "agent@desk.example" in came[0]
    link = re.search(r"http://localhost:\d+(/account/password/reset/key/\S+)", came[0])
    assert link
    assert "Choose a password" in served.visitor().get(link[1]).words


def test_signing_out_takes_a_form(desk: Served) -> None:
    """A link cannot sign anybody out; the button does."""
    visitor = desk.visitor()
    desk.sign_in(visitor, "engineer")
    assert visitor.get("/account/logout/").status == 200
    assert not visitor.get("/desk/", follow=False).headers.get("location", "").startswith(LOGIN)
    visitor.post("/account/logout/")
    assert visitor.get("/desk/", follow=False).headers["location"].startswith(LOGIN)


def test_the_way_back_stays_here(desk: Served) -> None:
    """A page elsewhere is no way back after signing in."""
    visitor, person = desk.visitor(), desk.project.staff["lead"]
    form = {"login": person.email, "password": person.password, "next": "https://evil.example/"}
    answer = visitor.post(LOGIN, form, follow=False)
    assert "evil" not in answer.headers.get("location", "")


@pytest.mark.browser
def test_a_passkey_signs_in(desk: Served, open_page: Opened) -> None:
    """A passkey is added in the browser, and then opens the console by itself, without a password."""
    page = open_page("/account/2fa/webauthn/add/", role="lead")
    page.context.new_cdp_session(page)
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    if page.locator("input[type=password]").count():
        page.fill("input[type=password]", desk.project.staff["lead"].password)
        page.get_by_role("button", name="Confirm").click()
    page.fill("input[name=name]", "laptop")
    page.check("input[name=passwordless]")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "add" not in url)
    page.context.clear_cookies()
    page.goto(LOGIN)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/desk/**")
    assert "Leo Brandt" in page.content()


@pytest.mark.browser
@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
def test_everybody_can_use_the_pages_of_accounts(desk: Served, open_page: Opened, look: str) -> None:
    """Sign-in, second factor and sessions have no serious fault, and fit a telephone."""
    more = {"dark": look == "dark", "width": 390 if look == "narrow" else 1280}
    for name, path, role in (
        ("sign-in", LOGIN, ""),
        ("forgotten", "/account/password/reset/", ""),
        ("nothing-here", "/nowhere/", ""),
        ("factors", "/account/2fa/", "auditor"),
        ("sessions", "/account/sessions/", "auditor"),
        ("password", "/account/password/change/", "auditor"),
    ):
        page = open_page(path, role=role, **more)
        looking.shot(page, f"account-{name}-{look}")
        looking.assert_accessible(page)
        looking.assert_fits(page)


def test_signing_in_works_without_javascript(open_page: Opened, desk: Served) -> None:
    """Password and code need no script."""
    page = open_page(LOGIN, javascript=False)
    person = desk.project.staff["auditor"]
    page.fill("input[name=login]", person.email)
    page.fill("input[name=password]", "wrong")
    page.click("button:has-text('Sign in') >> nth=0")
    assert page.locator(".errorlist").count() == 1


def test_guessing_is_slowed_down(desk: Served) -> None:
    """After some wrong passwords even the right one is not looked at for a while; last, for it shuts us out."""
    person = desk.project.staff["agent"]
    for _ in range(6):
        desk.visitor().post(LOGIN, {"login": person.email, "password": "wrong"})
    answer = desk.visitor().post(LOGIN, {"login": person.email, "password": person.password})
    assert "2fa" not in answer.path
    assert answer.status in (200, 429)
