"""One case on one screen: led from open to closed, read with a reason only, refused in place, one agent at a time."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from desk import looking
from desk.serving import Answer, Served, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

NEW = "/desk/requests/new/"
NAME, WROTE = "Ada Sealed", "Please tell me everything"
HOSTILE = ("<script>alert(1)</script>", "=1+1", "\x00", "{{ 7|add:7 }}", "x" * 60_000)


def opened(visitor: Visitor, *kinds: str, key: int = 30, **more: object) -> int:
    """Open requests of one person and return the number of the first."""
    form: dict[str, Any] = {
        "kinds": kinds,
        "channel": "phone",
        "whom": "self",
        "residence": "IE",
        "text": WROTE,
    }
    form |= {"identities": f"customer/{key}", "name": NAME, "reply_to": "ada@example.org", **more}
    made = visitor.post(NEW, form)
    assert made.status == 200, made.words
    return int(re.search(r"/requests/(\d+)/", made.path)[1])  # type: ignore[index]


def at(id: int, more: str = "") -> str:
    """Return the address of a case."""
    return f"/desk/requests/{id}/{more}"


def seen(page: Answer) -> str:
    """Return how many events a page showed."""
    found = re.search(r'name="seen" value="(\d+)"', page.text)
    return found[1] if found else "1"


def do(visitor: Visitor, id: int, step: str, **form: object) -> Answer:
    """Look at a case, and do a step."""
    return visitor.post(at(id, f"do/{step}/"), {"seen": seen(visitor.get(at(id))), **form})


def proven(visitor: Visitor, *kinds: str, **more: Any) -> int:
    """Open a request of which it is clear who asks."""
    id = opened(visitor, *kinds, **more)
    assert "It is proven who asks" in do(visitor, id, "accept", means="no-doubt", because="her account").words
    return id


def test_the_page_says_where_a_case_stands(desk: Served) -> None:
    """A new case shows its day, its law with the rule used, and the one thing that comes next."""
    agent = desk.signed_in("agent")
    words = agent.get(at(opened(agent, "access"))).words
    assert "Act by" in words and "days left" in words
    assert "Next: Confirm who asks" in words
    assert "Art. 12(3)" in words


def test_what_may_not_be_done_is_not_offered(desk: Served) -> None:
    """Nothing is worked out or answered before it is proven who asks; sent all the same, it is refused in place."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access")
    page = agent.get(at(id))
    assert "Work it out" not in page.words and "?do=answer" not in page.text
    refused = do(agent, id, "answer")
    assert (refused.status, "cannot be done now" in refused.words) == (409, True)


def test_what_is_said_of_a_person_wants_a_reason(desk: Served) -> None:
    """Name and letter are hidden until a reason is given; that somebody read them is evidence."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access")
    before = agent.get(at(id))
    assert NAME not in before.text and WROTE not in before.text
    assert agent.get(at(id, "letters/1/")).status in {404, 409}
    without = agent.post(at(id, "read/"), {"because": "  "})
    assert without.status == 422 and NAME not in without.text
    after = agent.post(at(id, "read/"), {"because": "to answer her"})
    assert NAME in after.text and WROTE in after.text
    assert NAME not in agent.get(at(opened(agent, "access"))).text  # the reason counts for one case
    assert "case.read" in desk.project.troth("evidence", "list")
    assert NAME not in desk.said() and "to answer her" not in desk.said()


def test_two_agents_at_once(desk: Served) -> None:
    """The second of two who decide at once is told, and nothing of theirs is kept."""
    agent, lead = desk.signed_in("agent"), desk.signed_in("lead")
    id = proven(agent, "access")
    do(agent, id, "plan")
    stale = seen(lead.get(at(id)))
    assert (
        "Decided: refused"
        in do(agent, id, "decide", outcome="refused", reasons=["excessive"], facts="Daily.").words
    )
    late = lead.post(at(id, "do/decide/"), {"seen": stale, "outcome": "granted"})
    assert late.status == 409 and "Decided" not in late.words.split("What happened")[0]
    note = lead.post(at(id, "do/note/"), {"seen": stale, "text": "kept in the form"})
    assert (
        note.status == 409 and "Somebody else did something" in note.words and "kept in the form" in note.text
    )


def test_a_refusal_needs_a_reason_the_law_knows(desk: Served) -> None:
    """A refusal without reason is refused beside the form, and what was typed stays."""
    agent = desk.signed_in("agent")
    id = proven(agent, "erase")
    do(agent, id, "plan")
    found = do(agent, id, "decide", outcome="refused", facts="typed before")
    assert (
        found.status == 422 and "A refusal gives its reasons" in found.words and "typed before" in found.text
    )


def test_what_stays_is_decided_in_part(desk: Served) -> None:
    """Where the plan keeps something, granting it wholly is not open, and the page says why."""
    agent = desk.signed_in("agent")
    id = proven(agent, "erase", key=desk.project.paying(0))
    page = do(agent, id, "plan")
    assert "What stays, why and until when" in page.words
    found = re.search(r"([\d,]+) rows? in \d+ of \d+ places", page.words)
    assert (
        found and f"{found[1]} row{'' if found[1] == '1' else 's'} found" in page.words
    )  # twice the same number
    assert "transaction.made" not in page.words
    if "the person is told" in page.words:
        assert "Something stays by the plan" in page.words
        assert 'value="granted"' not in page.text


def test_what_stayed_goes_when_its_ground_ends(desk: Served) -> None:
    """An erasure that kept something offers to erase it later; while the ground stands, nothing goes."""
    agent = desk.signed_in("agent")
    id = proven(agent, "erase", key=desk.project.paying(1))
    do(agent, id, "plan")
    do(agent, id, "decide", outcome="partial")
    do(agent, id, "carry-out")
    do(agent, id, "answer")
    page = agent.get(at(id, "?do=follow-up"))
    done = agent.post(at(id, "do/follow-up/"), {"seen": seen(page)})
    assert "Nothing was erased: its grounds still stand" in done.words


def test_the_package_row_by_row(desk: Served) -> None:
    """Beside each row of the person stands what is handed out; somebody else's address is taken out."""
    agent = desk.signed_in("agent")
    id = proven(agent, "access", key=25)
    do(agent, id, "plan")
    assert agent.get(at(id, "package/")).status == 409  # no reason was given yet
    agent.post(at(id, "read/"), {"because": "to look through it"})
    found = agent.get(at(id, "package/"))
    assert found.status == 200
    assert "[someone else]" in found.text and "something was taken out" in found.words
    assert "password_hash is in no row" in found.words
    assert re.search(r"<h2 id=.d\d+.>Letters between you and other customers</h2>", found.text)


