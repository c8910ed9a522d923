"""The data map: its picture, its tables, one dataset, and a look at the stores."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

from desk import looking
from desk.conftest import Opened
from desk.serving import Answer, Project, Served

MAP, LOOK = "/desk/data/", "/desk/data/look/"
DATASET = "/desk/data/app.payments/"


@pytest.fixture(scope="module")
def before(desk: Served) -> Answer:
    """Return the page of a project whose stores nobody looked at."""
    return desk.signed_in("engineer").get(MAP)


@pytest.fixture(scope="module")
def looked(desk: Served, project: Project, before: Answer) -> Answer:
    """Let the store have a table and a column the map does not speak of, and look."""
    assert before.status == 200
    with sqlite3.connect(project.folder / "app.sqlite") as connection:
        connection.execute("CREATE TABLE newsletter_signups (id INTEGER PRIMARY KEY, email TEXT)")
        connection.execute("ALTER TABLE messages ADD COLUMN sentiment TEXT")
    return desk.signed_in("engineer").post(LOOK)


@pytest.fixture
def away(project: Project) -> Iterator[None]:
    """Take the store away for a while."""
    store = project.folder / "app.sqlite"
    store.rename(store.with_name("gone"))
    yield
    store.with_name("gone").rename(store)


def test_a_map_nobody_looked_at_is_shown_from_the_files(before: Answer) -> None:
    """Datasets, people and stores are declared; whether stores answer is not known."""
    assert "Not looked at" in before.words
    assert "customer" in before.words
    assert before.text.count('class="datamap-box dataset"') >= 8


def test_a_look_finds_what_is_undeclared(looked: Answer) -> None:
    """It is red in the picture, said in words, and listed."""
    assert "2 undeclared." in looked.words
    assert "app.newsletter_signups" in looked.words
    assert "app.messages.sentiment" in looked.words
    assert 'class="datamap-box undeclared bad"' in looked.text
    assert "Letters between you and other customers" in looked.words.partition("app.exchanges")[2]
    assert "1 undeclared column" in looked.words


@pytest.mark.usefixtures("looked")
def test_boxes_of_the_picture_are_links(desk: Served) -> None:
    """Each leads to a page that is there; the tables say the same."""
    page = desk.signed_in("auditor").get(MAP)
    addresses = set(re.findall(r'<a href="(/[^"]+)" class="datamap-box', page.text))
    assert "/desk/data/app.payments/" in addresses
    for address in sorted(addresses):
        assert desk.signed_in("auditor").get(address).status == 200, address
    table = page.text.partition('id="datasets"')[2]
    assert all(f'href="{address}"' in table for address in addresses if "?" not in address)


@pytest.mark.usefixtures("looked")
def test_one_dataset_is_told_field_by_field(desk: Served) -> None:
    """Category, class, how long, what then; how it leads to people; the promises that touch it."""
    page = desk.signed_in("agent").get(DATASET)
    assert "kept for 7 years after the transaction" in page.words
    assert "Transaction Data" in page.words
    assert "stays until its row goes" in page.words
    assert 'href="/desk/promises/retention.transaction/"' in page.text
    messages = desk.signed_in("agent").get("/desk/data/app.messages/").words
    assert "free text" in messages
    assert "1 undeclared column: app.messages.sentiment" in messages
    assert "“What you and our support wrote in your account”" in messages


@pytest.mark.usefixtures("looked", "away")
def test_a_store_that_is_away_keeps_what_was_last_seen(desk: Served) -> None:
    """The look says which store did not answer; the map still shows what it held."""
    page = desk.signed_in("lead").post(LOOK)
    assert page.status == 200
    assert "Not reached: app" in page.words
    assert "app.newsletter_signups" in page.words
    assert "does not answer" in page.words
    assert "store that does not answer" in desk.signed_in("lead").get("/desk/").words


@pytest.mark.parametrize("path", [MAP, DATASET])
def test_nobody_sees_it_without_signing_in(desk: Served, path: str) -> None:
    """A stranger is sent to sign in."""
    assert desk.visitor().get(path, follow=False).status == 302


@pytest.mark.parametrize("role", ["auditor", "agent"])
def test_who_may_only_look_cannot_open_stores(desk: Served, role: str) -> None:
    """The button is not there, and the address refuses."""
    assert desk.signed_in(role).post(LOOK, follow=False).status == 403
    assert "Look now" not in desk.signed_in(role).get(MAP).text


@pytest.mark.parametrize("name", ["app.nope", "payments", "..", "%2e%2e%2f", "a" * 900, "%3Cb%3E"])
def test_a_dataset_there_is_not_is_not_there(desk: Served, name: str) -> None:
    """Unknown names give 404."""
    assert desk.signed_in("auditor").get(f"{MAP}{name}/").status == 404


@pytest.mark.parametrize(("method", "path"), [("POST", MAP), ("GET", LOOK), ("DELETE", DATASET)])
def test_each_address_takes_its_own_methods(desk: Served, method: str, path: str) -> None:
    """A wrong method is refused."""
    visitor = desk.signed_in("lead")
    answer = visitor.post(path, follow=False) if method == "POST" else visitor.ask(method, path)
    assert answer.status in (403, 405)


@pytest.mark.parametrize(
    "query", ["store=%3Cscript%3E", "store=app&page=-4", "page=9999999999", "store=%00", "store=%FF"]
)
def test_hostile_questions_show_the_map(desk: Served, query: str) -> None:
    """A store or page there is not is the whole map, or is refused; nothing comes back as markup."""
    answer = desk.signed_in("auditor").get(f"{MAP}?{query}")
    assert answer.status in (200, 400)
    assert "<script>" not in answer.text


@pytest.mark.browser
@pytest.mark.usefixtures("looked")
@pytest.mark.parametrize(("name", "path"), [("data", MAP), ("dataset", DATASET)])
def test_everybody_can_use_it(open_page: Opened, name: str, path: str) -> None:
    """No serious fault for assistive technology, wide and narrow, light and dark."""
    wide = open_page(path, role="auditor")
    looking.assert_accessible(wide)
    looking.shot(wide, f"console-{name}")
    narrow = open_page(path, role="auditor", width=390, dark=True)
    looking.assert_accessible(narrow)
    looking.shot(narrow, f"console-{name}-narrow-dark")


@pytest.mark.browser
@pytest.mark.usefixtures("looked")
def test_the_picture_is_reached_by_keyboard(open_page: Opened) -> None:
    """A box takes the focus, shows it, and opens by Enter, without JavaScript."""
    page = open_page(MAP, role="auditor", javascript=False)
    box = page.locator("a.datamap-box.dataset").first
    box.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/data/*.*/")
    page.get_by_role("heading", name="Personal fields").wait_for()
