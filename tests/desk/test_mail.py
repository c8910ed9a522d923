"""The screen for mail: messages become requests when a person says so, letters are taken back and printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from desk import serving
from desk.looking import assert_accessible, assert_fits, shot
from desk.serving import Project, Served

if TYPE_CHECKING:
    from desk.conftest import Opened

MAIL = """\
Received: from a by b; Sat, 28 Feb 2026 22:00:00 +0100
From: =?utf-8?q?Zo=C3=AB?= Maier <zoe.maier@example.org>
Subject: <script>alert(1)</script> My data
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

Please send me a copy of my data. <img src=x onerror=alert(1)>
--x
Content-Type: application/pdf; name="pass.pdf"
Content-Disposition: attachment; filename="../../pass.pdf"

%PDF
--x--
"""
SPAM = "From: spam{n}@example.net\nSubject: Buy {n}\n\nBuy now.\n"
LIST = "From: news@example.net\nList-Id: <n>\nSubject: News\n\nNews.\n"


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve a project with messages that came: Zoë's, one from a list, and some spam."""
    box = project.folder / "box"
    for place in ("new", "cur", "tmp"):
        (box / place).mkdir(parents=True)
    for n, content in enumerate([MAIL, LIST, *(SPAM.format(n=n) for n in range(8))]):
        (box / "new" / f"{n:03}").write_text(content)
    project.troth("mailbox", "check", "--from", f"maildir:{box}", "--by", "Sam")
    with serving.serving(project) as served:
        yield served


def zoe(desk: Served) -> int:
    """Return the number of the message from Zoë: the first to come."""
    page = desk.signed_in("agent").get("/desk/mail/?tab=all").text
    found = re.findall(r"/desk/mail/(\d+)/", page)
    return int(found[0])


def spam(desk: Served, which: int) -> int:
    """Return the number of a message that nobody wants."""
    return zoe(desk) + 2 + which


def test_the_list_names_nobody(desk: Served) -> None:
    """It shows what came when, and why it is here; who wrote and what stays sealed."""
    page = desk.signed_in("auditor").get("/desk/mail/?tab=all")
    assert page.status == 200
    assert "went to a mailing list" in page.words
    assert not [word for word in ("maier", "Zoë", "My data", "spam") if word in page.text]


def test_a_message_is_read_with_a_reason_and_becomes_a_request(desk: Served) -> None:
    """Read, prefilled, confirmed: a case with the sender, the text and the day the message reached us."""
    id, agent = zoe(desk), desk.signed_in("agent")
    assert "maier" not in agent.get(f"/desk/mail/{id}/").text
    assert agent.post(f"/desk/mail/{id}/read/", {"because": ""}).status == 422
    page = agent.post(f"/desk/mail/{id}/read/", {"because": "inbox of the day"})
    assert "Zoë Maier" in page.words
    assert "<script>alert(1)" not in page.text
    assert 'value="access" id="id_kinds_0" checked' in re.sub(r"\s+", " ", page.text)
    assert "2026-02-28T21:00:00" in page.text
    form = {
        "received": "2026-02-28T21:00:00",
        "identities": "email:zoe.maier@example.org",
        "name": "Zoë Maier",
        "reply_to": "zoe.maier@example.org",
        "whom": "self",
    }
    none = agent.post(f"/desk/mail/{id}/confirm/", form)
    assert (none.status, "tick each right" in none.words, "email:zoe.maier" in none.text) == (422, True, True)
    bad = agent.post(f"/desk/mail/{id}/confirm/", {**form, "kinds": "access", "residence": "Mars"})
    assert (bad.status, "Mars" in bad.text) == (422, True)
    done = agent.post(f"/desk/mail/{id}/confirm/", {**form, "kinds": ["access", "erase"], "residence": "DE"})
    assert re.fullmatch(r"/desk/requests/\d+/", done.path), done.words[:300]
    assert "Opened: case" in done.words
    assert "a request" in agent.get("/desk/mail/?tab=all").words
    assert agent.post(f"/desk/mail/{id}/confirm/", {**form, "kinds": "access"}).status == 409


def test_what_was_read_by_one_is_shown_to_no_other(desk: Served) -> None:
    """The half hour is that of whoever gave the reason."""
    id = spam(desk, 0)
    desk.signed_in("agent").post(f"/desk/mail/{id}/read/", {"because": "look"})
    assert "Buy now" in desk.signed_in("agent").get(f"/desk/mail/{id}/").words
    for other in ("lead", "auditor", "engineer"):
        assert "Buy now" not in desk.signed_in(other).get(f"/desk/mail/{id}/").words


def test_a_message_is_put_aside_or_beside_a_request(desk: Served) -> None:
    """Each once; a request that is not there is said beside the field."""
    agent = desk.signed_in("agent")
    first, second = spam(desk, 1), spam(desk, 2)
    assert agent.post(f"/desk/mail/{first}/dismiss/", {"why": "boring"}).status == 422
    assert "is put aside" in agent.post(f"/desk/mail/{first}/dismiss/", {"why": "spam"}).words
    assert agent.post(f"/desk/mail/{first}/dismiss/", {"why": "spam"}).status == 409
    assert agent.post(f"/desk/mail/{second}/join/", {"case": "999999"}).status == 422
    assert agent.post(f"/desk/mail/{second}/join/", {"case": "x"}).status == 422


