"""Messages from a mailbox into the ledger: once each, sorted, removed only then; settled by people; destroyed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from db.mailboxes import ImapServer, Maildir, behind_tls, imap_server
from db.mailing import AT, PROJECT, Handler, Office, mail_server
from db.test_outbox import notice
from db.test_smtp_lines import certificate
from troth.app import mailbox
from troth.app.mailbox import Read, boxes, sorting
from troth.app.mailbox import imap as imap_boxes
from troth.app.requests import opening as requests
from troth.app.requests.steps import Place
from troth.errors import Refused, StoreError
from troth.problems import BadInput

__all__ = ["certificate"]
SRC = Path(__file__).parents[2] / "src"
REQUEST = (
    b"Received: from a by b; Sat, 28 Feb 2026 22:00:00 +0100\r\nFrom: Anna Vogel <anna@example.org>\r\n"
    b"To: privacy@kraemer.example\r\nSubject: My data\r\n\r\nPlease send me a copy of my data.\r\n"
)
LIST = b"From: news@example.org\r\nList-Id: <news>\r\nSubject: News\r\n\r\nBuy\r\n"


def spam(number: int, size: int = 500) -> bytes:
    """Return a message nobody wants."""
    return b"From: s%d@spam.example\r\nSubject: %d\r\n\r\n" % (number, number) + b"x" * size


@pytest.fixture
def ours(tmp_path: Path) -> Office:
    """Return a project that claims the GDPR."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "troth.yaml").write_text(
        PROJECT.replace("contacts:", "laws: [eu-gdpr]\n  contacts:"), encoding="utf-8"
    )
    return Office(folder=folder)


@pytest.fixture
def box(tmp_path: Path) -> Maildir:
    """Return an empty maildir."""
    return Maildir.make(tmp_path / "box")


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    """Start an IMAP server for these tests."""
    with imap_server() as server:
        yield server


@pytest.fixture
def imap(running: ImapServer) -> ImapServer:
    """Return the server with an empty inbox."""
    running.empty()
    return running


@pytest.fixture(params=["sqlite", "postgresql"])
def any_ours(request: pytest.FixtureRequest, ours: Office) -> Office:
    """Return the project with its ledger on each database."""
    ours.url = request.getfixturevalue("pg_url") if request.param == "postgresql" else ""
    return ours


def at(ours: Office) -> Place:
    """Return the project as functions of the application take it."""
    return Place(folder=ours.folder, environment=ours.environment, clock=ours.clock)


def take(ours: Office, where: Any, **more: Any) -> mailbox.Taken:
    """Take in what is there."""
    return mailbox.poll(at(ours), source=where.address, **more)


def listed(ours: Office, **more: Any) -> list[tuple[str, str, int | None]]:
    """Return what lists show of every message."""
    return [(one.state, one.why, one.case) for one in mailbox.listed(at(ours), every=True, **more).records]


def asks(*kinds: str) -> Any:
    """Confirm a message as what it asks for."""
    return lambda found: replace(found.suggested(), kinds=kinds)


def kinds_of_evidence(ours: Office) -> list[str]:
    """Return the kinds of all entries about messages, from a log that verifies."""
    book = ours.ledger()
    book.audit()
    kinds = [
        kind
        for body in book.evidence.entries()
        if (kind := body.decode().partition('"kind":"')[2].partition('"')[0])
    ]
    book.close()
    return [kind for kind in kinds if kind.startswith("mail.")]


