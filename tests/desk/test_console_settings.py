"""Settings on the desk: staff, keys and webhooks of other systems, files, raw tables; and who may do what."""

from __future__ import annotations

import re

import pytest

from desk.conftest import Opened
from desk.looking import assert_accessible, assert_fits, shot
from desk.serving import Answer, Served

SETTINGS, STAFF = "/desk/settings/", "/desk/settings/staff/"
KEYS, HOOKS, TABLES = "/desk/settings/keys/", "/desk/settings/webhooks/", "/desk/tables/"
PAGES = (SETTINGS, f"{SETTINGS}files/", STAFF, KEYS, HOOKS)
RAW = ("auth/user", "ledger/account", "mfa/authenticator", "usersessions/usersession", "ledger/apikey")
NOT_SHOWN = ("password", "data", "session_key", "digest", "sealed")
HOSTILE = ["<b>", "\0", "é" * 400, "x" * 100_000, "=1+1", "' OR 1=1", "\u202e"]


def invited(desk: Served, name: str, email: str, role: str = "agent") -> Answer:
    """Invite somebody by the form."""
    form = {"name": name, "email": email, "role": role}
    return desk.signed_in("lead").post(f"{STAFF}invite/", form)


def number(desk: Served, email: str) -> str:
    """Return the number of a member of staff, as the page of staff has it."""
    page = desk.signed_in("lead").get(STAFF).text
    return re.findall(r"staff/(\d+)/role/", page[page.index(email) :])[0]


def test_the_overview_says_how_the_installation_stands(desk: Served) -> None:
    """Files, letters, mailbox and versions, and what to do where something is not set."""
    page = desk.signed_in("auditor").get(SETTINGS).words
    assert "they load" in page
    assert "no mail server is set" in page
    assert "TROTH_MAILBOX" in page
    assert "SQLite: one worker" in page


def test_the_project_files_page_shows_findings_and_what_was_accepted(desk: Served) -> None:
    """Each with its code, place and what to do; no path of this machine."""
    page = desk.signed_in("auditor").get(f"{SETTINGS}files/")
    assert "breach-without-authority" in page.words
    assert "policy.yaml:" in page.words
    assert "Accepted for a while" in page.words
    assert str(desk.project.folder) not in page.text


def test_somebody_is_invited_gets_a_role_and_is_removed(desk: Served) -> None:
    """The link is shown this once, and leads to where a password is chosen."""
    answer = invited(desk, "Nora Neu", "nora@desk.example")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    link = re.search(r"http://localhost:\d+(/account/password/reset/key/[^<\s]+)", answer.text)
    assert link is not None
    assert desk.visitor().get(link[1]).status == 200
    lead, staff = desk.signed_in("lead"), number(desk, "nora@desk.example")
    assert link[1] not in lead.get(STAFF).text
    assert "invited" in lead.get(STAFF).words
    assert "Their role is engineer now." in lead.post(f"{STAFF}{staff}/role/", {"role": "engineer"}).words
    assert "Give Nora Neu this link." in lead.post(f"{STAFF}{staff}/again/").words
    assert "The account is gone." in lead.post(f"{STAFF}{staff}/remove/").words
    assert "nora@desk.example" not in lead.get(STAFF).text
    assert lead.post(f"{STAFF}{staff}/remove/").status == 404


@pytest.mark.parametrize(("role", "other"), [("lead", "engineer"), ("engineer", "lead")])
def test_nobody_gives_themselves_a_role(desk: Served, role: str, other: str) -> None:
    """Neither a higher nor a lesser one, not even the one they have; the page has no form for it."""
    sitting, own = desk.signed_in(role), f"{STAFF}{desk.project.staff[role].staff}/role/"
    for wanted in ("lead", "engineer", "agent", "auditor"):
        answer = sitting.post(own, {"role": wanted})
        assert answer.status == 409
        assert (
            "Nobody gives themselves another role. Another privacy lead or engineer does it" in answer.words
        )
    assert own not in sitting.get(STAFF).text
    assert f"{STAFF}{desk.project.staff[other].staff}/role/" in sitting.get(STAFF).text
    assert sitting.get(KEYS).status == 200