def test_the_file_is_handed_out_as_a_file(desk: Served) -> None:
    """With its attachments, for a reason, never shown by the browser, under a name of ours."""
    id = zoe(desk)
    got = desk.signed_in("agent").post(f"/desk/mail/{id}/save/", {"because": "the passport"})
    assert got.body == MAIL.encode()
    assert got.headers["content-disposition"] == f'attachment; filename="message-{id}.eml"'
    assert got.headers["content-type"] == "application/octet-stream"


def test_letters_are_listed_taken_back_and_printed(desk: Served) -> None:
    """A letter that waits can be taken back, once; one that goes by mail is not printed."""
    lead = desk.signed_in("lead")
    desk.project.troth("request", "open", "access", "--identity", "email:x@example.org", "--name", "X",
                       "--reply-to", "Anna Vogel\n7 Rue X\nParis", "--by", "Sam")  # fmt: skip
    page = lead.get("/desk/mail/out/").text
    id = re.findall(r"/desk/mail/out/(\d+)/print/", page)[-1]
    pdf = lead.post(f"/desk/mail/out/{id}/print/")
    assert (pdf.status, pdf.body[:5], pdf.headers["cache-control"]) == (200, b"%PDF-", "no-store")
    assert "printed" in lead.get("/desk/mail/out/?tab=all").words
    assert lead.post(f"/desk/mail/out/{id}/cancel/").status == 409


ACTS = ("read/", "save/", "confirm/", "join/", "dismiss/")


def test_without_signing_in_nothing_is_shown(desk: Served) -> None:
    """Every address leads to the page to sign in."""
    visitor = desk.visitor()
    for path in ("/desk/mail/", "/desk/mail/1/", "/desk/mail/out/"):
        assert "/account/login/" in visitor.get(path).path
    for act in ACTS:
        assert "/account/login/" in visitor.post(f"/desk/mail/{zoe(desk)}/{act}").path


@pytest.mark.parametrize("role", ["auditor", "engineer"])
def test_who_may_only_look_changes_and_reads_nothing(desk: Served, role: str) -> None:
    """No form is offered, and every act is refused."""
    sitter, id = desk.signed_in(role), spam(desk, 3)
    page = sitter.get(f"/desk/mail/{id}/")
    assert (page.status, 'action="/desk/mail/' in page.text) == (200, False)
    for act in ACTS:
        assert sitter.post(f"/desk/mail/{id}/{act}", {"because": "x", "why": "spam"}).status == 403
    for act in ("cancel/", "print/"):
        assert sitter.post(f"/desk/mail/out/1/{act}").status == 403


def test_a_message_that_is_not_there_is_a_page(desk: Served) -> None:
    """Also one whose number is larger than any."""
    agent = desk.signed_in("agent")
    for id in (9_999, 10**30):
        assert agent.get(f"/desk/mail/{id}/").status == 404
        for act in ACTS:
            assert agent.post(
                f"/desk/mail/{id}/{act}", {"because": "x", "why": "spam", "case": "1"}
            ).status in (404, 422)
    assert agent.post("/desk/mail/out/9999/cancel/").status == 404


def test_changes_are_posts(desk: Served) -> None:
    """Looking at an act's address does nothing, and a form without its token is refused."""
    agent, id = desk.signed_in("agent"), spam(desk, 4)
    for act in ACTS:
        assert agent.get(f"/desk/mail/{id}/{act}").status == 405
    assert agent.post(f"/desk/mail/{id}/dismiss/", {"why": "spam"}, csrf=False).status == 403
    assert "waits" in agent.get(f"/desk/mail/{id}/").words


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "%EF%BC%91", ""])
def test_any_page_number_is_a_page(desk: Served, page: str) -> None:
    """What is no number is the first page; what is too large is empty."""
    agent = desk.signed_in("agent")
    for path in ("/desk/mail/", "/desk/mail/out/"):
        assert agent.get(f"{path}?tab=all&page={page}").status == 200


FIELDS = (
    *("because", "why", "case", "kinds", "received", "identities", "name", "reply_to"),
    *("residence", "whom", "agent"),
)


@pytest.mark.parametrize("hostile", ["<b>", "\0", "é" * 400, "x" * 100_000, "=1+1", "%00", "🙂", "' OR 1=1"])
def test_hostile_forms_are_told_so(desk: Served, hostile: str) -> None:
    """No field of any form makes an error page."""
    agent, id = desk.signed_in("agent"), spam(desk, 5)
    form = dict.fromkeys(FIELDS, hostile)
    for act in ("confirm/", "join/", "dismiss/"):
        assert agent.post(f"/desk/mail/{id}/{act}", form).status in (409, 413, 422), act
    assert agent.post(f"/desk/mail/{id}/read/", form).status in (200, 413, 422)


@pytest.mark.browser
def test_everybody_can_use_it(desk: Served, open_page: Opened) -> None:
    """In light and dark, wide and narrow: axe finds nothing serious, and the page fits its window."""
    id = spam(desk, 6)
    desk.signed_in("agent").post(f"/desk/mail/{id}/read/", {"because": "look"})
    pages = {
        "mail": "/desk/mail/?tab=all",
        "mail-one": f"/desk/mail/{id}/",
        "mail-out": "/desk/mail/out/?tab=all",
    }
    for name, path in pages.items():
        for width in (1280, 390):
            page = open_page(path, role="agent", width=width, dark=width == 390)
            assert_accessible(page)
            assert_fits(page)
            shot(page, f"{name}-{width}")