def test_a_message_becomes_a_request_once_a_person_says_so(any_ours: Office, box: Maildir) -> None:
    """Taken in, removed, read with a reason, confirmed, destroyed later: the same on SQLite and PostgreSQL."""
    box.deliver(REQUEST)
    box.deliver(LIST)
    done = take(any_ours, box)
    assert (done.mails, done.waiting, done.dismissed, box.left()) == (2, 1, 1, [])
    assert sorted(listed(any_ours)) == [("dismissed", "list", None), ("waiting", "", None)]
    [waiting] = mailbox.listed(at(any_ours)).records
    found = mailbox.read(waiting.id, "inbox", at(any_ours), by="Sam")
    assert (found.seen.name, found.seen.address, found.rights) == (
        "Anna Vogel",
        "anna@example.org",
        ("access",),
    )
    opened, after = mailbox.confirm(waiting.id, asks("access", "erase"), at(any_ours), by="Sam")
    assert [case.kind.name for case in opened.cases] == ["access", "erase"]
    assert f"{opened.cases[0].received:%Y-%m-%d %H}" == "2026-02-28 21"
    assert (after.state, after.case) == ("request", opened.cases[0].id)
    with pytest.raises(Refused, match="does not wait"):
        mailbox.confirm(waiting.id, asks("access"), at(any_ours), by="Sam")
    any_ours.later(days=31)
    assert take(any_ours, box).forgotten == 2
    with pytest.raises(Refused, match="destroyed"):
        mailbox.read(waiting.id, "inbox", at(any_ours), by="Sam")
    assert kinds_of_evidence(any_ours) == ["mail.taken-in", "mail.read", "mail.confirmed", "mail.forgotten"]


def test_nothing_is_readable_in_the_ledger(ours: Office, box: Maildir) -> None:
    """Not the sender, not a word: a copy of the file tells nothing, before and after."""
    box.deliver(REQUEST)
    take(ours, box)
    mailbox.read(1, "the week's inbox", at(ours), by="Sam")
    home = ours.folder / ".troth"
    content = b"".join(path.read_bytes() for path in home.glob("ledger.sqlite*"))
    assert not [word for word in (b"anna", b"Anna", b"My data", b"inbox") if word in content]


def test_the_same_message_is_kept_once(ours: Office, box: Maildir) -> None:
    """Twice in one round, and again later: it is known, and removed."""
    box.deliver(REQUEST)
    box.deliver(REQUEST)
    assert take(ours, box).mails == 1
    box.deliver(REQUEST)
    again = take(ours, box)
    assert (again.mails, again.known, box.left(), len(listed(ours))) == (0, 1, [], 1)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from troth.app import clock, mailbox
from troth.app.mailbox import maildir
from troth.app.requests.steps import Place
real, seen = maildir.Maildir.take_out, []
def killed(self, items):
    seen.append(1)
    if len(seen) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, items)
