"""Letters from the outbox to a real mail server and back: once, again, refused, come back, forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from db.mailing import AT, Handler, Office, address, free_port, mail_server, office
from troth.app import post
from troth.errors import Refused, StoreError
from troth.problems import BadInput

SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def handler() -> Handler:
    """Return what answers for the mail server."""
    return Handler()


@pytest.fixture
def ours(tmp_path: Path, handler: Handler) -> Iterator[Office]:
    """Return a project whose mail server runs."""
    made = office(tmp_path / "office")
    with mail_server(handler) as made.smtp:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def any_ours(request: pytest.FixtureRequest, ours: Office) -> Office:
    """Return the project with its ledger on each database."""
    ours.url = request.getfixturevalue("pg_url") if request.param == "postgresql" else ""
    return ours


def test_a_letter_goes_through_all_its_states_on_any_ledger(any_ours: Office, handler: Handler) -> None:
    """Tried again, sent, come back, forgotten, cancelled: the same on SQLite and PostgreSQL."""
    any_ours.put(case=3)
    any_ours.put()
    handler.data = "451 later"
    assert any_ours.send(limit=1).later == 1
    post.cancel(2, any_ours.folder, any_ours.environment, any_ours.clock, by="Test")
    handler.data = ""
    any_ours.later(minutes=6)
    assert any_ours.send().sent == 1
    file = any_ours.folder / "back.eml"
    file.write_text(notice(str(message_from_bytes(handler.mails[-1].content)["Message-ID"])))
    post.bounced(file, any_ours.folder, any_ours.environment, any_ours.clock, by="Test")
    any_ours.later(days=40)
    assert any_ours.send().forgotten == 2
    assert any_ours.states() == ["bounced", "cancelled"]
    assert [entry["kind"].partition(".")[2] for entry in any_ours.log()] == [
        *("queued", "queued", "cancelled", "sent", "bounced", "forgotten")
    ]


def test_a_letter_goes_once(ours: Office, handler: Handler) -> None:
    """A mail with text and HTML, from the organisation, and nothing on a second round."""
    ours.put()
    assert (ours.send().sent, ours.send().sent) == (1, 0)
    [envelope] = handler.mails
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("datenschutz@kraemer.example", ["anna@example.org"])
    assert str(mail["From"]) == "Krämer & Söhne <datenschutz@kraemer.example>"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "482913" in mail.get_body(("plain",)).get_content()
    assert mail["Auto-Submitted"] == "auto-generated"


def test_evidence_knows_no_address(ours: Office) -> None:
    """Queued and sent stand in the log, with the letter's number and nothing of its content."""
    ours.put(case=7)
    ours.send()
    queued, sent = ours.log()
    assert queued["body"] == {
        "letter": "letter:1", "case": "case:7", "kind": "code", "channel": "mail", "by": "staff:1"
    }  # fmt: skip
    assert sent["body"] == {"letter": "letter:1", "case": "case:7", "attempts": 1, "again": False}


def test_nothing_of_a_letter_is_readable_in_the_ledger(ours: Office) -> None:
    """Neither address nor text stands in the database's files."""
    ours.put("very.private@example.org")
    files = [path.read_bytes() for path in (ours.folder / ".troth").glob("ledger.sqlite*")]
    assert not any(b"very.private" in one or b"482913" in one for one in files)


def test_a_temporary_no_is_tried_again_later(ours: Office, handler: Handler) -> None:
    """After a 451 the letter waits its time and then goes."""
    ours.put()
    handler.rcpt = "451 try later"
    assert ours.send().later == 1
    handler.rcpt = ""
    assert ours.send().sent == 0
    ours.later(minutes=6)
    assert ours.send().sent == 1
    assert [entry["body"].get("attempts") for entry in ours.log()] == [None, 2]


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_final_no_ends_it_with_the_code_alone(ours: Office, handler: Handler, where: str) -> None:
    """A 550 marks the letter bounced; evidence has the number and not what the server said."""
    ours.put()
    setattr(handler, where, "550 no such user anna@example.org")
    assert ours.send().bounced == 1
    assert ours.states() == ["bounced"]
    assert ours.log()[-1]["body"] == {"letter": "letter:1", "code": 550, "reason": "refused"}


def test_it_is_given_up_after_four_days(ours: Office, handler: Handler) -> None:
    """A server that only ever says later gets the letter some twenty times, and then no more."""
    ours.put()
    handler.data = "452 full"
    rounds = 0
    while ours.states() == ["waiting"]:
        ours.send()
        ours.later(hours=4)
        rounds += 1
    assert ours.states() == ["failed"]
    assert 20 <= rounds <= 30
    assert ours.log()[-1]["body"] == {"letter": "letter:1", "code": 452, "reason": "given-up"}


