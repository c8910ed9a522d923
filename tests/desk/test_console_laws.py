"""The laws: every pack, one law on a day, and the calculator."""

from __future__ import annotations

import pytest

from desk import looking
from desk.conftest import Opened
from desk.serving import Served

LAWS, ONE, CLOCK = "/desk/laws/", "/desk/laws/eu-gdpr/", "/desk/laws/clock/"
ASKED = f"{CLOCK}?laws=eu-gdpr&laws=us-ca-ccpa&event=access.respond&received=2026-01-31"


def test_the_list_says_what_is_claimed_and_how_sure_it_is(desk: Served) -> None:
    """Laws the project claims stand first, each rule counted by how it is known."""
    page = desk.signed_in("auditor").get(LAWS)
    body = page.text.partition("<tbody>")[2]
    assert body.index("eu-gdpr") < body.index("au-privacy")
    assert page.words.count("claimed") == 2
    assert "read in the law" in page.words


def test_a_law_is_shown_on_a_day(desk: Served) -> None:
    """Articles and terms in force stand there; before it was law nothing does."""
    now = desk.signed_in("agent").get(f"{ONE}?on=2026-03-01").words
    assert "Art. 12(3)" in now
    assert "1 month extended: 3 months" in now
    then = desk.signed_in("agent").get(f"{ONE}?on=2010-01-01").words
    assert "Nothing of it was law on 1 January 2010" in then
    assert "To come" in then


def test_the_calculator_gives_the_end_and_how_it_was_counted(desk: Served) -> None:
    """One month from 31 January ends in February; every rule used is named."""
    page = desk.signed_in("lead").get(ASKED)
    assert "Saturday 28 February 2026" in page.words or "Monday 2 March 2026" in page.words
    assert "Art. 12(3)" in page.words
    assert "45 days" in page.words
    assert "Act by" in page.words


def test_a_place_moves_an_end_off_its_days_off(desk: Served) -> None:
    """With a member state the end goes to the next working day, and the answer says so."""
    asked = f"{CLOCK}?laws=eu-gdpr&event=access.respond&received=2026-01-31&hour=10:00&place=EU-FR"
    words = desk.signed_in("lead").get(asked).words
    assert "Monday 2 March 2026" in words


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("event=access.respond&received=2026-01-31", "This field is required"),
        ("laws=eu-gdpr&event=access.respond&received=yesterday", "Enter a valid date"),
        ("laws=zz&event=access.respond&received=2026-01-31", "Select a valid choice"),
        ("laws=eu-gdpr&event=nonsense&received=2026-01-31", "Select a valid choice"),
        ("laws=eu-gdpr&event=access.respond&received=2026-01-31&place=MOON", "Select a valid choice"),
        ("laws=eu-gdpr&event=access.respond&received=9999-12-31", ""),
        ("laws=eu-gdpr&event=access.respond&received=0001-01-01", ""),
        ("laws=eu-gdpr&event=access.respond&received=2026-01-31&hour=99:99", "Enter a valid time"),
        ("received=%3Cscript%3E&laws=%FF", "required"),
    ],
)
def test_what_cannot_be_computed_is_said_beside_its_field(desk: Served, query: str, says: str) -> None:
    """Nothing typed is lost, nothing ends in an error page."""
    page = desk.signed_in("agent").get(f"{CLOCK}?{query}")
    assert page.status in (200, 400)
    assert says in page.words
    assert "<script>" not in page.text


def test_a_law_without_such_a_term_says_so(desk: Served) -> None:
    """The fault names the law's events."""
    page = desk.signed_in("agent").get(
        f"{CLOCK}?laws=us-can-spam&event=breach.notify-authority&received=2026-01-31"
    )
    assert "has no term for this event" in page.words


@pytest.mark.parametrize("path", [LAWS, ONE, CLOCK])
def test_nobody_sees_it_without_signing_in(desk: Served, path: str) -> None:
    """A stranger is sent to sign in."""
    assert desk.visitor().get(path, follow=False).status == 302


@pytest.mark.parametrize("role", ["agent", "lead", "engineer", "auditor"])
def test_every_role_may_look(desk: Served, role: str) -> None:
    """Laws are nobody's secret within the desk."""
    assert {desk.signed_in(role).get(path).status for path in (LAWS, ONE, ASKED)} == {200}


@pytest.mark.parametrize("name", ["nope", "eu-gdp", "..", "%2e%2e%2fclock", "a" * 500])
def test_a_law_there_is_not_is_not_there(desk: Served, name: str) -> None:
    """Unknown names give 404."""
    assert desk.signed_in("auditor").get(f"{LAWS}{name}/").status == 404


@pytest.mark.parametrize("path", [LAWS, ONE, CLOCK])
def test_nothing_here_takes_a_form(desk: Served, path: str) -> None:
    """A wrong method is refused."""
    assert desk.signed_in("lead").post(path, follow=False).status == 405


@pytest.mark.parametrize("on", ["", "yesterday", "2026-13-01", "9999-12-31", "0001-01-01", "%00", "%3Cb%3E"])
def test_a_day_that_is_none_is_today(desk: Served, on: str) -> None:
    """Whatever is asked, a page comes back."""
    for path in (LAWS, ONE):
        assert desk.signed_in("auditor").get(f"{path}?on={on}").status in (200, 400)


@pytest.mark.browser
@pytest.mark.parametrize(("name", "path"), [("laws", LAWS), ("law", ONE), ("clock", ASKED)])
def test_everybody_can_use_it(open_page: Opened, name: str, path: str) -> None:
    """No serious fault for assistive technology, wide and narrow, light and dark, without JavaScript."""
    wide = open_page(path, role="auditor")
    looking.assert_accessible(wide)
    looking.shot(wide, f"console-{name}")
    narrow = open_page(path, role="auditor", width=390, dark=True, javascript=True)
    looking.assert_accessible(narrow)
    looking.shot(narrow, f"console-{name}-narrow-dark")
