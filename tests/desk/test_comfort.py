"""What makes the desk pleasant: ways back, names for people, one language a room, menus that show there is more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from desk import looking
from desk.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

GERMAN = {"Accept-Language": "de"}
SCREENS = 11


def test_what_is_not_there_leads_back(desk: Served) -> None:
    """The public stays in the privacy centre; staff get back to their list, without a word of commands."""
    lost = desk.visitor().get("/nothing/")
    assert lost.status == 404 and "Use your rights" in lost.words and "Nothing here" in lost.words
    assert "Hier ist nichts" in desk.visitor().get("/nothing/", **GERMAN).words
    gone = desk.signed_in("agent").get("/desk/requests/999999/")
    assert gone.status == 404 and "Back to requests" in gone.words
    assert "troth request" not in gone.words


def test_the_rooms_of_staff_speak_one_language(desk: Served) -> None:
    """A browser that prefers German gets English all through where staff are, and German where the public is."""
    for path in ("/account/login/", "/account/password/reset/", "/desk/nothing/"):
        page = desk.visitor().get(path, **GERMAN)
        assert '<html lang="en">' in page.text, path
        assert not {"Passwort", "Anmelden", "oder"} & set(page.words.split()), path
    assert '<html lang="de">' in desk.visitor().get("/", **GERMAN).text


def test_a_forgotten_password_has_a_way_back(desk: Served) -> None:
    """The page says what happens, and leads back to signing in; so does the one after it."""
    asked = desk.visitor().get("/account/password/reset/")
    assert "A new password" in asked.words and "Back to signing in" in asked.words
    sent = desk.visitor().post("/account/password/reset/", {"email": "nobody@desk.example"})
    assert "Look into your mail" in sent.words and "Back to signing in" in sent.words


def test_raw_tables_name_the_person_and_lead_back(desk: Served) -> None:
    """Whoever sits there is called by their name, not by their account's, and gets back to the console."""
    person = desk.project.staff["lead"]
    page = desk.signed_in("lead").get("/desk/tables/")
    assert page.status == 200 and person.name in page.words
    assert f"staff-{person.staff}" not in page.words
    assert "Back to the console" in page.words


def test_the_policy_lists_each_right_once(desk: Served) -> None:
    """Laws name one right differently; people read it once."""
    page = desk.visitor().get("/policy").text
    assert page.count('class="rule-title"><span>Erase my data<') == 1
    assert page.count('class="rule-title"><span>Correct my data<') == 1


def test_german_names_laws_in_german(desk: Served) -> None:
    """The law beside a right is named in the language of the page."""
    page = desk.visitor().get("/requests/?place=DE", **GERMAN)
    assert "Richtlinie 2002/58/EG" in page.words and "Directive 2002/58/EC" not in page.words
    assert "Kalifornisches Gesetz" in desk.visitor().get("/requests/?place=US-CA", **GERMAN).words


def test_browsers_are_named(desk: Served) -> None:
    """Where somebody is signed in is told by the browser's name, not by all it says of itself."""
    visitor = desk.signed_in("engineer")
    visitor.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0"
    assert "Mozilla/5.0" not in visitor.get("/account/sessions/").words


@pytest.mark.browser
def test_the_menu_is_whole_on_a_telephone(open_page: Callable[..., Page]) -> None:
    """One line says where one is; opened, every screen is there and nothing is cut off."""
    page = open_page("/desk/promises/", role="auditor", width=390)
    looking.assert_fits(page)
    links = page.get_by_role("navigation", name="Screens").get_by_role("link")
    assert links.count() == 0
    page.locator(".nav-narrow summary").click()
    assert links.count() == SCREENS
    assert all(one.bounding_box()["x"] + one.bounding_box()["width"] <= 390 for one in links.all())  # type: ignore[index]
    looking.assert_accessible(page)
    looking.shot(page, "console-menu-390")


@pytest.mark.browser
def test_what_was_done_is_heard_first(open_page: Callable[..., Page]) -> None:
    """After a form, focus is on what came of it: readers begin there, and keys go on from there."""
    page = open_page("/desk/data/", role="engineer", javascript=False)
    page.get_by_role("button", name="Look now").click()
    page.get_by_role("status").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"


@pytest.mark.browser
def test_keys_alone_reach_the_first_request(open_page: Callable[..., Page]) -> None:
    """The first stop leads past the navigation, and the next ones are what the page is for."""
    page = open_page("/desk/requests/", role="agent")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Open a request"


def test_places_are_suggested_by_name(desk: Served) -> None:
    """Whoever opens a request need not know the code of a country, or of its parts."""
    page = desk.signed_in("agent").get("/desk/requests/new/")
    assert page.text.count('list="places"') == 2
    assert '<option value="IE">Ireland</option>' in page.text
    assert '<option value="US-CA">California (US)</option>' in page.text


def test_who_may_not_check_is_told_who_does(desk: Served) -> None:
    """Where nothing was checked yet, an agent is sent to nobody's button."""
    today = desk.signed_in("agent").get("/desk/").words
    assert "No promise was checked yet." in today and "an engineer or a privacy lead can do it now" in today
    assert "Check the promises" in desk.signed_in("engineer").get("/desk/").words
    assert "A privacy lead does that." in desk.signed_in("agent").get("/desk/holds/").words
