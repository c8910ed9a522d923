"""The privacy centre under bad input and bad intent: nobody learns who is known, nothing breaks, nothing leaks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote

import pytest

from desk import public_visits as visits
from desk import serving
from desk.public_visits import Forms
from desk.serving import Answer, Project, Served, Visitor

LONG = "x" * 20_000
NASTY = (
    LONG,
    "a\x00b",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)*cmd",
    "{{ 7*7 }}{% debug %}",
    "%s%n{0}{name}",
    "../../../../etc/passwd",
    "ada@example.org\r\nBcc: eve@example.org",
    "\u202eevil\u2066",
    "\U0001f4a9" * 100,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "' OR 1=1 --",
    "",
    " ",
)
FIELDS = (
    "name",
    "email",
    "phone",
    "number",
    "text",
    "agent",
    "reply_to",
    "ticket",
    "website",
    "place",
    "for",
)


@pytest.fixture(scope="module")
def desk(project: Project) -> Iterator[Served]:
    """Serve the file's project behind a proxy, so that each visitor has an address."""
    with serving.serving(project, TROTH_PROXY="yes") as served:
        yield served


@pytest.fixture(scope="module")
def forms(desk: Served) -> Forms:
    """Open forms early, for those who fill them in later."""
    opened = Forms(desk)
    opened.open(36)
    return opened


@pytest.fixture(scope="module")
def link(desk: Served, forms: Forms) -> str:
    """File a request of somebody nobody knows; return its private page."""
    return forms.filed(visits.somebody(desk), "access", "nobody.knows@example.org")


def calm(page: Answer) -> None:
    """Assert that an answer says nothing of our insides, and carries nothing of theirs that runs."""
    assert page.status < 500, (page.path, page.words[:300])
    for word in ("Traceback", "troth.desk", "site-packages", "OperationalError", "SELECT ", "root:x:"):
        assert word not in page.text, page.path
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "49{" not in page.text


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_a_request_takes_anything(desk: Served, forms: Forms, field: str) -> None:
    """Too long, NUL, mark-up, formulas, templates, paths, headers, broken pairs: shown again, or taken as text."""
    visitor = visits.somebody(desk)
    visitor.get("/requests/new/rectify/")
    mark = forms.mark()
    for at, value in enumerate(NASTY):
        visitor.headers = visits.somebody(desk).headers
        good = {"email": f"n{at}@example.org", "text": "It is wrong.", "ticket": mark, "place": "IE"}
        page = visitor.post("/requests/new/rectify/", {**good, field: value})
        calm(page)
        assert page.status in {200, 400, 409, 413, 422}, (page.status, repr(value)[:40])


def test_what_somebody_wrote_is_shown_as_text(desk: Served, forms: Forms) -> None:
    """Mark-up in a name reaches the letters and the page as its signs, and nothing of it runs."""
    visitor = visits.somebody(desk)
    name = "<b onclick=x>Ada</b> {{ 7*7 }}"
    page = visitor.get(forms.filed(visitor, "access", "markup@example.org", name=name))
    calm(page)
    assert "&lt;b onclick=x&gt;Ada&lt;/b&gt; {{ 7*7 }}" in page.text


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"email=%ff%fe&text=%00", b"a=" + b"x" * 2_000_000, b"&" * 5_000]
)
def test_bodies_that_are_no_forms(desk: Served, body: bytes) -> None:
    """Wrong encodings, too much of everything, nothing at all."""
    visitor = visits.somebody(desk)
    visitor.get("/requests/follow/")
    token = visitor.cookies.get("troth-form", "")
    kind = "application/x-www-form-urlencoded"
    for path in ("/requests/new/access/", "/requests/follow/", "/language/"):
        page = visitor.ask("POST", path, body=body, headers={"Content-Type": kind, "X-CSRFToken": token})
        calm(page)
        assert page.status in {302, 400, 403, 413, 422}, (path, page.status)


def test_forms_without_their_token_are_refused(desk: Served, link: str) -> None:
    """Every address that changes something wants the token that goes with our cookie."""
    visitor = visits.somebody(desk)
    paths = (
        "/requests/new/access/",
        "/requests/follow/",
        "/language/",
        f"{link}prove/",
        f"{link}prove/code/",
    )
    for path in (*paths, f"{link}withdraw/", f"{link}package/", f"{link}package/code/"):
        page = visitor.post(path, {"email": "a@example.org"}, csrf=False)
        assert page.status == 403, path
        calm(page)


