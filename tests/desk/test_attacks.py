"""What somebody with bad intentions, or a clumsy hand, tried once and got somewhere with; and does not any more."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from desk import public_visits as visits
from desk import serving
from desk.public_visits import Forms
from desk.serving import Person, Project, Served
from troth.app.systems import calls as webhook_calls

NAME = "desk.example"
PASSWORD = "seven quiet otters swim"
STEPS = """
import json
from troth.cli import edge
from troth.cli.main import app
os.chdir(folder)
for step in json.loads(sys.argv[2]):
    code = edge.run(app, ["request", *step, "--by", "Sam"])
    assert code in (0, 1), (step, code)
"""


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve under a public name, behind a proxy."""
    with serving.serving(project, TROTH_HOSTS=NAME, TROTH_PROXY="yes") as served:
        yield served


@pytest.fixture(scope="module")
def forms(desk: Served) -> Forms:
    """Open forms early, for those who fill them in later."""
    opened = Forms(desk)
    opened.open(6)
    return opened


@pytest.mark.parametrize(
    "asked",
    [
        "auth/user/?password__startswith=scrypt",
        "usersessions/usersession/?session_key__gte=0",
        "ledger/apikey/?digest__gte=0",
        "ledger/account/?user__gte=0&staff__name__gte=0",
    ],
)
def test_raw_tables_are_filtered_by_what_they_show(desk: Served, asked: str) -> None:
    """A filter by a column that is not shown would tell it sign by sign: sessions of others, say."""
    engineer = desk.signed_in("engineer")
    assert engineer.get(f"/desk/tables/{asked}").status == 400
    assert engineer.get("/desk/tables/auth/user/?email__startswith=lead").status == 200


@pytest.mark.parametrize("more", ["", "&extended=1", "&page=x"])
def test_the_frame_of_raw_tables_finds_them(desk: Served, more: str) -> None:
    """Its search says where a table is."""
    found = desk.signed_in("engineer").get(f"/desk/tables/search/?s=users{more}")
    assert (found.status, "/desk/tables/auth/user/" in found.text) == (200, True)


@pytest.mark.parametrize("header", ["SCRIPT_NAME: /evil", "PATH_INFO: /policy", "X-Forwarded-Ssl: on"])
def test_the_server_believes_no_header_of_its_own_accord(desk: Served, header: str) -> None:
    """Neither the path nor the scheme is what a visitor says it is."""
    name, _, value = header.partition(": ")
    found = desk.visitor().get("/.well-known/security.txt", **{name: value})
    assert found.status == 200
    assert "Policy: http://localhost:" in found.text
    assert found.text.count("/policy") == 1


def test_what_is_refused_at_the_door_has_a_policy_too(desk: Served) -> None:
    """The pages about requests nobody can read say what browsers may do, as every other page does."""
    refused = desk.visitor().get("/policy?%00")
    assert refused.status == 400
    assert "default-src 'none'" in refused.headers["content-security-policy"]


@pytest.mark.parametrize("page", ["login", "reauthenticate", "logout"])
def test_a_way_back_nobody_can_read_is_none(desk: Served, page: str) -> None:
    """Half an IPv6 address is passed over."""
    answer = desk.signed_in("agent") if page != "login" else desk.visitor()
    assert answer.get(f"/account/{page}/?next=http://[", follow=False).status < 500


def test_links_in_mails_lead_to_the_public_name(desk: Served, forms: Forms, project: Project) -> None:
    """Not to the name or port that whoever asked for the link gave."""
    with visits.post(project) as mail:
        forms.filed(visits.somebody(desk), "access", "host@example.org")
        assert mail.wait("host@example.org", r"(http\S+/r/)") == [f"http://{NAME}/r/"]