def test_the_owner_of_the_machine_gives_roles_and_evidence_says_so(desk: Served) -> None:
    """On the machine anybody's role is changed, also by somebody of the same name."""
    lead = desk.signed_in("lead")
    before = lead.get("/desk/evidence/?kind=staff.role").text.count("staff.role")
    name = desk.project.staff["agent"].name
    for role in ("auditor", "agent"):
        assert f"is {role} now" in desk.project.troth("staff", "role", name, role, "--by", name)
    after = lead.get("/desk/evidence/?kind=staff.role").text.count("staff.role")
    assert after > before


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(desk: Served) -> None:
    """An address that is none, a role that is none, a name that is taken."""
    answer = invited(desk, "Half Typed", "no-address", "boss")
    assert answer.status == 422
    assert 'value="Half Typed"' in answer.text
    assert len(re.findall(r'class="error" id="id_(email|role)_said"', answer.text)) == 2
    taken = invited(desk, "Leo Brandt", "other@desk.example")
    assert taken.status == 422
    assert "has an account already" in taken.words


def test_a_key_is_given_rotated_and_ended(desk: Served) -> None:
    """Its token is shown on the page that answers, and on no other."""
    engineer = desk.signed_in("engineer")
    made = engineer.post(f"{KEYS}add/", {"name": "shop 1", "scopes": ["requests:open"], "expires": ""})
    token = re.search(r'class="once">([^<]+)<', made.text)
    assert token is not None
    assert made.headers["cache-control"] == "no-store"
    assert token[1] not in engineer.get(KEYS).text
    assert "requests:open" in desk.signed_in("auditor").get(KEYS).words
    again = engineer.post(f"{KEYS}shop%201/rotate/")
    newer = re.search(r'class="once">([^<]+)<', again.text)
    assert newer is not None
    assert newer[1] != token[1]
    assert "the token before is good until" in again.words
    assert "opens nothing any more" in engineer.post(f"{KEYS}shop%201/end/").words
    assert engineer.post(f"{KEYS}nobody/end/").status == 404


def test_a_key_that_may_do_both_is_refused(desk: Served) -> None:
    """One key may not both make and approve plans; what was chosen stays chosen."""
    form = {"name": "both", "scopes": ["plans:make", "plans:approve"], "expires": ""}
    answer = desk.signed_in("engineer").post(f"{KEYS}add/", form)
    assert answer.status == 422
    assert "may not both make and approve plans" in answer.words
    assert answer.text.count(" checked>") == 2


def test_keys_and_webhooks_are_one_room(desk: Served) -> None:
    """Both addresses show the same page, with both forms; no two fields share an id."""
    engineer = desk.signed_in("engineer")
    pages = [engineer.get(path) for path in (KEYS, HOOKS)]
    assert pages[0].words == pages[1].words
    assert "Give a system a key" in pages[0].words
    assert "Tell another system" in pages[0].words
    ids = re.findall(r'\bid="([^"]+)"', pages[0].text)
    assert len(ids) == len(set(ids))


def test_a_webhook_is_entered_and_removed(desk: Served) -> None:
    """Its secret is shown this once; an address that cannot be used is said beside the form."""
    engineer = desk.signed_in("engineer")
    wrong = engineer.post(f"{HOOKS}add/", {"name": "crm", "url": "ftp://x"})
    assert wrong.status == 422
    assert 'value="ftp://x"' in wrong.text
    made = engineer.post(
        f"{HOOKS}add/", {"name": "crm", "url": "https://hooks.example.org/troth", "events": ["plan.done"]}
    )
    secret = re.search(r'class="once">([^<]+)<', made.text)
    assert secret is not None
    listed = engineer.get(HOOKS)
    assert secret[1] not in listed.text
    assert "nothing to tell yet" in listed.words
    assert "told nothing any more" in engineer.post(f"{HOOKS}crm/end/").words


def test_who_only_looks_changes_nothing(desk: Served) -> None:
    """Auditor and agent see no account and change no key; the lead has accounts, but no keys."""
    moves = [
        f"{KEYS}add/",
        f"{KEYS}x/end/",
        f"{KEYS}x/rotate/",
        f"{HOOKS}add/",
        f"{HOOKS}x/test/",
        f"{HOOKS}x/end/",
    ]
    accounts = [f"{STAFF}invite/", *(f"{STAFF}1/{move}/" for move in ("role", "again", "factors", "remove"))]
    for role in ("auditor", "agent"):
        visitor = desk.signed_in(role)
        assert {visitor.post(path).status for path in (*moves, *accounts)} == {403}
        assert visitor.get(STAFF).status == 403
        assert visitor.get(TABLES).status == 403
        assert "Give a system a key" not in visitor.get(KEYS).words
    assert {desk.signed_in("lead").post(path).status for path in moves} == {403}


def test_nobody_gets_in_without_signing_in(desk: Served) -> None:
    """Every page leads to signing in, by the one way there is; the raw tables have no form of their own."""
    for path in (*PAGES, TABLES, f"{TABLES}auth/user/", f"{TABLES}login/"):
        answer = desk.visitor().get(path)
        assert answer.path.startswith("/account/login/"), path


