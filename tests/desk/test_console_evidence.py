"""The evidence log on the desk: pages, proofs, certificates, checkpoints, bundle, verification; tampering is seen."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desk import looking
from desk.conftest import Opened
from desk.serving import Project, Served

LOG, BUNDLE = "/desk/evidence/", "/desk/evidence/bundle/"
CERTIFICATES, CHECKPOINTS = "/desk/evidence/certificates/", "/desk/evidence/checkpoints/"
DOWNLOAD = "/desk/evidence/bundle/download/"
VERIFIER = Path(__file__).resolve().parents[2] / "src" / "troth" / "evidence" / "verify.py"
LONG = 6_000
GROW = f"""
from datetime import UTC, datetime, timedelta
from troth.desk import tables
tables.bring_up_to_date()
from troth.desk import here
from troth.evidence.entry import Entry
ledger, at = here.ledger(), datetime.now(UTC) - timedelta(days=40)
body = {{"case": "case:77", "by": "system", "reason": "ab" * 32}}
for day in range(20):
    when = at + timedelta(days=day)
    ledger.append(*[Entry(kind="case.read", at=when, body=body) for _ in range({LONG} // 20)])
    ledger.checkpoint(at=when)
"""


@pytest.fixture(scope="module")
def project(janusipm: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a long log, a check and an erasure behind it."""
    made = janusipm.copy(tmp_path_factory.mktemp("project") / "janusipm")
    made.run(GROW)
    made.troth("check", expect=(1, 4))
    with closing(sqlite3.connect(made.folder / "app.sqlite")) as store:
        (email,) = store.execute("SELECT email FROM accounts WHERE id = 1").fetchone()
    (made.folder / "person.txt").write_text(f"email:{email}\n")
    made.troth("erase", "--from", "person.txt", "--plan", "erase.json")
    made.troth("backup", "add", "app", "--made", "2026-01-01T00:00:00Z", "--where", "the safe")
    made.troth("apply", "erase.json", expect=(0, 1))
    return made


@pytest.fixture
def changed(project: Project) -> Iterator[int]:
    """Change an entry of the log behind its back for a while; return its number."""
    number = LONG // 2
    ledger = project.folder / ".troth" / "ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as book, book:
        (body,) = book.execute("SELECT body FROM troth_evidence WHERE sequence = ?", (number,)).fetchone()
        other = bytes(body).replace(b"case:77", b"case:78")
        book.execute("UPDATE troth_evidence SET body = ? WHERE sequence = ?", (other, number))
    yield number
    with closing(sqlite3.connect(ledger)) as book, book:
        book.execute("UPDATE troth_evidence SET body = ? WHERE sequence = ?", (body, number))


def _numbers(text: str) -> list[int]:
    return [
        int(one) for one in re.findall(r'<th scope="row" class="num"><a href="/desk/evidence/(\d+)/"', text)
    ]


def test_pages_go_back_and_forth_without_gap(desk: Served) -> None:
    """Newest first, fifty a page; older and newer lead to neighbours."""
    visitor = desk.signed_in("auditor")
    first = visitor.get(LOG)
    numbers = _numbers(first.text)
    assert numbers == list(range(numbers[0], numbers[0] - 50, -1))
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    second = visitor.get(LOG + older[1].replace("&amp;", "&"))
    assert _numbers(second.text)[0] == numbers[-1] - 1
    newer = re.search(r'rel="prev" href="([^"]+)"', second.text)
    assert newer
    assert _numbers(visitor.get(LOG + newer[1].replace("&amp;", "&")).text) == numbers


def test_entries_are_found_by_kind_subject_and_day(desk: Served) -> None:
    """Each filter alone and together; none of them loses the page it is on."""
    visitor = desk.signed_in("agent")
    assert visitor.get(f"{LOG}?kind=check.finished").text.count(">check.finished</code>") == 1
    about = visitor.get(f"{LOG}?about=retention.account").text
    assert len(_numbers(about)) == 1
    read = visitor.get(f"{LOG}?kind=case.read&about=case:77").text
    day = re.search(r'<time datetime="(\d{4}-\d\d-\d\d)', read.partition("<tbody>")[2])
    assert day
    of_day = visitor.get(f"{LOG}?kind=case.read&day={day[1]}").text
    assert set(re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)', of_day.partition("<tbody>")[2])) == {day[1]}
    assert f"day={day[1]}" in of_day
    assert "No entry is like that" in visitor.get(f"{LOG}?day=1999-01-01").words


def test_an_entry_is_shown_with_bytes_and_proof(desk: Served) -> None:
    """The bytes are those of the log, the proof leads to the signed root, staff has a name."""
    visitor = desk.signed_in("auditor")
    number = _numbers(visitor.get(f"{LOG}?kind=check.finished").text)[0]
    page = visitor.get(f"{LOG}{number}/")
    assert "This entry leads to the root that was signed" in page.words
    shown = re.search(r'<pre class="evidence-bytes"[^>]*>([^<]+)</pre>', page.text)
    assert shown
    content = json.loads(shown[1].replace("&quot;", '"'))
    assert content["kind"] == "check.finished"
    assert f"({content['body']['by']})" in page.words


def test_an_erasure_reads_as_a_certificate(desk: Served) -> None:
    """Outcome, what was looked at, each step with its entry, and the hashes."""
    visitor = desk.signed_in("lead")
    listed = visitor.get(CERTIFICATES)
    address = re.search(rf'href="({CERTIFICATES}\d+/)"', listed.text)
    assert address
    page = visitor.get(address[1])
    assert "Erasure of 1 person" in page.words
    assert "Still there 0" in page.words
    assert "app.accounts" in page.words
    assert "Who was erased stands nowhere here" in page.words


def test_checkpoints_are_listed_with_their_signatures(desk: Served) -> None:
    """Every one of them verifies."""
    page = desk.signed_in("auditor").get(CHECKPOINTS)
    assert page.text.count(">good</span>") >= 20
    assert ">bad</span>" not in page.text


def test_the_bundle_verifies_by_the_file_that_stands_alone(desk: Served, tmp_path: Path) -> None:
    """What is downloaded is whole, has its size said, and nothing of it is left behind."""
    visitor = desk.signed_in("auditor")
    page = visitor.get(BUNDLE)
    assert re.search(r"about [\d.]+.[KM]B, [\d,]+ entries", page.words)
    answer = visitor.get(DOWNLOAD)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "attachment" in answer.headers["content-disposition"]
    assert zipfile.ZipFile(io.BytesIO(answer.body)).testzip() is None
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(answer.body)
    key = desk.project.folder / ".troth" / "keys" / "signing.pub"
    command = [sys.executable, str(VERIFIER), str(bundle), "--key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("verified")
    assert not [one for one in desk.project.folder.iterdir() if one.suffix == ".zip"]


def test_the_verifier_is_run_by_a_button(desk: Served) -> None:
    """Its own words are shown; with a checkpoint from earlier it says that the log continues it."""
    visitor = desk.signed_in("auditor")
    assert "verified log" in visitor.post(BUNDLE, {"since": ""}).words
    page = visitor.get(CHECKPOINTS)
    notes = re.findall(r"<pre[^>]*>([^<]+)</pre>", page.text)
    words = visitor.post(BUNDLE, {"since": notes[-1].replace("\n", "\r\n")}).words
    assert re.search(r"the first \d+ entries are those of the earlier checkpoint", words)


@pytest.mark.parametrize(
    "since", ["nonsense", "x\n1\ny\n\n— z AAAA\n", "<script>", "/etc/passwd", "é" * 2_000]
)
def test_a_checkpoint_that_is_none_is_refused_in_words(desk: Served, since: str) -> None:
    """Nothing is read from a file, nothing comes back as markup."""
    page = desk.signed_in("auditor").post(BUNDLE, {"since": since})
    assert page.status == 200
    assert "cannot be read" in page.words or "not verified" in page.words
    assert "<script>" not in page.text
    assert "root:" not in page.words


def test_a_changed_entry_is_seen_wherever_it_is_looked_at(desk: Served, changed: int) -> None:
    """On its own page, and by the verifier, which names it."""
    visitor = desk.signed_in("auditor")
    page = visitor.get(f"{LOG}{changed}/")
    assert page.status == 200
    assert "This entry is not what was written" in page.words
    assert "does not lead to the root that was signed" in page.words
    verdict = visitor.post(BUNDLE, {"since": ""}).words
    assert "not verified" in verdict
    assert f"Entry {changed} of the evidence log was changed" in verdict


@pytest.mark.parametrize("path", [LOG, f"{LOG}0/", CERTIFICATES, CHECKPOINTS, BUNDLE, DOWNLOAD])
def test_nobody_sees_it_without_signing_in(desk: Served, path: str) -> None:
    """A stranger is sent to sign in."""
    assert desk.visitor().get(path, follow=False).status == 302


def test_an_auditor_changes_nothing_by_looking(desk: Served) -> None:
    """Whatever they open, verify or download, the log stays as long as it was."""
    visitor = desk.signed_in("auditor")
    before = _numbers(visitor.get(LOG).text)[0]
    for path in (CERTIFICATES, CHECKPOINTS, BUNDLE, DOWNLOAD, f"{LOG}5/"):
        assert visitor.get(path).status == 200
    visitor.post(BUNDLE, {"since": ""})
    assert _numbers(visitor.get(LOG).text)[0] == before


@pytest.mark.parametrize("number", ["99999999", "9" * 30, "-1", "x", "0x1", f"certificates/{LONG // 2}"])
def test_an_entry_there_is_not_is_not_there(desk: Served, number: str) -> None:
    """Unknown numbers give 404, and an entry that is no certificate is none."""
    assert desk.signed_in("auditor").get(f"{LOG}{number}/").status == 404


@pytest.mark.parametrize("path", [LOG, f"{LOG}0/", CERTIFICATES, CHECKPOINTS, DOWNLOAD])
def test_each_address_takes_its_own_methods(desk: Served, path: str) -> None:
    """A wrong method is refused."""
    assert desk.signed_in("lead").post(path, follow=False).status == 405


@pytest.mark.parametrize(
    "query",
    [
        "kind=%3Cscript%3E&about=%22%3E%3Cscript%3E",
        "day=2026-02-31&before=x",
        "before=-5&after=-5",
        "before=" + "9" * 40,
        "after=0&before=1",
        "day=0001-01-01",
        "day=9999-12-31",
        "about=%00",
        "kind=" + "k" * 4_000,
        "about=';DROP TABLE troth_evidence;--",
    ],
)
def test_hostile_filters_do_nothing(desk: Served, query: str) -> None:
    """No 500, and nothing comes back as markup."""
    answer = desk.signed_in("auditor").get(f"{LOG}?{query.replace(' ', '%20')}")
    assert answer.status in (200, 400)
    assert '"><script>' not in answer.text


@pytest.mark.browser
@pytest.mark.parametrize("path", [LOG, f"{LOG}{LONG}/", CERTIFICATES, CHECKPOINTS, BUNDLE])
def test_everybody_can_use_it(open_page: Opened, path: str) -> None:
    """No serious fault for assistive technology, wide and narrow, light and dark, without JavaScript."""
    name = path.removeprefix("/desk/").strip("/").replace("/", "-")
    wide = open_page(path, role="auditor")
    looking.assert_accessible(wide)
    looking.shot(wide, f"console-{name}")
    narrow = open_page(path, role="auditor", width=390, dark=True)
    looking.assert_accessible(narrow)
    looking.shot(narrow, f"console-{name}-narrow-dark")


@pytest.mark.browser
def test_a_certificate_is_found_and_read_by_everybody(open_page: Opened) -> None:
    """From the list to the page, without JavaScript."""
    page = open_page(CERTIFICATES, role="auditor", javascript=False)
    page.locator("tbody a").first.click()
    page.get_by_role("heading", name="What was seen on looking again").wait_for()
    again = open_page(page.url, role="auditor")
    looking.assert_accessible(again)
    looking.shot(again, "console-certificate")
