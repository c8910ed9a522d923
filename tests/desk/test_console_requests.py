"""The queue on the desk: by deadline, filtered and paged; requests opened from the telephone and from mails."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from desk import looking
from desk.serving import Project, Served, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUEUE, NEW, FIND = "/desk/requests/", "/desk/requests/new/", "/desk/requests/find/"
HOSTILE = (
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "\x00",
    "\ud83d".encode("utf-16", "surrogatepass").hex(),
    "é" * 30_000,
)
FILL = """
from datetime import UTC, datetime, timedelta
from troth.app import ledgers, clock
from troth.cases import register
from troth.cases.case import Contents
from troth.cases.register import Opening
at = clock.of(os.environ)
now = at.now()
with ledgers.opened(folder, os.environ, at) as ledger, ledger.writing():
    staff = ledger.staff.identify("Maker", at=now)
    for n in range(120):
        kind = ("access", "erase", "opt-out-sale")[n % 3]
        place, laws = (("EU-IE", ("eu-gdpr",)), ("US-CA", ("us-ca-ccpa",)))[n % 2]
        opening = Opening(kind=kind, channel="mail", received=now - timedelta(days=n), residence=place, laws=laws)
        register.open_case(ledger, opening, Contents(identities=(f"email:p{n}@example.org",)),
                           identities=[f"email\\0p{n}@example.org"], by=staff, now=now)
"""


@pytest.fixture(scope="module")
def project(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy with 120 open requests, a day apart."""
    copy = janusipm.copy(tmp_path_factory.mktemp("project") / "janusipm")
    copy.run(FILL)
    return copy


def cases(text: str) -> list[int]:
    """Read the numbers of the cases of a page, in their order."""
    return [int(one) for one in re.findall(r'<th scope="row"><a href="/desk/requests/(\d+)/"', text)]


def phoned(visitor: Visitor, *kinds: str, **more: object):  # type: ignore[no-untyped-def]
    """Open requests from the telephone."""
    form = {"kinds": kinds, "channel": "phone", "whom": "self", "identities": "customer/7", "residence": "IE"}
    return visitor.post(NEW, {**form, **more})


def test_the_earliest_day_stands_first_fifty_a_page(desk: Served) -> None:
    """A page has fifty requests in the order of their days, and the next goes on where it ended."""
    agent = desk.signed_in("agent")
    first, second = agent.get(QUEUE), agent.get(f"{QUEUE}?page=2")
    assert first.status == 200
    days = re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)', first.text)
    assert (len(cases(first.text)), days) == (50, sorted(days))
    assert not set(cases(first.text)) & set(cases(second.text))
    assert "Page 2 of" in second.words


def test_time_is_told_in_words_and_what_comes_next(desk: Served) -> None:
    """An overdue request says so in words, and every line names its next step."""
    words = desk.signed_in("agent").get(f"{QUEUE}?tab=overdue").words
    assert "overdue" in words and "d over" in words
    assert "Confirm who asks" in words


def test_filters_narrow_the_queue(desk: Served) -> None:
    """A law, a kind and a tab leave the requests that have all of them."""
    agent = desk.signed_in("agent")
    found = agent.get(f"{QUEUE}?kind=erase&law=us-ca-ccpa")
    assert "20 requests" in found.words
    assert "CCPA" in found.words and "us-ca-ccpa" not in found.words
    assert agent.get(f"{QUEUE}?tab=closed&kind=erase").words.count("Nothing here under this filter") == 1


@pytest.mark.parametrize(
    "query", ["tab=<b>", "page=-1", "page=999999999999", "kind=%00", "law='--", "state=%F0%28"]
)
def test_words_of_an_address_that_are_none_are_left_out(desk: Served, query: str) -> None:
    """Whatever stands in the address, there is a queue and no fault."""
    assert desk.signed_in("agent").get(f"{QUEUE}?{query}").status in {200, 400}


def test_each_right_of_a_call_becomes_a_case(desk: Served) -> None:
    """A call that asks for two rights opens two cases, and says what to know of them."""
    made = phoned(desk.signed_in("agent"), "access", "erase", name="Ada <i>", reply_to="ada@example.org")
    assert made.status == 200 and re.fullmatch(r"/desk/requests/\d+/", made.path)
    assert "Opened: case" in made.words and "have data erased" in made.words
    assert "Ada" not in made.words  # nobody gave a reason to read it