def test_pages_take_no_post_and_moves_no_get(desk: Served) -> None:
    """The wrong method is said to be one."""
    engineer = desk.signed_in("engineer")
    assert {engineer.post(path).status for path in PAGES} == {405}
    moves = (f"{KEYS}add/", f"{HOOKS}add/", f"{STAFF}invite/", f"{STAFF}1/remove/")
    assert {engineer.get(path).status for path in moves} == {405}


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_forms_are_told_so(desk: Served, hostile: str) -> None:
    """No field of any form makes an error page, and nothing typed comes back as mark-up."""
    engineer = desk.signed_in("engineer")
    forms = {
        f"{STAFF}invite/": ("name", "email", "role"),
        f"{KEYS}add/": ("name", "scopes", "expires"),
        f"{HOOKS}add/": ("name", "url", "events", "private"),
        f"{STAFF}1/role/": ("role",),
    }
    for path, fields in forms.items():
        answer = engineer.post(path, dict.fromkeys(fields, hostile))
        assert answer.status in (400, 404, 413, 422), (path, answer.status)
        assert "<b>" not in answer.text
    assert engineer.post(f"{STAFF}999999/role/", {"role": "agent"}).status == 404
    assert engineer.post(f"{STAFF}x/role/", {"role": "agent"}).status == 404


def test_raw_tables_are_to_look_at_and_hold_no_secret(desk: Served) -> None:
    """Nothing is added, changed or deleted; no password, secret or digest is a column."""
    engineer = desk.signed_in("engineer")
    for table in RAW:
        page = engineer.get(f"{TABLES}{table}/")
        assert page.status == 200, table
        assert not [name for name in NOT_SHOWN if f"column-{name}" in page.text], table
        assert engineer.get(f"{TABLES}{table}/add/").status == 403
        assert engineer.post(f"{TABLES}{table}/add/", {"name": "x"}).status == 403
        assert engineer.post(f"{TABLES}{table}/1/delete/", {"post": "yes"}).status == 403
        assert engineer.post(f"{TABLES}{table}/1/change/", {"email": "x@example.org"}).status in (302, 403)
    shown = engineer.get(f"{TABLES}auth/user/1/change/")
    assert "pbkdf2" not in shown.text
    assert desk.project.staff["agent"].secret not in engineer.get(f"{TABLES}mfa/authenticator/1/change/").text
    assert engineer.get(f"{TABLES}nothing/").status == 404


def test_only_the_raw_tables_may_run_what_others_may_not(desk: Served) -> None:
    """Their frame's script needs more than our policy lets through; no other page gets it."""
    engineer = desk.signed_in("engineer")
    assert "'unsafe-eval'" in engineer.get(TABLES).headers["content-security-policy"]
    assert "'unsafe-inline'" in engineer.get(TABLES).headers["content-security-policy"]
    script = re.search(r"script-src ([^;]+)", engineer.get(TABLES).headers["content-security-policy"])
    assert script is not None
    assert "unsafe-inline" not in script[1]
    for path in (*PAGES, "/desk/plans/", "/account/login/"):
        assert "unsafe" not in engineer.get(path).headers["content-security-policy"], path


@pytest.mark.browser
def test_everybody_can_use_it(desk: Served, open_page: Opened) -> None:
    """In light and dark, wide and narrow: axe finds nothing serious, and the page fits its window."""
    pages = {
        "settings": SETTINGS,
        "files": f"{SETTINGS}files/",
        "staff": STAFF,
        "keys": KEYS,
        "webhooks": HOOKS,
    }
    for name, path in pages.items():
        for width in (1280, 390):
            page = open_page(path, role="engineer", width=width, dark=width == 390)
            assert_accessible(page)
            assert_fits(page)
            shot(page, f"{name}-{width}")


@pytest.mark.browser
def test_the_raw_tables_work_in_a_browser(desk: Served, open_page: Opened) -> None:
    """The frame's own script runs, and nothing of it is stopped by our policy."""
    page = open_page(role="engineer")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{TABLES}auth/user/")
    page.get_by_role("link", name="Users").first.wait_for()
    assert not [one for one in said if "Content Security Policy" in one]
    shot(page, "tables-1280")


def test_no_key_or_webhook_says_what_they_are_for(desk: Served) -> None:
    """Empty states name the next step."""
    assert "No other system is told of events. Enter one" in desk.signed_in("engineer").get(HOOKS).words