def test_facts_are_compared_and_not_shown(desk: Served) -> None:
    """What a person states is told only as how many match."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access", key=33)
    form = agent.get(at(id, "?do=match"))
    names = re.findall(r'name="(fact_\d+)"', form.text)
    found = do(agent, id, "match", **{names[0]: "not.the@example.org"})
    assert "0 of 1 facts match" in found.words and "not.the@example.org" not in found.text


def test_an_objection_to_marketing_asks_nobody_who_they_are(desk: Served) -> None:
    """What only stops a use is decided and done without proof."""
    agent = desk.signed_in("agent")
    id = opened(agent, "object-marketing", key=34)
    assert "Nobody is asked who they are" in agent.get(at(id)).words
    do(agent, id, "decide", outcome="granted")
    do(agent, id, "carry-out")
    assert "Answered" in do(agent, id, "answer").words


def test_only_staff_see_a_case(desk: Served) -> None:
    """Whoever is not signed in is sent to sign in, whatever they ask for."""
    id = opened(desk.signed_in("agent"), "access")
    for path in (at(id), at(id, "package/")):
        assert "/account/login/" in desk.visitor().get(path, follow=False).headers["location"]
    for path in (at(id, "read/"), at(id, "do/note/")):
        assert desk.visitor().post(path, {}, follow=False).status == 302


@pytest.mark.parametrize("role", ["auditor", "engineer"])
def test_others_look_and_change_nothing(desk: Served, role: str) -> None:
    """An auditor and an engineer see a case without what it says of a person, and can do nothing with it."""
    id = opened(desk.signed_in("agent"), "access")
    visitor = desk.signed_in(role)
    page = visitor.get(at(id))
    assert page.status == 200 and NAME not in page.text and "<form" not in page.text.split("<main")[1]
    assert "once a reason is given" not in page.words
    assert {
        visitor.post(at(id, one), {}).status for one in ("read/", "do/note/", "do/decide/", "papers/1/")
    } == {403}
    assert visitor.get(at(id, "package/")).status == 403


def test_cases_that_are_none(desk: Served) -> None:
    """A number, a step, a letter or a task that is none is not found."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access")
    for path in (at(99_999), at(10**30), at(id, "letters/99999/"), at(id, "progress/x")):
        assert agent.get(path).status == 404
    for path in (at(99_999, "do/note/"), at(id, "do/obliterate/"), at(id, "tasks/999/"), at(99_999, "read/")):
        assert agent.post(path, {"because": "x", "seen": 1}).status == 404


def test_wrong_methods_are_refused(desk: Served) -> None:
    """Steps are posted, pages are fetched."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access")
    assert agent.get(at(id, "do/note/")).status == 405
    assert agent.get(at(id, "read/")).status == 405
    assert agent.post(at(id), {}).status == 405


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input_is_text_or_refused(desk: Served, text: str) -> None:
    """Whatever stands in a step's fields, no page breaks and no mark-up becomes any."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access", "complain")
    agent.post(at(id, "read/"), {"because": text})
    for step, field in (
        ("note", "text"),
        ("accept", "because"),
        ("residence", "place"),
        ("clarify", "questions"),
        ("check-code", "code"),
        ("withdraw", "happened"),
        ("close", "because"),
    ):
        found = do(agent, id, step, means="no-doubt", reason="no-match", **{field: text})
        assert found.status in {200, 400, 409, 413, 422}, (step, found.status)
        assert "<script>alert" not in found.text
    assert agent.get(at(id, f"?do={'%3Cb%3E'}")).status == 200


