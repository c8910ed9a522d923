"""The privacy centre in a browser: a person files, proves, downloads, is erased; without scripts; for everybody."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk import looking, serving
from desk import public_visits as visits
from desk.conftest import Opened
from desk.public_visits import Forms, Post
from desk.serving import Project, Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve the file's project behind a proxy, so that each visitor has an address."""
    with serving.serving(project, TROTH_PROXY="yes") as served:
        yield served


@pytest.fixture(scope="module")
def post(project: Project) -> Iterator[Post]:
    """Run a mail server."""
    with visits.post(project) as running:
        yield running


def from_somewhere() -> dict[str, str]:
    """Return the header a proxy adds."""
    return {"X-Forwarded-For": f"203.0.113.{next(_addresses)}"}


def test_a_person_sees_their_data_without_a_script(
    open_page: Opened, desk: Served, post: Post, project: Project, tmp_path: Path
) -> None:
    """From the start page to the archive on their disk, with scripts switched off and every page fit for all."""
    email = visits.customer(project, 1)
    page = open_page("/", javascript=False, extra_http_headers=from_somewhere())
    page.get_by_role("link", name="Use your rights").nth(1).click()
    page.get_by_label("Where do you live?").select_option("IE")
    page.get_by_role("button", name="Show my rights").click()
    page.get_by_role("link", name="See my data").click()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Your e-mail address").fill(email)
    _send(page)
    assert "We have your request." in page.inner_text("main")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code from our letter").fill(post.code(email))
    page.get_by_role("button", name="Confirm").click()
    assert "this code was right" in page.inner_text("main")
    case = page.inner_text(".reference").removeprefix("case:")
    visits.answered(project, case)
    page.reload()
    assert "We did what you asked for." in page.inner_text("main")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code from our letter").fill(post.code(email, count=2))
    page.get_by_role("button", name="Go on to the download").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download").click()
    saved = tmp_path / "mine.zip"
    coming.value.save_as(saved)
    assert coming.value.suggested_filename == f"my-data-case-{case}.zip"
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert email in archive.read("data.json").decode()
    project.troth("request", "close", case, "--by", "Sam")
    page.goto(page.url.partition("package")[0])
    assert "Your request is over." in page.inner_text("main")


def test_a_person_is_erased_and_reads_so(
    open_page: Opened, desk: Served, post: Post, project: Project
) -> None:
    """Filed and proven in German, carried out by somebody of ours, the answer read on the private page."""
    email = visits.customer(project, 2)
    page = open_page("/requests/new/erase/?place=IE&lang=de", extra_http_headers=from_somewhere())
    page.get_by_label("Ihre E-Mail-Adresse").fill(email)
    _send(page, "Antrag senden")
    page.get_by_role("button", name="Code senden").click()
    page.get_by_label("Der Code aus unserem Brief").fill(post.code(email))
    page.get_by_role("button", name="Bestätigen").click()
    case = page.inner_text(".reference").removeprefix("case:")
    visits.erased(project, case)
    page.reload()
    said = page.inner_text("main")
    assert "Wir haben Ihren Antrag beantwortet." in said
    assert "erased" in said
    assert email in "".join(to for to, _ in post.collect())


def test_every_page_is_for_everybody(open_page: Opened, desk: Served) -> None:
    """Axe finds nothing serious, nothing is wider than the window; wide and narrow, light and dark; with pictures."""
    forms = Forms(desk)
    forms.open(2)
    link = forms.filed(visits.somebody(desk), "access", "look@example.org", place="US-CA")
    paths = {
        "home": "/",
        "policy": "/policy",
        "rights": "/requests/?place=US-CA",
        "form": "/requests/new/rectify/?place=IE",
        "agent": "/requests/new/access/?place=IE&for=agent",
        "follow": "/requests/follow/",
        "sent": "/requests/sent/",
        "status": f"{link}?new=mailed",
        "nothing": "/r/none/",
        "contact": "/contact/",
        "complain": "/complain/?place=DE",
    }
    for width, dark in ((1280, False), (390, True)):
        page = open_page(width=width, dark=dark, extra_http_headers=from_somewhere())
        for name, path in paths.items():
            page.goto(path)
            looking.assert_accessible(page)
            looking.assert_fits(page)
            looking.shot(page, f"public-{name}-{width}")


def test_faults_are_found_by_those_who_hear_the_page(open_page: Opened, desk: Served) -> None:
    """A form that comes back says so first, names the field, and leads to it."""
    page = open_page("/requests/new/rectify/?place=IE", extra_http_headers=from_somewhere())
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Send the request").click()
    alert = page.get_by_role("alert")
    assert "What you typed is still here" in alert.inner_text()
    assert page.get_by_label("Your name").input_value() == "Ada"
    looking.assert_accessible(page)
    alert.get_by_role("link", name="Your e-mail address").click()
    assert page.url.endswith("#id_email")


def test_nothing_is_fetched_from_anywhere_else(open_page: Opened, desk: Served) -> None:
    """Every request of every page goes to our own server, and no page breaks its own policy."""
    page = open_page(extra_http_headers=from_somewhere())
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in ("/", "/policy", "/requests/?place=IE", "/requests/new/access/", "/complain/"):
        page.goto(path)
    assert all(one.startswith((desk.address, "data:")) for one in asked)
    assert not [one for one in said if "Content Security Policy" in one]


def _send(page: Page, name: str = "Send the request") -> None:
    """Send a form, again where it says that this was very quick."""
    button = page.get_by_role("button", name=name)
    button.click()
    for _ in range(40):
        if "/requests/new/" not in page.url:
            return
        page.wait_for_timeout(250)
        button.click()
    raise AssertionError(page.inner_text("main"))