maildir.Maildir.take_out = killed
environment = {"TROTH_TEST_CLOCK": "2026-03-01T12:00:00Z"}
at = Place(folder=Path(sys.argv[1]), environment=environment, clock=clock.of(environment))
mailbox.poll(at, source=sys.argv[2])
"""


@pytest.mark.parametrize("portion", [1, 2])
def test_killed_between_keeping_and_removing_nothing_is_lost_or_doubled(
    ours: Office, box: Maildir, portion: int
) -> None:
    """What was kept is known in the next round, what was not is taken in then."""
    for number in range(40):
        box.deliver(spam(number))
    words = [sys.executable, "-c", KILLED, str(ours.folder), box.address, str(portion), str(SRC)]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    assert len(listed(ours)) == min(portion * 25, 40)
    assert len(box.left()) == 40 - (portion - 1) * 25
    done = take(ours, box)
    assert (done.known, done.mails) == ((25, 15) if portion == 1 else (15, 0))
    assert (len(listed(ours)), box.left()) == (40, [])


def test_two_rounds_at_once_keep_each_message_once(any_ours: Office, box: Maildir) -> None:
    """Several workers may look into the same mailbox at the same moment."""
    for number in range(60):
        box.deliver(spam(number))
    any_ours.ledger().close()
    environment = {
        **os.environ,
        **any_ours.environment,
        "PYTHONPATH": str(SRC),
        "TROTH_TEST_CLOCK": "2026-03-01T12:00:00Z",
    }
    command = [sys.executable, "-m", "troth", "mailbox", "check", "--from", box.address, "--by", "Sam"]
    both = [
        subprocess.Popen(
            command,
            cwd=any_ours.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [one.communicate(timeout=180)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert (len(listed(any_ours)), box.left()) == (60, [])


def test_a_thousand_spams_take_little_memory_and_few_statements(ours: Office, box: Maildir) -> None:
    """Rounds end at their limit; memory does not grow with the mailbox; statements grow with portions."""
    for number in range(1_000):
        box.deliver(spam(number, 20_000))
    take(ours, box, limit=25)
    tracemalloc.start()
    done = take(ours, box, limit=200)
    _, little = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    rest = take(ours, box, limit=2_000)
    _, much = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (done.mails, done.left, rest.mails, rest.left, box.left()) == (200, True, 775, False, [])
    assert much < little + 2_000_000
    assert kinds_of_evidence(ours).count("mail.taken-in") == 40


def test_what_is_too_large_waits_and_stays_in_the_mailbox(ours: Office, box: Maildir) -> None:
    """Its beginning is kept once, it uses no limit up, and with a folder to move to it goes there."""
    box.deliver(REQUEST + b"x" * sorting.LARGEST)
    box.deliver(spam(1))
    assert take(ours, box, limit=1).mails == 2
    assert [take(ours, box, limit=1).known for _ in range(2)] == [1, 1]
    assert [len(one) > sorting.LARGEST for one in box.left()] == [True]
    assert ("waiting", "too-large", None) in listed(ours)
    found = mailbox.read(mailbox.listed(at(ours)).records[0].id, "inbox", at(ours), by="Sam")
    assert found.seen.address == "anna@example.org"
    mailbox.poll(at(ours), source=f"{box.address}?move=Troth")
    assert (box.left(), len(list((box.folder / ".Troth" / "cur").iterdir()))) == ([], 1)


def test_a_notice_marks_the_letter_and_an_answer_finds_its_request(ours: Office, box: Maildir) -> None:
    """By the Message-ID of our letter: the request says that it came back, and has the answer beside it."""
    box.deliver(REQUEST)
    take(ours, box)
    opened, _ = mailbox.confirm(1, asks("access"), at(ours), by="Sam")
    handler = Handler()
    with mail_server(handler) as ours.smtp:
        ours.send()
    sent = str(message_from_bytes(handler.mails[0].content)["Message-ID"])
    box.deliver(notice(sent).encode())
    answer = b"From: anna@example.org\r\nSubject: Re\r\nIn-Reply-To: %s\r\n\r\nI am customer 12.\r\n"
    box.deliver(answer % sent.encode())
    box.deliver(b"From: anna@example.org\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nAway.\r\n")
    done = take(ours, box)
    case = opened.cases[0].id
    assert (done.notices, done.answers, done.dismissed) == (1, 1, 1)
    assert ours.states() == ["bounced"]
    assert ("notice", "came-back", case) in listed(ours)
    [waits] = mailbox.listed(at(ours), case=case).records
    joined = mailbox.join(waits.id, at(ours), by="Sam")
    assert [event.kind for event in joined.events] == ["received", "acknowledged", "bounced", "note"]
    assert mailbox.listed(at(ours)).records == ()


def test_a_person_settles_what_waits(ours: Office, box: Maildir) -> None:
    """Dismissed for a reason there is; once; and what a machine put aside can still be a request."""
    box.deliver(spam(1))
    box.deliver(LIST)
    take(ours, box)
    with pytest.raises(BadInput):
        mailbox.dismiss(1, "boring", at(ours), by="Sam")
    assert mailbox.dismiss(1, "spam", at(ours), by="Sam").why == "spam"
    with pytest.raises(Refused):
        mailbox.dismiss(1, "spam", at(ours), by="Sam")
    with pytest.raises(BadInput):
        mailbox.join(2, at(ours), by="Sam")
    assert mailbox.confirm(2, asks("object-marketing"), at(ours), by="Sam")[1].state == "request"
    with pytest.raises(BadInput):
        mailbox.look(99, at(ours))
    assert kinds_of_evidence(ours) == ["mail.taken-in", "mail.dismissed", "mail.confirmed"]


def test_a_request_that_cannot_be_opened_changes_nothing(ours: Office, box: Maildir) -> None:
    """All of it or nothing: the message waits as before."""
    box.deliver(REQUEST)
    take(ours, box)
    for wrong in (asks(), asks("fly"), lambda found: replace(found.suggested(), kinds=("access",), lines=[])):
        with pytest.raises(BadInput):
            mailbox.confirm(1, wrong, at(ours), by="Sam")
    assert listed(ours) == [("waiting", "", None)]
    book = ours.ledger()
    assert book.cases.listed(every=True) == ()
    book.close()


def test_reading_and_saving_want_a_reason(ours: Office, box: Maildir) -> None:
    """A saved message is the one that came in, for its owner's eyes only."""
    box.deliver(REQUEST)
    take(ours, box)
    for reason in ("", "  "):
        with pytest.raises(BadInput):
            mailbox.read(1, reason, at(ours), by="Sam")
    out = ours.folder / "m.eml"
    assert mailbox.save(1, out, "passport", at(ours), by="Sam") == len(REQUEST)
    assert (out.read_bytes(), out.stat().st_mode & 0o077) == (REQUEST, 0)
    with pytest.raises(Refused, match="there already"):
        mailbox.save(1, out, "passport", at(ours), by="Sam")


