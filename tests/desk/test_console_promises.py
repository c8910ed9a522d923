"""The board of promises, one promise with its past, and what waits today."""

from __future__ import annotations

import re

import pytest

from desk import looking
from desk.conftest import Opened
from desk.serving import Answer, Served

BOARD, CHECK = "/desk/promises/", "/desk/promises/check/"
ONE = "/desk/promises/retention.account/"
PAGES = ("/desk/", BOARD, ONE)


@pytest.fixture(scope="module")
def before(desk: Served) -> dict[str, Answer]:
    """Return the pages of a project that was never checked."""
    lead = desk.signed_in("lead")
    return {path: lead.get(path) for path in PAGES}


@pytest.fixture(scope="module")
def checked(desk: Served, before: dict[str, Answer]) -> Answer:
    """Check the promises by the button; return the page it leads to."""
    assert before
    return desk.signed_in("lead").post(CHECK)


def test_a_project_that_was_never_checked_says_what_to_do(before: dict[str, Answer]) -> None:
    """Empty states name the next step."""
    assert "No check was made yet" in before["/desk/"].words
    assert "No check was made yet" in before[BOARD].words
    assert "Not checked" in before[BOARD].words
    assert "Check the promises: the button stands on the board." in before[ONE].words


def test_the_button_checks_and_signs_with_the_name(desk: Served, checked: Answer) -> None:
    """The board then says what came of it, when, and by whom."""
    assert checked.status == 200
    assert checked.path == BOARD
    assert re.search(r"\d+ promises checked: \d+ broken, \d+ unproven", checked.words)
    assert f"by {desk.project.staff['lead'].name}" in checked.words
    assert "Broken" in checked.words


@pytest.mark.usefixtures("checked")
def test_the_board_shows_status_number_reason_and_proof(desk: Served) -> None:
    """A broken promise says how many rows, since when and why, and leads to its evidence."""
    board = desk.signed_in("auditor").get(BOARD)
    row = next(part for part in board.text.split("<tr>") if ">retention.account<" in part)
    assert "Broken" in row
    assert "rows in app.accounts" in row
    assert re.search(r'href="/desk/evidence/\d+/"', row)
    assert re.search(r'<time datetime="20', row)


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("status=broken", "retention.account", "contacts.privacy"),
        ("block=contacts", "contacts.privacy", "retention.account"),
        ("text=BACKUPS+erased", "erasure.backups", "contacts.privacy"),
        ("section=fp1:10cea511", "retention.account", "contacts.privacy"),
    ],
)
def test_the_board_is_filtered(desk: Served, query: str, there: str, gone: str) -> None:
    """By status, by mechanism, by section of the text, by words."""
    board = desk.signed_in("agent").get(f"{BOARD}?{query}").text
    assert f">{there}<" in board
    assert f">{gone}<" not in board


@pytest.mark.usefixtures("checked")
def test_a_filter_that_fits_nothing_says_so(desk: Served) -> None:
    """And leads back to everything."""
    assert "No promise is like that" in desk.signed_in("agent").get(f"{BOARD}?text=zebra").words


@pytest.mark.usefixtures("checked")
def test_one_promise_tells_rule_past_and_proof(desk: Served) -> None:
    """Its place in the files, its sentence, a chart with a table, evidence, and what to do."""
    page = desk.signed_in("auditor").get(ONE)
    assert "policy.yaml:" in page.words
    assert "fp1:ed2f6456" in page.words
    assert "Make a retention plan" in page.words
    first = re.search(r'First seen broken in <a href="(/desk/evidence/\d+/)"', page.text)
    assert first
    assert "retention.account" in desk.signed_in("auditor").get(first[1]).words
    assert page.text.count("<svg") == 1
    assert "Status and number, newest first" in page.words


