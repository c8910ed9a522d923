"""The privacy centre by plain HTTP: what everybody reads, asking, following, proving, taking the package."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from desk import public_visits as visits
from desk import serving
from desk.public_visits import Forms, Post
from desk.serving import Project, Served

WRONG = "This code is not right"


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve the file's project behind a proxy, so that each visitor has an address."""
    with serving.serving(project, TROTH_PROXY="yes") as served:
        yield served


@pytest.fixture(scope="module")
def forms(desk: Served) -> Forms:
    """Open forms early, for those who fill them in later."""
    opened = Forms(desk)
    opened.open()
    return opened


@pytest.fixture(scope="module")
def post(project: Project) -> Iterator[Post]:
    """Run a mail server."""
    with visits.post(project) as running:
        yield running


def test_everybody_reads_what_is_promised_and_how_to_ask(desk: Served) -> None:
    """Each page answers, names the organisation, sets no cookie but for forms, and asks nothing of anybody else."""
    visitor = visits.somebody(desk)
    for path in ("/", "/policy", "/contact/", "/complain/", "/requests/", "/requests/follow/"):
        page = visitor.get(path)
        assert page.status == 200, (path, page.words)
        assert "JanusIPM" in page.words
        assert page.text.count("<h1") == 1
        assert not re.search(r'(?:src|srcset)="(?:https?:)?//', page.text)
    assert set(visitor.cookies) <= {"troth-form"}


def test_the_policy_says_what_is_done_about_each_promise(desk: Served) -> None:
    """The text is not at hand here: that is said, with its version, and the rules are shown in plain words."""
    page = visits.somebody(desk).get("/policy").words
    assert "The text itself is not kept here" in page
    assert "23 May 2025" in page
    assert "We keep it for 2 years, counted from when the account is closed." in page
    assert "Within 30 days no backup holds it any more." in page
    assert "There is nothing" not in page


def test_rights_depend_on_where_somebody_lives(desk: Served) -> None:
    """Ireland has the GDPR with its month, California the CCPA with its 45 days; unknown has both."""
    visitor = visits.somebody(desk)
    ireland, california, unknown = (
        visitor.get(f"/requests/?place={p}").words for p in ("IE", "US-CA", "unknown")
    )
    assert "General Data Protection Regulation, Art. 15" in ireland
    assert "Do not sell or share my data" in california
    assert "Offered by our policy." in california
    assert "California Consumer Privacy Act" in unknown
    assert "General Data Protection Regulation" in unknown
    assert "the earliest day of all our laws counts" in unknown


def test_the_day_of_the_answer_is_the_one_the_request_then_has(
    desk: Served, forms: Forms, project: Project
) -> None:
    """What the list says before is what the case says after."""
    visitor = visits.somebody(desk)
    listed = re.search(r'datetime="(\d{4}-\d\d-\d\d)"', visitor.get("/requests/new/restrict/?place=DE").text)
    page = visitor.get(forms.filed(visitor, "restrict", "day@example.org", place="DE", text="It is wrong."))
    shown = json.loads(project.troth("request", "show", visits.number(page), "--format", "json"))
    assert listed
    assert shown["residence"] == "EU-DE"
    assert listed[1] in page.text
    assert datetime.fromisoformat(shown["legal-end"]).astimezone(UTC).date().isoformat() == listed[1]


def test_an_opt_out_asks_nobody_who_they_are(desk: Served, forms: Forms) -> None:
    """The form says so, and the private page asks for nothing."""
    visitor = visits.somebody(desk)
    assert (
        "nobody asks you to prove who you are" in visitor.get("/requests/new/opt-out-sale/?place=US-CA").words
    )
    page = visitor.get(forms.filed(visitor, "opt-out-sale", "out@example.org", place="US-CA"))
    assert "What we need from you" not in page.words
    assert "nothing is asked now" in page.words


def test_a_form_keeps_what_was_typed(desk: Served, forms: Forms) -> None:
    """A fault stands beside its field, and nothing is lost."""
    visitor = visits.somebody(desk)
    typed = {"name": "Zoë <b>Quill</b>", "text": "My street & house are wrong.", "phone": "not a number"}
    page = forms.file(visitor, "rectify", "zoe@example", **typed)
    assert page.status == 422
    assert 'value="Zoë &lt;b&gt;Quill&lt;/b&gt;"' in page.text
    assert "My street &amp; house are wrong." in page.text
    assert 'aria-invalid="true"' in page.text
    page = forms.file(visitor, "rectify", "zoe@example.org", **typed)
    assert page.status == 422
    assert "no telephone number we can read" in page.words