def test_one_refusal_does_not_keep_others_back(ours: Office, handler: Handler) -> None:
    """Letters after a refused one go in the same round."""
    for number in range(3):
        ours.put(f"n{number}@example.org")
    refuse_first = iter(["550 no", "", ""])
    taken = handler.handle_RCPT

    async def rcpt(*args: object) -> str:
        handler.rcpt = next(refuse_first)
        return await taken(*args)  # type: ignore[arg-type]

    handler.handle_RCPT = rcpt  # type: ignore[method-assign]
    done = ours.send()
    assert (done.sent, done.bounced) == (2, 1)


def test_a_server_that_is_down_loses_nothing(tmp_path: Path) -> None:
    """The command says so, and the letter waits without an attempt counted."""
    ours = office(tmp_path)
    ours.smtp = address(free_port())
    ours.put()
    with pytest.raises(StoreError, match="cannot be reached"):
        ours.send()
    [letter] = post.listed(ours.folder, {}, ours.clock)
    assert (letter.state, letter.attempts) == ("waiting", 0)


def test_without_a_server_letters_wait(tmp_path: Path) -> None:
    """TROTH_SMTP missing is said when there is something to send, and only then."""
    ours = office(tmp_path)
    assert ours.send().sent == 0
    ours.put()
    with pytest.raises(BadInput) as bad:
        ours.send()
    assert "TROTH_SMTP is not set" in bad.value.problems[0].message


def test_a_login_that_is_wrong_is_our_own_trouble(ours: Office) -> None:
    """The message tells what is wrong and shows neither user nor password."""
    ours.put()
    ours.smtp = ours.smtp.replace("smtp://", "smtp://ann:secret@")
    with pytest.raises(StoreError) as wrong:
        ours.send()
    assert "secret" not in wrong.value.message + wrong.value.hint
    assert ours.states() == ["waiting"]


def test_encryption_is_asked_for_unless_switched_off(ours: Office) -> None:
    """A server without STARTTLS gets nothing."""
    ours.put()
    ours.smtp = ours.smtp.replace("starttls=no&", "")
    with pytest.raises(StoreError, match="STARTTLS"):
        ours.send()
    assert ours.states() == ["waiting"]