def test_a_number_of_events_that_is_none(desk: Served) -> None:
    """A form without the number it saw, or with a wrong one, keeps nothing."""
    agent = desk.signed_in("agent")
    id = opened(agent, "access")
    for wrong in ("", "-1", "x", "99", "9" * 40):
        assert agent.post(at(id, "do/note/"), {"seen": wrong, "text": "x"}).status in {409, 422}


def press(page: Page, button: str) -> None:
    """Press a button and wait for the page that comes."""
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
def test_an_agent_leads_an_access_case(
    desk: Served, open_page: Callable[..., Page], javascript: bool
) -> None:
    """From the telephone to the closed case in a browser, with the package looked through and the letter seen."""
    page = open_page(NEW, role="agent", javascript=javascript)
    page.get_by_label("See one's data").check()
    page.get_by_label("Who it is about").fill("customer/25")
    page.get_by_label("Where answers go").fill("ada@example.org")
    page.get_by_label("Where the person lives").fill("IE")
    press(page, "Open the request")
    page.get_by_label("There is no reasonable doubt who asks").check()
    page.get_by_label("What it rests on").fill("She called from the number on file.")
    press(page, "Confirm")
    press(page, "Work it out")
    page.get_by_label("Why do you need to read it?").fill("To answer her.")
    press(page, "Read it for 30 minutes")
    looking.assert_accessible(page) if javascript else None
    page.get_by_role("link", name="Open the package, row by row").click()
    page.get_by_text("something was taken out").first.wait_for()
    if javascript:
        looking.assert_accessible(page)
        looking.shot(page, "console-package")
    press(page, "I looked through it")
    page.get_by_label("Grant it", exact=True).check()
    press(page, "Decide, by my name")
    press(page, "Carry it out")
    page.get_by_label("Who received it").fill("Mailer GmbH, who sends our mail.")
    page.get_by_label("Whether machines decide").fill("No decision is made by machines alone.")
    page.get_by_label("How the data itself is handed over").fill("Behind your login.")
    press(page, "Preview the letter")
    page.locator("article.letter").get_by_text("Mailer GmbH, who sends our mail.").wait_for()
    if javascript:
        looking.shot(page, "console-case-answer")
    press(page, "Send the answer")
    press(page, "Close the case")
    page.get_by_role("heading", name="This case is closed").wait_for()


@pytest.fixture(scope="module")
def worker(desk: Served) -> Iterator[None]:
    """Have a worker at work beside the server."""
    command = [sys.executable, "-m", "troth", "worker"]
    at_work = subprocess.Popen(
        command, cwd=desk.project.folder, env=desk.project.environment, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        at_work.terminate()
        at_work.wait(180)


@pytest.mark.browser
def test_an_agent_leads_an_erasure(worker: None, open_page: Callable[..., Page]) -> None:
    """The plan and the erasure are done by a worker, and the page follows; what stays is said and answered."""
    page = open_page(NEW, role="agent")
    page.get_by_label("Have data erased").check()
    page.get_by_label("Who it is about").fill("customer/41")
    page.get_by_label("Where answers go").fill("bo@example.org")
    page.get_by_label("Where the person lives").fill("IE")
    press(page, "Open the request")
    page.get_by_label("There is no reasonable doubt who asks").check()
    page.get_by_label("What it rests on").fill("He wrote from the address on file.")
    press(page, "Confirm")
    press(page, "Work it out")
    page.get_by_role("button", name="Decide, by my name").wait_for(timeout=180_000)
    page.get_by_role("heading", name="What will go").wait_for()
    looking.assert_accessible(page)
    looking.shot(page, "console-case-decide")
    outcome = "Grant it in part" if page.get_by_label("Grant it in part").count() else "Grant it"
    page.get_by_label(outcome, exact=True).check()
    press(page, "Decide, by my name")
    press(page, "Carry it out")
    page.get_by_role("button", name="Send the answer").wait_for(timeout=180_000)
    press(page, "Send the answer")
    press(page, "Close the case")
    page.get_by_role("heading", name="This case is closed").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, False), (390, True)])
def test_the_case_can_be_used_by_everybody(
    desk: Served, open_page: Callable[..., Page], width: int, dark: bool
) -> None:
    """Axe finds nothing serious on a case, wide and narrow, light and dark, with any form open."""
    id = opened(desk.signed_in("agent"), "access")
    for step in ("", "?do=extend", "?do=match"):
        page = open_page(at(id, step), role="agent", width=width, dark=dark)
        looking.assert_accessible(page)
    looking.shot(page, f"console-case-{width}{'-dark' if dark else ''}")
