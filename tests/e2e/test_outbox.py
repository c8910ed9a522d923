"""The outbox by the installed command: a request's letter goes, comes back, is printed; nothing personal is said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import pytest

from db.mailing import PROJECT, Handler, mail_server
from db.test_outbox import notice
from e2e import inside

SRC = Path(__file__).parents[2] / "src"
DAY = "2026-03-02T09:00:00Z"
ANNA = ("--name", "Anna Vogel", "--reply-to", "anna.vogel@example.org", "--residence", "DE")


@dataclass
class Desk:
    """A project, a mail server, and the command."""

    folder: Path
    handler: Handler
    environment: dict[str, str] = field(default_factory=dict)

    def troth(self, *words: str, code: int = 0) -> str:
        """Give a command and return all it said."""
        environment = {**os.environ, "TROTH_TEST_CLOCK": DAY, **self.environment}
        done = inside.give(words, self.folder, environment)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    def outbox(self, *words: str) -> list[dict[str, object]]:
        """Return the list as JSON."""
        listed: list[dict[str, object]] = json.loads(self.troth("outbox", "list", "--format", "json", *words))
        return listed


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a project that claims the GDPR, with a request of Anna's."""
    (tmp_path / "troth.yaml").write_text(
        PROJECT.replace("contacts:", "laws: [eu-gdpr]\n  contacts:"), encoding="utf-8"
    )
    made = Desk(tmp_path, Handler())
    with mail_server(made.handler) as made.environment["TROTH_SMTP"]:
        made.troth(
            "request", "open", "access", "--identity", "email:anna.vogel@example.org", *ANNA, "--by", "Sam"
        )
        yield made


def test_a_letter_of_a_request_goes_out(desk: Desk) -> None:
    """Listed, sent once, then listed with all that has gone; no list and no evidence knows the address."""
    [waiting] = desk.outbox("--case", "1")
    assert (waiting["state"], waiting["kind"], waiting["case"]) == ("waiting", "acknowledgement", 1)
    assert "Sent: 1." in desk.troth("outbox", "send")
    assert "No letter was sent." in desk.troth("outbox", "send")
    assert "No letter waits." in desk.troth("outbox", "list")
    assert [one["state"] for one in desk.outbox("--all")] == ["sent"]
    said = desk.troth("outbox", "list", "--all") + desk.troth("evidence", "list")
    assert "letter.sent" in said
    assert "vogel" not in said.lower()
    assert b"Anna Vogel" in message_from_bytes(desk.handler.mails[0].content).get_payload(0).get_payload(
        decode=True
    )


@pytest.mark.parametrize("how", ["refused", "returned"])
def test_a_letter_that_does_not_arrive_is_said_in_its_request(desk: Desk, how: str) -> None:
    """Refused at once or come back later: the request shows it, once, and asks for another way."""
    desk.handler.rcpt = "550 unknown" if how == "refused" else ""
    said = desk.troth("outbox", "send", code=1 if how == "refused" else 0)
    if how == "returned":
        message_id = str(message_from_bytes(desk.handler.mails[0].content)["Message-ID"])
        (desk.folder / "back.eml").write_text(notice(message_id))
        said += desk.troth("outbox", "bounce", "back.eml", "--by", "Sam")
        said += desk.troth("outbox", "bounce", "back.eml", "--by", "Sam")
        assert "letter 1 of case 1 came back" in said
    shown = json.loads(desk.troth("request", "show", "1", "--format", "json"))
    assert [one["event"] for one in shown["events"]] == ["received", "acknowledged", "bounced"]
    assert "came back" in desk.troth("request", "show", "1")
    assert "vogel" not in (said + desk.troth("outbox", "list")).lower()


def test_a_letter_that_came_back_is_printed(desk: Desk) -> None:
    """It is a PDF then, and no longer something to see to."""
    desk.handler.rcpt = "550 unknown"
    desk.troth("outbox", "send", code=1)
    assert "Put it in the post." in desk.troth("outbox", "print", "1", "--out", "letter.pdf", "--by", "Sam")
    assert (desk.folder / "letter.pdf").read_bytes().startswith(b"%PDF")
    assert desk.outbox() == []
    assert "there already" in desk.troth("outbox", "print", "1", "--out", "letter.pdf", "--by", "Sam", code=5)


def test_what_cannot_be_is_said(desk: Desk) -> None:
    """A letter nobody knows, one that goes by mail, a mail that is no notice, a file that is not there."""
    assert "no letter 9" in desk.troth("outbox", "cancel", "9", "--by", "Sam", code=2)
    assert "not one to print" in desk.troth("outbox", "print", "1", "--out", "x.pdf", "--by", "Sam", code=5)
    (desk.folder / "lunch.eml").write_text("Subject: lunch?\n\nToday?\n")
    assert "no notice" in desk.troth("outbox", "bounce", "lunch.eml", code=1)
    assert "cannot be read" in desk.troth("outbox", "bounce", "nowhere.eml", code=2)
    assert "cancelled" in desk.troth("outbox", "cancel", "1", "--by", "Sam")
    assert "it is cancelled" in desk.troth("outbox", "cancel", "1", "--by", "Sam", code=5)


def test_without_a_server_it_is_said_how_to_name_one(desk: Desk) -> None:
    """Not set, wrong, or down: three answers, and the letter waits."""
    del desk.environment["TROTH_SMTP"]
    assert "TROTH_SMTP is not set" in desk.troth("outbox", "send", code=2)
    desk.environment["TROTH_SMTP"] = "smtp://ann:secret@:25"
    wrong = desk.troth("outbox", "send", code=2)
    assert "no address of a mail server" in wrong
    desk.environment["TROTH_SMTP"] = "smtp://ann:secret@127.0.0.1:1?starttls=no"
    down = desk.troth("outbox", "send", code=3)
    assert "cannot be reached" in down
    assert "secret" not in wrong + down
    assert [one["state"] for one in desk.outbox()] == ["waiting"]