def nested(levels: int) -> bytes:
    """Return parts within parts."""
    one = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    return b"".join(one % (number, number) for number in range(levels))


HOSTILE = {
    "empty": b"",
    "bytes": bytes(range(256)) * 50,
    "charset": b"From: a@b.example\nContent-Type: text/plain; charset=klingon\n\n\xff\xfe",
    "header": b"From: =?utf-8?B?////?= <a@b.example>\nSubject: " + b"=?" * 50_000 + b"\n\nhi",
    "headers": b"From: a@b.example\n" + b"X-A: b\n" * 20_000 + b"\nhi",
    "report": b"From: <>\nContent-Type: multipart/report; boundary=x\n\n--x\n"
    b"Content-Type: message/delivery-status\n\n\xff:",
    "base64": b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n!!!!not base64!!!!",
    "bomb": b'From: a@b.example\nContent-Type: application/zip; name="a.zip"\n'
    b"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nUEsDBA==",
    "nested": b"From: a@b.example\n" + nested(500),
    "nested-report": b"From: a@b.example\nContent-Type: multipart/report; boundary=r\n\n--r\n" + nested(500),
    "null": b"From: a\0@b.example\nSubject: \0\n\n\0\0",
    "escape": b"From: \x1b[2J <a@b.example>\nSubject: \x1b]0;x\x07\n\n\x1b[31mred",
    "formula": b"From: a@b.example\nSubject: =HYPERLINK(1)\n\n=1+1",
}  # fmt: skip


def test_whatever_comes_is_taken_in_and_can_be_looked_at(any_ours: Office, box: Maildir) -> None:
    """Broken encodings, nested parts, bombs: nothing crashes, nothing is lost, no attachment is opened."""
    for content in HOSTILE.values():
        box.deliver(content)
    assert take(any_ours, box).mails == len(HOSTILE)
    for record in mailbox.listed(at(any_ours), every=True).records:
        read: Read = mailbox.read(record.id, "inbox", at(any_ours), by="Sam")
        assert "\x1b" not in read.seen.text + read.seen.subject + read.seen.name
        if record.id % 3 == 0 and read.seen.address:
            made = mailbox.confirm(record.id, asks("access"), at(any_ours), by="Sam")
            assert isinstance(made[0], requests.Opened)


def test_only_files_of_a_maildir_are_taken(ours: Office, box: Maildir, tmp_path: Path) -> None:
    """No link out of it is followed, nothing half-delivered is read, no folder disturbs it."""
    secret = tmp_path / "secret"
    secret.write_bytes(REQUEST)
    (box.folder / "new" / "link").symlink_to(secret)
    (box.folder / "new" / "folder").mkdir()
    (box.folder / "tmp" / "half").write_bytes(REQUEST)
    assert (take(ours, box).mails, secret.exists()) == (0, True)