def test_a_first_factor_ends_what_the_password_alone_opened(desk: Served) -> None:
    """Whoever knew the password before is not let in by the second factor of its owner."""
    said = desk.project.troth("staff", "add", "Nora Neu", "--email", "nora@desk.example", "--role", "lead")
    link = re.search(r"/account/password/reset/key/\S+", said)
    assert link
    owner, other = desk.visitor(), desk.visitor()
    owner.post(owner.get(link[0]).path, {"password1": PASSWORD, "password2": PASSWORD})
    other.post("/account/login/", {"login": "nora@desk.example", "password": PASSWORD})
    assert other.get("/desk/").path == "/account/2fa/"
    shown = owner.post(owner.get("/account/2fa/totp/activate/").path, {"password": PASSWORD})
    secret = re.search(r'class="mono">([A-Z2-7]{32})<', shown.text)
    assert secret
    nora = Person(name="Nora Neu", email="nora@desk.example", password=PASSWORD, secret=secret[1], staff=0)
    owner.post("/account/2fa/totp/activate/", {"code": nora.code()})
    assert owner.get("/desk/", follow=False).status == 200
    assert other.get("/desk/", follow=False).headers["location"].startswith("/account/login/")


def test_nobody_gets_into_the_account_of_another_unseen(desk: Served) -> None:
    """Whoever makes a link to a password of somebody else, or takes their factors away, stands in the evidence."""
    said = desk.project.troth("staff", "add", "Ole Lind", "--email", "ole@desk.example", "--role", "lead")
    number = re.search(r"staff:(\d+)", said)
    assert number
    engineer, by = desk.signed_in("engineer"), f"staff:{desk.project.staff['engineer'].staff}"
    for step, kind in (("again", "staff.password"), ("factors", "staff.factors")):
        assert engineer.post(f"/desk/settings/staff/{number[1]}/{step}/").status == 200
        first = re.search(r'href="(/desk/evidence/\d+/)"', engineer.get(f"/desk/evidence/?kind={kind}").text)
        assert first, kind
        entry = engineer.get(first[1]).text
        assert f"staff:{number[1]}" in entry
        assert by in entry


def test_nobody_gives_their_account_another_address(desk: Served) -> None:
    """It is the one that was invited: with that of somebody else they could be taken for them."""
    for visitor in (desk.visitor(), desk.signed_in("agent")):
        assert visitor.get("/account/email/").status == 404
        form = {"action_add": "", "email": "boss@desk.example"}
        assert visitor.post("/account/email/", form).status == 404


def test_an_answer_without_proof_tells_nobody_who_is_known(
    desk: Served, forms: Forms, project: Project
) -> None:
    """That nothing is held, and that it could not be proven who asks, look the same."""
    somebody = visits.customer(project)
    links = [forms.filed(visits.somebody(desk), "erase", who) for who in ("nobody@example.org", somebody)]
    unknown, known = (visits.number(desk.visitor().get(link)) for link in links)
    visits.somebody(desk).post(f"{links[1]}prove/code/", {})
    with visits.post(project) as mail:
        mail.code(somebody)
    steps = [
        ("plan", unknown),
        ("decide", unknown, "--nothing-held"),
        ("answer", unknown),
        ("verify", known, "--failed", "no-answer"),
        ("decide", known, "--unverified"),
        ("answer", known),
    ]
    project.run(STEPS, json.dumps(steps))
    first, second = (desk.visitor().get(link).words for link in links)
    assert "Answered" in first
    assert first.replace(f"case:{unknown}", "") == second.replace(f"case:{known}", "")


def test_a_webhook_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole call has an end, beginning with the handshake."""
    monkeypatch.setattr(webhook_calls, "WHOLE", 0.5)

    def drip(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line:
            try:
                line.sendall(b"\x16\x03\x03\x40\x00")
                for _ in range(600):
                    line.sendall(b"\0")
                    time.sleep(0.1)
            except OSError:
                return  # cut off, as it should be

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, args=(listening,), daemon=True).start()
        began = time.monotonic()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        assert not webhook_calls.call(url, {}, b"{}", private=True).taken
        assert time.monotonic() - began < 30