@pytest.mark.usefixtures("checked")
def test_today_counts_what_waits(desk: Served) -> None:
    """Broken promises stand there with their number and lead to the board."""
    today = desk.signed_in("agent").get("/desk/")
    card = next(part for part in today.text.split("<li>") if "broken promise" in part)
    assert 'href="/desk/promises/?status=broken"' in card
    number = re.search(r'class="figure">(\d+)<', card)
    assert number
    assert int(number[1]) >= 5


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_it_without_signing_in(desk: Served, path: str) -> None:
    """A stranger is sent to sign in."""
    assert desk.visitor().get(path, follow=False).status == 302


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize("role", ["auditor", "agent"])
def test_who_may_only_look_cannot_check(desk: Served, role: str) -> None:
    """They get a page that says who may, no button, and nothing was checked."""
    visitor = desk.signed_in(role)
    before = visitor.get("/desk/evidence/?kind=check.finished").words
    answer = visitor.post(CHECK, follow=False)
    assert answer.status == 403
    assert "privacy lead" in answer.words
    assert visitor.get("/desk/evidence/?kind=check.finished").words == before
    assert "Check now" not in visitor.get(BOARD).text


def test_a_stranger_cannot_check(desk: Served) -> None:
    """Nor can a form without its token."""
    assert desk.visitor().post(CHECK, follow=False).status == 302
    assert desk.signed_in("lead").post(CHECK, csrf=False, follow=False).status == 403


@pytest.mark.parametrize(
    "name", ["nope", "retention.accoun", "..", "%2e%2e%2fetc", "%3Cscript%3E", "a" * 500, "%F0%9F%92%A9"]
)
def test_a_promise_there_is_not_is_not_there(desk: Served, name: str) -> None:
    """Names that are none give 404, and what was asked for is not repeated raw."""
    answer = desk.signed_in("auditor").get(f"{BOARD}{name}/", follow=False)
    assert answer.status in (404, 301, 302)
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("POST", BOARD), ("GET", CHECK), ("DELETE", ONE), ("PUT", "/desk/")]
)
def test_each_address_takes_its_own_methods(desk: Served, method: str, path: str) -> None:
    """A wrong method is refused."""
    visitor = desk.signed_in("lead")
    answer = visitor.post(path, follow=False) if method == "POST" else visitor.ask(method, path)
    assert answer.status in (403, 405)


@pytest.mark.parametrize(
    "query",
    [
        "text=%3Cscript%3Ealert(1)%3C/script%3E",
        "text=%00",
        "text=" + "x" * 3_000,
        "status=%FF%FE&block=%E0%80",
        "section='%20OR%201=1--&page=-1",
        "page=99999999999999999999&status[]=broken",
        "status=broken&status=kept&text=%E2%80%AE",
    ],
)
def test_hostile_filters_do_nothing(desk: Served, query: str) -> None:
    """No 500, and nothing comes back as markup."""
    answer = desk.signed_in("agent").get(f"{BOARD}?{query}")
    assert answer.status < 500
    assert "<script>alert" not in answer.text


@pytest.mark.browser
@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize(("name", "path"), [*zip(("today", "promises", "promise"), PAGES, strict=True)])
def test_everybody_can_use_it(open_page: Opened, name: str, path: str) -> None:
    """No serious fault for assistive technology, wide and narrow, light and dark, without JavaScript."""
    wide = open_page(path, role="lead")
    looking.assert_accessible(wide)
    looking.shot(wide, f"console-{name}")
    narrow = open_page(path, role="lead", width=390, dark=True)
    looking.assert_accessible(narrow)
    looking.shot(narrow, f"console-{name}-narrow-dark")
    plain = open_page(path, role="lead", javascript=False)
    assert plain.locator("h1").count() == 1


@pytest.mark.browser
@pytest.mark.usefixtures("checked")
def test_the_board_is_led_by_hand_alone(open_page: Opened) -> None:
    """Filter, open the first promise, go to its evidence: links and forms, no script."""
    page = open_page(BOARD, role="auditor", javascript=False)
    page.get_by_label("Status", exact=True).select_option("broken")
    page.get_by_role("button", name="Show").click()
    page.locator("tbody th a").first.click()
    page.get_by_role("heading", name="What to do").wait_for()
    page.get_by_role("link", name="evidence entry").click()
    assert "This entry leads to the root that was signed" in page.content()