def test_a_mail_is_read_into_the_form_first(desk: Served) -> None:
    """A mail fills the form with who wrote, when and what; nothing is kept before it is sent."""
    agent = desk.signed_in("agent")
    before = agent.get(QUEUE).words
    mail = b"From: Lou <lou@x.example>\nDate: Mon, 01 Jun 2026 02:00:00 -0700\nSubject: My data\n\nSend it.\n"
    read = agent.post(NEW, {"read": "1", "whom": "self"}, files={"mail": ("letter.eml", mail)})
    assert read.status == 200
    assert "email:lou@x.example" in read.text and "2026-06-01T02:00" in read.text and "-07:00" in read.text
    assert agent.get(QUEUE).words == before


def test_nothing_typed_is_lost(desk: Served) -> None:
    """A form with a fault comes back with everything in it, and the fault beside its field."""
    found = phoned(desk.signed_in("agent"), identities="customer/7", name="Kept Name", residence="Narnia")
    assert found.status == 422
    assert "Kept Name" in found.text and "tick each right" in found.words


def test_a_person_is_found_by_an_identity_that_stands_in_no_address(desk: Served) -> None:
    """The requests of a person are found by post; the identity stands neither in the address nor in the log."""
    agent = desk.signed_in("agent")
    found = agent.post(FIND, {"identity": "p3@example.org"})
    assert found.status == 200 and len(cases(found.text)) == 1
    assert "Have data erased" in found.words or "See one's data" in found.words
    assert "p3@example.org" not in found.path + desk.said()
    assert "No request names" in agent.post(FIND, {"identity": "nobody@example.org"}).words
    assert agent.post(FIND, {"identity": ""}).status == 422


def test_only_staff_see_the_queue(desk: Served) -> None:
    """Whoever is not signed in is sent to sign in."""
    for path in (QUEUE, NEW):
        assert desk.visitor().get(path, follow=False).headers["location"].startswith("/account/login/")
    assert desk.visitor().post(FIND, {"identity": "x"}, follow=False).status == 302


def test_an_auditor_looks_and_opens_nothing(desk: Served) -> None:
    """The auditor sees the queue without a button to open, and is refused where they try."""
    auditor = desk.signed_in("auditor")
    assert "Open a request" not in auditor.get(QUEUE).words
    assert auditor.get(NEW).status == 403
    assert auditor.post(NEW, {}).status == 403
    assert auditor.post(FIND, {"identity": "p3@example.org"}).status == 403


def test_wrong_methods_are_refused(desk: Served) -> None:
    """The queue is only read, the search only asked by post."""
    agent = desk.signed_in("agent")
    assert agent.post(QUEUE, {}).status == 405
    assert agent.get(FIND).status == 405


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "field", ["identities", "name", "reply_to", "text", "residence", "received", "zone", "agent", "channel"]
)
def test_hostile_input_is_text_or_refused(desk: Served, field: str, text: str) -> None:
    """No field of the form takes the page down, and mark-up never becomes any."""
    found = phoned(desk.signed_in("agent"), "complain", **{field: text})
    assert found.status in {200, 400, 413, 422}
    assert "<script>alert" not in found.text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_queue_can_be_used_by_everybody(open_page: Callable[..., Page], width: int, dark: bool) -> None:
    """Axe finds nothing serious on queue and form, wide and narrow, light and dark."""
    for name, path in (("queue", QUEUE), ("new-request", NEW)):
        page = open_page(path, role="agent", width=width, dark=dark)
        looking.assert_accessible(page)
        looking.shot(page, f"console-{name}-{width}{'-dark' if dark else ''}")


@pytest.mark.browser
def test_the_queue_works_without_javascript(open_page: Callable[..., Page]) -> None:
    """Filters and pages are links and forms."""
    page = open_page(QUEUE, role="agent", javascript=False)
    page.get_by_label("Asked for").select_option("erase")
    page.get_by_role("button", name="Filter").click()
    kinds = page.locator("table.queue tbody tr td:nth-of-type(1)").all_inner_texts()
    assert kinds and {one.strip() for one in kinds} == {"Have data erased"}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_row_leads_to_the_case(open_page: Callable[..., Page], width: int) -> None:
    """A click anywhere in a row opens it; keys stop at its link alone, and the row shows that they are there."""
    page = open_page(QUEUE, role="agent", width=width, javascript=False)
    row = page.locator("table.queue tbody tr").nth(2)
    address = row.get_by_role("link").get_attribute("href")
    assert row.locator("a, button, input").count() == 1
    row.get_by_role("link").focus()
    assert row.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    row.locator("td").nth(3).click(force=True)  # what lies there is the link
    page.wait_for_url(f"**{address}")