def test_the_same_form_sent_twice_is_one_request(desk: Served, forms: Forms, project: Project) -> None:
    """The second time it is said that it came already; no second case is there."""
    visitor = visits.somebody(desk)
    visitor.get("/requests/new/erase/")
    form = {"ticket": forms.mark(), "place": "IE", "for": "self", "email": "twice@example.org"}
    first = visitor.post("/requests/new/erase/", form, follow=False)
    before = len(json.loads(project.troth("request", "list", "--format", "json")))
    again = visitor.post("/requests/new/erase/", form, follow=False)
    assert (first.status, again.status) == (302, 409)
    assert "sent already" in again.words
    assert len(json.loads(project.troth("request", "list", "--format", "json"))) == before


def test_scripts_are_turned_back_without_a_puzzle(desk: Served, forms: Forms) -> None:
    """A form that comes back at once, one with the unseen field filled, one with a mark of somebody else's."""
    visitor = visits.somebody(desk)
    fresh = visits.ticket(visitor.get("/requests/new/access/"))
    form = {"place": "IE", "for": "self", "email": "bot@example.org"}
    quick = visitor.post("/requests/new/access/", {**form, "ticket": fresh})
    filled = visitor.post("/requests/new/access/", {**form, "ticket": forms.mark(), "website": "http://spam"})
    forged = visitor.post("/requests/new/access/", {**form, "ticket": "a:b:c"})
    assert [one.status for one in (quick, filled, forged)] == [422, 422, 422]
    assert "very quick" in quick.words
    assert "bot@example.org" in quick.text
    assert "open for too long" in forged.words
    assert visits.ticket(forged) != "a:b:c"


def test_a_private_page_is_kept_by_nobody(desk: Served, forms: Forms) -> None:
    """No store, no index, no word to other sites; and its secret part stands nowhere in the ledger or the log."""
    visitor = visits.somebody(desk)
    link = forms.filed(visitor, "access", "quiet@example.org")
    page = visitor.get(link)
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["referrer-policy"] == "same-origin"
    secret = link.strip("/").rpartition("/")[2]
    assert len(secret) == 43
    assert secret not in desk.said()
    files = [one for one in (desk.project.folder / ".troth").glob("ledger.sqlite*") if one.is_file()]
    assert not any(secret.encode() in one.read_bytes() for one in files)


def test_what_opens_nothing_is_one_page(desk: Served) -> None:
    """A link nobody made, a shortened one, one with other signs: all the same answer."""
    visitor = visits.somebody(desk)
    pages = [visitor.get(f"/r/{secret}/") for secret in ("a" * 43, "abc", "x" * 200)]
    assert {page.status for page in pages} == {404}
    assert len({re.sub(r'value="[^"]*"', "", page.text) for page in pages}) == 1


def test_somebody_gets_their_data_once_and_sees_it_closed(
    desk: Served, forms: Forms, post: Post, project: Project
) -> None:
    """Filed, proven by a code from the mail, answered, downloaded behind a fresh code, closed."""
    email = visits.customer(project)
    visitor = visits.somebody(desk)
    link = forms.filed(visitor, "access", email, name="Ada")
    assert any(link in text for to, text in post.collect() if to == email)
    case = visits.number(visitor.get(link))
    assert "a code goes there now" in visitor.post(f"{link}prove/code/").words
    code = post.code(email)
    assert WRONG in visitor.post(f"{link}prove/", {"what": "code", "code": "00000000"}).words
    assert "this code was right" in visitor.post(f"{link}prove/", {"what": "code", "code": code}).words
    assert WRONG not in visitor.get(link).words
    again = visitor.post(f"{link}prove/", {"what": "code", "code": code})
    assert WRONG in again.words or "was right" not in again.words
    visits.answered(project, case)
    page = visitor.get(link)
    assert "We did what you asked for." in page.words
    assert "Yes, we process data about you." in page.words
    assert "Your data is ready" in page.words
    visitor.post(f"{link}package/code/")
    fresh = post.code(email, count=2)
    assert WRONG in visitor.post(f"{link}package/", {"code": code}).words
    offered = visitor.post(f"{link}package/", {"code": fresh})
    assert offered.status == 200, offered.words
    promised = re.search(r"\b([0-9a-f]{64})\b", offered.text)
    got = visitor.post(offered.path)
    assert promised
    assert hashlib.sha256(got.body).hexdigest() == promised[1]
    assert got.headers["content-length"] == str(len(got.body))
    names = zipfile.ZipFile(io.BytesIO(got.body)).namelist()
    assert {"data.json", "page.html", "manifest.json"} <= set(names)
    assert visitor.post(offered.path).status == 404
    assert visitor.get(offered.path).status == 404
    assert "case.downloaded" in project.troth("evidence", "list")
    project.troth("request", "close", case, "--by", "Sam")
    closed = visitor.get(link).words
    assert "Your request is over." in closed
    assert "Your data is ready" not in closed


