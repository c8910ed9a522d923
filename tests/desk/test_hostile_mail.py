"""A mailbox full of spam: bombs cost no more than their bytes, machines are never answered, nothing is lost."""

from __future__ import annotations

import resource
import time

import pytest

from desk.serving import Project
from troth.app.mailbox import reading, sorting

REPORT = b"From: a@b.example\nContent-Type: multipart/report; boundary=x\n\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300))
BOMBS = {
    "parts": REPORT + b"--x\n\n\n" * 1_000_000,
    "parts by old lines": REPORT + b"--x\r\r\r" * 1_000_000,
    "lines within parts within parts": REPORT + b"--x\n" + NESTED + b"\n" + b"x\n" * 800_000,
    "headers": b"From: a@b.example\n" + b"a:b\n" * 1_000_000,
    "messages": REPORT.replace(b"multipart/report", b"message/rfc822") * 30_000,
    "marks": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<a" * 1_000_000,
    "words": b"From: a@b.example\nSubject: " + b"=?utf-8?q?=41?= " * 200_000 + b"\n\nx",
    "senders": b"From: " + b"a@b.example, " * 300_000 + b"\n\nx",
}
MACHINES = (
    *(b"Auto-Submitted: auto-replied", b"Auto-Submitted: Auto-Generated; x=y", b"X-Autoreply: yes"),
    *(b"Precedence: bulk", b"Precedence: auto_reply", b"List-Id: <n>", b"X-Spam-Flag: YES"),
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_no_more_than_its_bytes(bomb: str) -> None:
    """It is sorted and looked at within seconds; some of these took minutes."""
    content, began = BOMBS[bomb], time.process_time()
    seen = reading.read(content)
    assert reading.is_report(reading.headers(content)) in (True, False)
    assert len(seen.text) <= 200_000
    assert time.process_time() - began < 5


def test_a_bomb_is_taken_in_and_waits_for_nobody(project: Project) -> None:
    """A report that is one is no notice; what came with it is taken in, and the mailbox is empty."""
    new = project.folder / "box" / "new"
    new.mkdir(parents=True)
    (new / "1").write_bytes(BOMBS["parts"][:9_900_000])
    (new / "2").write_bytes(BOMBS["lines within parts within parts"])
    (new / "3").write_bytes(b"From: a@b.example\nSubject: My data\n\nPlease send me my data.\n")
    before = _spent()
    said = project.troth("mailbox", "check", "--from", f"maildir:{new.parent}", "--by", "Sam")
    assert "Taken in: 3" in said
    assert _spent() - before < 30
    assert not list(new.iterdir())


@pytest.mark.parametrize("header", MACHINES)
def test_a_machine_is_never_answered(header: bytes) -> None:
    """What says of itself that a machine wrote it is put aside, whatever it is about (RFC 3834)."""
    head = reading.headers(b"From: a@b.example\n" + header + b"\nSubject: case:1 erase me\n\nx")
    assert head is not None
    known = sorting.Known(letter=lambda token: (True, 1), case=lambda number: None)
    assert sorting.sort(head, None, report=False, size=1, known=known).state == "dismissed"


def test_mail_that_comes_writes_no_letter(project: Project) -> None:
    """Whatever comes, and whoever it says it is from: nothing is sent before a person has said so."""
    new = project.folder / "loop" / "new"
    new.mkdir(parents=True)
    ours = b"<" + b"0" * 32 + b"@janusipm.example>"
    for n, header in enumerate((*MACHINES, b"Message-ID: " + ours, b"In-Reply-To: " + ours, b"X: y")):
        sender = b"From: privacy@janusipm.example\nReply-To: privacy@janusipm.example\n"
        (new / str(n)).write_bytes(sender + header + b"\nSubject: Erase me\n\nPlease erase me.\n")
    project.troth("mailbox", "check", "--from", f"maildir:{new.parent}", "--by", "Sam")
    assert "No letter waits" in project.troth("outbox", "list")


def _spent() -> float:
    """Return the CPU seconds of processes that were started here and ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