@pytest.mark.parametrize(
    "step", ["prove/", "prove/code/", "withdraw/", "package/", "package/code/", "package/abc/"]
)
def test_steps_of_a_link_that_opens_nothing(desk: Served, step: str) -> None:
    """Nothing is done, whatever the method; and a method a page does not take is told so."""
    visitor = visits.somebody(desk)
    for secret in ("A" * 43, "nothing", quote("../..", safe="")):
        page = visitor.post(f"/r/{secret}/{step}", {"what": "code", "code": "12345678", "sure": "yes"})
        calm(page)
        assert page.status in {404, 405}
    assert visitor.ask("DELETE", f"/r/{'A' * 43}/{step}").status in {403, 405}


def test_no_path_leads_out_of_a_package(desk: Served, link: str) -> None:
    """Addresses name no files: tricks with dots, signs and zeros find nothing."""
    visitor = visits.somebody(desk)
    for trick in (
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "data.json",
        "x%00.zip",
        "manifest.json",
        "C:%5cx",
    ):
        page = visitor.get(f"{link}package/{trick}/")
        calm(page)
        assert page.status in {400, 404}, trick


@pytest.mark.parametrize("place", ["zz", "US-XX-YY-ZZ", "<b>", "%00", "IE'--", "a" * 5_000, "\uff29\uff25"])
def test_places_that_are_none(desk: Served, place: str) -> None:
    """The page asks again, and shows nothing of what was typed."""
    page = visits.somebody(desk).get(f"/requests/?place={quote(place, safe='%')}")
    calm(page)
    assert page.status in {200, 400, 414}
    assert "<b>" not in page.text


def test_guesses_end(desk: Served, forms: Forms) -> None:
    """After so many codes an address and a request have to wait; the page says how long."""
    visitor = visits.somebody(desk)
    link = forms.filed(visitor, "access", "guessed@example.org")
    answers = [visitor.post(f"{link}prove/", {"what": "code", "code": f"{n:08}"}).status for n in range(17)]
    assert answers[0] == 422
    assert answers[-1] == 429
    assert 429 in [visitor.post(f"{link}prove/code/").status for _ in range(6)]


def test_filing_ends(desk: Served) -> None:
    """An address may try so often in an hour, whatever it sends; another one is not held up."""
    visitor, other = visits.somebody(desk), visits.somebody(desk)
    answers = [visitor.post("/requests/new/access/", {"email": "x"}) for _ in range(12)]
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert other.post("/requests/new/access/", {"email": "x"}).status == 422


def test_nobody_learns_who_is_known(desk: Served, forms: Forms, project: Project) -> None:
    """Filing, asking for codes, guessing them, asking for links: word for word the same, in about the same time."""
    known = [visits.customer(project, at) for at in range(5, 9)]
    unknown = [f"someone{at}@example.net" for at in range(4)]
    told: dict[str, list[list[str]]] = {"known": [], "unknown": []}
    took: dict[str, list[list[float]]] = {"known": [], "unknown": []}
    for pair in zip(known, unknown, strict=True):
        for who, email in zip(("known", "unknown"), pair, strict=True):
            pages, seconds = _walk(visits.somebody(desk), forms, email)
            told[who].append(pages)
            took[who].append(seconds)
    for known_pages, unknown_pages in zip(told["known"], told["unknown"], strict=True):
        for one, other in zip(known_pages, unknown_pages, strict=True):
            assert one == other
    quick, slow = sorted(_least(took[who]) for who in ("known", "unknown"))
    assert slow < quick * 1.6 + 0.3


def _least(walks: list[list[float]]) -> float:
    """Add up the quickest answer of each step: the others waited for something else on this machine."""
    return sum(min(seconds) for seconds in zip(*walks, strict=True))


def _walk(visitor: Visitor, forms: Forms, email: str) -> tuple[list[str], list[float]]:
    """Do everything somebody can do without a code.

    Return what the pages said, without numbers and secrets, and the seconds that each step took.
    """
    begun = time.perf_counter()
    link = forms.filed(visitor, "access", email)
    steps: list[Callable[[], Answer]] = [
        lambda: visitor.get(link),
        lambda: visitor.post(f"{link}prove/code/"),
        lambda: visitor.post("/requests/follow/", {"ticket": forms.mark(), "email": email}),
        *[partial(visitor.post, f"{link}prove/", {"what": "code", "code": f"0000000{n}"}) for n in range(3)],
        lambda: visitor.get(link),
    ]
    pages, seconds = [], [time.perf_counter() - begun]
    for step in steps:
        begun = time.perf_counter()
        pages.append(_bare(step()))
        seconds.append(time.perf_counter() - begun)
    return pages, seconds


def _bare(page: Answer) -> str:
    text = re.sub(r'value="[^"]*"|/r/[\w-]{43}/|case:\d+', "", page.text)
    return f"{page.status} {text}"