def test_somebody_gives_a_request_up(desk: Served, forms: Forms, project: Project) -> None:
    """Only with the box ticked; then it is over."""
    visitor = visits.somebody(desk)
    link = forms.filed(visitor, "erase", "gone@example.org")
    assert "tick the box" in visitor.post(f"{link}withdraw/").words
    assert "was given up" in visitor.post(f"{link}withdraw/", {"sure": "yes"}).words
    case = visits.number(visitor.get(link))
    assert json.loads(project.troth("request", "show", case, "--format", "json"))["outcome"] == "withdrawn"
    assert "cannot be given up" in visitor.post(f"{link}withdraw/", {"sure": "yes"}).words


def test_a_lost_link_is_mailed_again_to_the_address_on_file(desk: Served, forms: Forms, post: Post) -> None:
    """The new one opens the same request; the page says the same to somebody who never asked for anything."""
    visitor = visits.somebody(desk)
    link = forms.filed(visitor, "erase", "lost@example.org")
    case = visits.number(visitor.get(link))
    said = [
        visitor.post("/requests/follow/", {"ticket": forms.mark(), "email": email}, follow=True).words
        for email in ("lost@example.org", "never@example.org")
    ]
    assert said[0] == said[1]
    found = set(post.wait("lost@example.org", r"(/r/[\w-]{43}/)", count=2))
    new = (found - {link}).pop()
    assert visits.number(visitor.get(new)) == case
    assert not [to for to, _ in post.collect() if to == "never@example.org"]


def test_an_agent_shows_what_lets_them_ask(desk: Served, forms: Forms, project: Project) -> None:
    """Their form names both; a file that is none is refused, a PDF is kept sealed and proves nothing by itself."""
    visitor = visits.somebody(desk)
    more = {"for": "agent", "agent": "Kim Agent", "reply_to": "kim@agents.example", "name": "Ada"}
    link = forms.filed(visitor, "access", "principal@example.org", **more)
    visitor.get(link)
    refused = visitor.post(
        f"{link}prove/", {"what": "authority"}, files={"document": ("a.pdf", b"MZ\x90 no")}
    )
    assert "no PDF, PNG or JPEG" in refused.words
    kept = visitor.post(
        f"{link}prove/", {"what": "authority"}, files={"document": ("a.pdf", b"%PDF-1.7 yes")}
    )
    assert "Thank you, we have it." in kept.words
    shown = json.loads(project.troth("request", "show", visits.number(visitor.get(link)), "--format", "json"))
    assert [one["event"] for one in shown["events"]][-1] == "authority.shown"
    assert shown["whom"] == "agent"


def test_machines_read_whom_to_tell_and_what_to_leave_alone(desk: Served) -> None:
    """security.txt has what RFC 9116 demands and is good for less than a year; robots.txt keeps out of requests."""
    visitor = visits.somebody(desk)
    lines = dict(
        line.split(": ", 1)
        for line in visitor.get("/.well-known/security.txt").text.strip().splitlines()[::-1]
    )
    until = datetime.fromisoformat(lines["Expires"])
    assert lines["Contact"] == "mailto:privacy@janusipm.com"
    assert 30 < (until - datetime.now(UTC)).days < 365
    assert "Disallow: /r/\n" in visitor.get("/robots.txt").text


def test_german_all_through(desk: Served, forms: Forms) -> None:
    """By the browser's wish, by the address, and by the button; months and countries too."""
    visitor = visits.somebody(desk)
    assert "Ihre Daten bei JanusIPM" in visitor.get("/", **{"Accept-Language": "de-AT,de;q=0.9"}).words
    assert 'lang="de"' in visitor.get("/?lang=de").text
    visitor.get("/requests/follow/")
    assert "Neuen Link senden" in visitor.get("/requests/follow/").words
    link = forms.filed(visitor, "erase", "anna@example.org", place="DE")
    page = visitor.get(link).words
    assert "Meine Daten löschen" in page
    assert "Deutschland" in page
    assert "die Datenschutzbehörde Ihres Bundeslandes" in page.replace("Die", "die")
    visitor.post("/language/", {"language": "en", "next": "/"})
    assert "Your data at JanusIPM" in visitor.get("/").words