@pytest.mark.parametrize(
    ("to", "sent_to"),
    [
        ("zoë@example.org", "zoë@example.org"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("o'neil+troth@example.org", "o'neil+troth@example.org"),
    ],
)
def test_addresses_beyond_ascii_arrive(ours: Office, handler: Handler, to: str, sent_to: str) -> None:
    """Domains go in their IDNA form, names before the @ by SMTPUTF8."""
    ours.put(to)
    assert ours.send().sent == 1
    assert handler.mails[0].rcpt_tos == [sent_to]


def test_a_server_without_smtputf8_is_said(tmp_path: Path, handler: Handler) -> None:
    """Such a letter comes back at once, with the reason."""
    ours = office(tmp_path / "office")
    with mail_server(handler, enable_SMTPUTF8=False) as ours.smtp:
        ours.put("zoë@example.org")
        assert ours.send().bounced == 1
    assert ours.log()[-1]["body"]["reason"] == "smtputf8-missing"


def test_a_code_that_has_run_out_is_not_sent(ours: Office, handler: Handler) -> None:
    """What is of no use any more is given up instead."""
    ours.put(until=AT)
    ours.later(minutes=1)
    assert ours.send().failed == 1
    assert handler.mails == []
    assert ours.log()[-1]["body"]["reason"] == "too-late"


SEND = """
import os, sys
from datetime import datetime
from pathlib import Path
from troth.app import post
from troth.app.clock import Clock
at = datetime.fromisoformat(sys.argv[2])
post.send(Path(sys.argv[1]), os.environ, Clock(now=lambda: at, test=True))
"""


def test_killed_with_the_letter_handed_over_it_goes_twice_and_says_so(ours: Office, handler: Handler) -> None:
    """The server has the mail, the sender dies before it can note so: the next sends it again, marked."""
    ours.put()
    command = [sys.executable, "-c", SEND, str(ours.folder), ours.now.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(SRC), "TROTH_SMTP": ours.smtp}
    process = subprocess.Popen(command, env=environment)
    handler.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    handler.on_data = lambda: None
    assert ours.states() == ["sending"]
    assert ours.send().sent == 0
    ours.later(minutes=11)
    done = ours.send()
    assert (done.sent, done.again) == (1, 1)
    assert ours.log()[-1]["body"]["again"] is True
    ids = {message_from_bytes(envelope.content)["Message-ID"] for envelope in handler.mails}
    assert (len(handler.mails), len(ids)) == (2, 1)


def test_two_senders_at_once_send_a_letter_once(ours: Office, handler: Handler) -> None:
    """Whoever takes a letter in hand first sends it; the other leaves it."""
    ours.put()
    book = ours.ledger()
    [seen] = book.outbox.due(ours.now, limit=5)
    assert book.outbox.claim(seen, lease=ours.now) is not None
    assert book.outbox.claim(seen, lease=ours.now) is None
    book.close()


def notice(message_id: str, action: str = "failed") -> str:
    """Write a notice as mail servers do (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.example.org
To: datenschutz@kraemer.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry to tell you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; anna@example.org
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <anna@example.org>: no such user

--b
Content-Type: text/rfc822-headers

From: datenschutz@kraemer.example
Message-ID: {message_id}
Subject: Your code

--b--
"""


def sent_id(ours: Office, handler: Handler) -> str:
    """Send one letter and return its Message-ID."""
    ours.put(case=3)
    ours.send()
    return str(message_from_bytes(handler.mails[-1].content)["Message-ID"])


def test_a_mail_that_comes_back_marks_its_letter(ours: Office, handler: Handler) -> None:
    """A notice in a file is read; the letter is bounced with the code; reading it twice changes nothing."""
    file = ours.folder / "back.eml"
    file.write_text(notice(sent_id(ours, handler)))
    for _ in range(2):
        [found] = post.bounced(file, ours.folder, {}, ours.clock, by="Test")
        assert found.letter is not None
        assert (found.letter.id, found.letter.case, found.letter.code) == (1, 3, 550)
    bounces = [entry["body"] for entry in ours.log() if entry["kind"] == "letter.bounced"]
    assert bounces == [
        {"letter": "letter:1", "case": "case:3", "code": 550, "reason": "returned", "by": "staff:1"}
    ]


def test_a_maildir_is_read_mail_by_mail(ours: Office, handler: Handler) -> None:
    """Delays, mails of others and plain mails change nothing."""
    ours_id = sent_id(ours, handler)
    for name in ("new", "cur", "tmp"):
        (ours.folder / "back" / name).mkdir(parents=True)
    (ours.folder / "back/new/1").write_text(notice(ours_id, "delayed"))
    (ours.folder / "back/new/2").write_text(notice(f"<{'0' * 32}@kraemer.example>"))
    (ours.folder / "back/cur/3:2,S").write_bytes(b"Subject: Hello\n\n\xff\xfe lunch?\n")
    found = post.bounced(ours.folder / "back", ours.folder, {}, ours.clock, by="Test")
    assert [(one.action, one.letter) for one in found] == [("delayed", None), ("failed", None), ("", None)]
    assert ours.states() == ["sent"]


def test_a_letter_is_forgotten_some_time_after_it_went(ours: Office) -> None:
    """Thirty days on the content is gone, and the row still says what became of it."""
    ours.put()
    ours.send()
    ours.later(days=20)
    assert ours.send().forgotten == 0
    ours.later(days=12)
    assert ours.send().forgotten == 1
    book = ours.ledger()
    with pytest.raises(Refused, match="destroyed"):
        book.outbox.open(1)
    book.close()
    assert ours.states() == ["sent"]


def test_a_letter_for_the_post_is_printed(ours: Office) -> None:
    """It makes a PDF for its owner's eyes, is marked printed, and is not mailed."""
    ours.put("Zoë Łukasz\n7 Rue Émile\n75011 Paris", channel="post")
    assert ours.send().to_print == 1
    out = ours.folder / "letter.pdf"
    assert post.print_pdf(1, out, ours.folder, {}, ours.clock, by="Test")
    assert out.read_bytes().startswith(b"%PDF-1.")
    assert out.stat().st_mode & 0o077 == 0
    assert ours.states() == ["printed"]
    with pytest.raises(Refused, match="there already"):
        post.print_pdf(1, out, ours.folder, {}, ours.clock, by="Test")


def test_only_what_waits_is_cancelled(ours: Office, handler: Handler) -> None:
    """A letter taken back does not go; one that has gone stays."""
    ours.put()
    ours.put()
    post.cancel(1, ours.folder, {}, ours.clock, by="Test")
    assert ours.send().sent == 1
    assert ours.states() == ["cancelled", "sent"]
    with pytest.raises(Refused, match="it is sent"):
        post.cancel(2, ours.folder, {}, ours.clock, by="Test")


@pytest.mark.parametrize(
    "to", ["", "anna", "a@b\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>"]
)
def test_an_address_that_is_none_never_gets_in(ours: Office, to: str) -> None:
    """One address and nothing else; what was given is not shown."""
    with pytest.raises(BadInput) as bad:
        ours.put(to)
    assert "Bcc" not in repr(bad.value.problems)