def test_imap_messages_are_taken_in_and_deleted(ours: Office, imap: ImapServer) -> None:
    """From a real server, unread and without marking others; known again when a copy comes."""
    imap.deliver(REQUEST, LIST, spam(1))
    done = take(ours, imap)
    assert (done.mails, done.waiting, done.dismissed, imap.left()) == (3, 2, 1, [])
    imap.deliver(REQUEST)
    assert (take(ours, imap).known, imap.left()) == (1, [])
    [anna] = [one for one in mailbox.listed(at(ours)).records if one.size == len(REQUEST)]
    found = mailbox.read(anna.id, "inbox", at(ours), by="Sam")
    assert (found.seen.subject, anna.mailbox) == ("My data", "127.0.0.1/INBOX")


def test_imap_messages_can_be_moved_instead(ours: Office, imap: ImapServer) -> None:
    """They go to the folder that is named, which is made where it is missing; also those too large to keep."""
    imap.deliver(REQUEST, spam(1, sorting.LARGEST))
    assert mailbox.poll(at(ours), source=f"{imap.address}&move=Troth").mails == 2
    assert (imap.left(), len(imap.left("Troth"))) == ([], 2)


def test_a_full_imap_mailbox_is_taken_in_page_by_page(
    ours: Office, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page of messages, with a limit: the oldest first, the rest in the next round."""
    monkeypatch.setattr(imap_boxes, "PAGE", 10)
    imap.deliver(*(spam(number) for number in range(32)))
    assert (take(ours, imap, limit=25).mails, len(imap.left())) == (25, 7)
    assert (take(ours, imap).mails, imap.left()) == (7, [])


def test_imap_goes_through_tls_or_not_at_all(ours: Office, imap: ImapServer, certificate: Path) -> None:
    """A certificate that is trusted, one that is not, and a server without STARTTLS."""
    imap.deliver(REQUEST)
    with behind_tls(imap.port, certificate) as port:
        address = imap.address.replace("imap://", "imaps://").replace(f":{imap.port}/", f":{port}/")
        address = address.replace("starttls=no&", "")
        with pytest.raises(StoreError, match="certificate"):
            mailbox.poll(at(ours), source=address)
        assert mailbox.poll(at(ours), source=f"{address}&ca={certificate}").mails == 1
    with pytest.raises(StoreError, match="STARTTLS"):
        mailbox.poll(at(ours), source=imap.address.replace("starttls=no&", ""))


@pytest.mark.parametrize("wrong", ["password", "folder", "down"])
def test_what_is_wrong_with_a_mailbox_is_said_without_its_address(
    ours: Office, imap: ImapServer, wrong: str
) -> None:
    """A login, a folder, a server that is down: the message names no user and no password."""
    changed = {
        "password": imap.address.replace("s%2Fe", "t%2Fe"),
        "folder": imap.address.replace("/INBOX", "/Nowhere"),
        "down": imap.address.replace(f":{imap.port}/", ":1/"),
    }[wrong]
    with pytest.raises(StoreError) as trouble:
        mailbox.poll(at(ours), source=changed)
    assert not [
        one
        for one in ("privacy", "kraemer", "s/e", "%40")
        if one in trouble.value.message + trouble.value.hint
    ]


@pytest.mark.parametrize(
    "address",
    ["", "imap://", "http://a@b/", "imaps://host/INBOX", "imaps://u:p@host:x/", "imaps://u@h/I?what=1",
     "imaps://u@h/I?timeout=0", "imaps://u@h/Entwürfe", "maildir:", "maildir:/x?move=../y", "maildir:/x?q=1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_unshown(address: str) -> None:
    """What was given may hold a password."""
    with pytest.raises(BadInput) as bad:
        boxes.address({boxes.VARIABLE: address})
    assert bad.value.problems[0].found == ""


def test_the_password_may_stand_apart() -> None:
    """In a variable of its own; no representation shows it."""
    found = boxes.address({boxes.VARIABLE: "imaps://u%40x@h.example/In%20box", boxes.PASSWORD: "secret"})
    assert (found.user, found.password, found.folder, found.port) == ("u@x", "secret", "In box", 993)
    assert "secret" not in repr(found)
    assert AT.tzinfo is not None


def test_no_maildir_is_said(ours: Office, tmp_path: Path) -> None:
    """A folder without `new` and `cur` is none."""
    with pytest.raises(BadInput, match="1 fault"):
        mailbox.poll(at(ours), source=f"maildir:{tmp_path}")
