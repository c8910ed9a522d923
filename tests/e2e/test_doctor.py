"""`troth doctor` on installations with one thing wrong each: it is named, with what to do, and nothing is changed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from db import servers
from db.mailboxes import Maildir
from db.mailing import PROJECT, Handler, mail_server
from e2e.test_ledger_copies import Desk
from troth.app.doctor import posting
from troth.letters import signing
from unit.letters.test_signing import pem

DATAMAP = """\
datamap: 1
stores: {app: {url: "${APP_DB}", located: DE}}
subjects: {customer: {dataset: app.customers, key: id}}
datasets:
  app.customers: {fields: {contact: [email]}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a project with a store, a ledger that worked once, and nothing wrong."""
    folder = tmp_path / "office"
    folder.mkdir()
    head = PROJECT.replace("contacts:", "laws: [eu-gdpr]\n  contacts:")
    text = head + "categories: {contact: {}}\n" + DATAMAP.partition("\n")[2]
    (folder / "troth.yaml").write_text(text, encoding="utf-8")
    with sqlite3.connect(folder / "app.sqlite") as store:
        store.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT)")
    made = Desk(folder, {"APP_DB": f"sqlite:///{folder / 'app.sqlite'}"})
    made.troth("outbox", "list")
    return made


def examine(desk: Desk, code: int = 0) -> dict[tuple[str, str], str]:
    """Return what the doctor says, by part and state; several of one part stand together."""
    found: dict[tuple[str, str], str] = {}
    for one in json.loads(desk.troth("doctor", "--format", "json", code=code)):
        key = (one["part"], one["state"])
        found[key] = f"{found.get(key, '')}{one['says']} {one['to_do']} "
        assert one["state"] == "good" or one["to_do"], one
    return found


def test_a_broken_database_of_jobs_is_named(desk: Desk) -> None:
    """Where jobs are kept something else lies: it is said, with what to do; an empty file is none yet."""
    jobs = desk.folder / ".troth" / "jobs.sqlite"
    jobs.write_bytes(b"")
    assert ("worker", "wrong") not in examine(desk)
    jobs.write_text("garbage that is no database")
    assert "move the file away" in examine(desk, 6)["worker", "wrong"]


def test_nothing_wrong_leaves_with_0(desk: Desk) -> None:
    """Every part is looked at; what is not set up is a note."""
    found = examine(desk)
    assert {part for part, _ in found} >= {
        "project",
        "clock",
        "ledger",
        "keys",
        "store app",
        "packages",
        "disk",
    }
    assert not [part for part, state in found if state == "wrong"]
    assert ("mail out", "note") in found
    assert "Nothing is wrong." in desk.troth("doctor")


def test_it_says_who_gets_the_numbers(desk: Desk) -> None:
    """Without a token this machine alone; one that can be guessed is wrong, and is not shown."""
    assert "nobody behind a proxy" in examine(desk)["numbers", "note"]
    desk.environment["TROTH_METRICS_TOKEN"] = "hunter2"
    found = examine(desk, 2)
    assert "has 7 characters" in found["numbers", "wrong"]
    assert "hunter2" not in str(found)
    desk.environment["TROTH_METRICS_TOKEN"] = "0123456789abcdef"
    assert ("numbers", "good") in examine(desk)


def test_everything_wrong_is_said_at_once(desk: Desk) -> None:
    """A fault in the files hides no other fault; the worst gives the exit code, and secrets stay secret."""
    (desk.folder / "troth.yaml").write_text(PROJECT + "retention: {x: {for: never}}\n", encoding="utf-8")
    (desk.folder / ".troth" / "keys" / "signing.key").chmod(0o644)
    desk.environment |= {
        "TROTH_MAILBOX": "imaps://ann:hunter2@127.0.0.1:1/INBOX",
        "TROTH_SMTP": "smtp://x:hunter2@",
    }
    said = desk.troth("doctor", code=3)
    assert "chmod 600" in said
    assert "cannot be reached" in said
    assert said.count("WRONG") >= 3
    assert "hunter2" not in said


def test_a_store_that_is_away(desk: Desk) -> None:
    """Named, with what to do."""
    desk.environment["APP_DB"] = "postgresql://a:hunter2@127.0.0.1:1/x"
    assert "hunter2" not in str(found := examine(desk, 3))
    assert ("store app", "wrong") in found


@pytest.mark.parametrize("name", ["signing.key", "tombstones.key", "commitments.key"])
def test_a_key_that_is_missing(desk: Desk, name: str) -> None:
    """That is damage: code 6."""
    (desk.folder / ".troth" / "keys" / name).unlink()
    wrong = [says for (_, state), says in examine(desk, 6).items() if state == "wrong"]
    assert any(name in says and "backup" in says for says in wrong)


def test_a_ledger_that_is_not_there_is_not_made(desk: Desk) -> None:
    """Looking makes nothing."""
    for path in (desk.folder / ".troth").glob("ledger.sqlite*"):
        path.unlink()
    assert "none yet" in examine(desk)["ledger", "note"]
    assert not list((desk.folder / ".troth").glob("ledger.sqlite*"))


def test_a_ledger_that_was_changed_behind_our_back(desk: Desk) -> None:
    """An entry that is gone is seen."""
    with sqlite3.connect(desk.folder / ".troth" / "ledger.sqlite") as ledger:
        ledger.execute("DELETE FROM troth_evidence WHERE rowid = (SELECT max(rowid) FROM troth_evidence)")
    assert ("ledger", "wrong") in examine(desk, 6)


def test_a_ledger_of_a_newer_version(desk: Desk) -> None:
    """It is left alone."""
    with sqlite3.connect(desk.folder / ".troth" / "ledger.sqlite") as ledger:
        ledger.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '9999_x', '2026-01-01')"
        )
    assert "newer" in examine(desk, 5)["ledger", "wrong"]


def test_files_that_others_can_reach(desk: Desk) -> None:
    """Modes that are too open are a note of their own."""
    (desk.folder / ".troth" / "ledger.sqlite").chmod(0o644)
    assert "chmod 600" in examine(desk)["ledger", "note"]
    assert (desk.folder / ".troth" / "ledger.sqlite").stat().st_mode & 0o777 in (0o600, 0o644)


def test_copies_are_missed_and_found(desk: Desk) -> None:
    """A copy that is registered is seen."""
    assert "No copy" in examine(desk)["copies", "note"]
    desk.troth("ledger", "backup", str(desk.folder / "copy"), "--by", "Sam")
    assert ("copies", "good") in examine(desk)


def test_letters_that_wait_without_a_mail_server(desk: Desk) -> None:
    """Without letters it is a note, with letters it is wrong."""
    identity = ("--identity", "email:anna@example.org", "--reply-to", "anna@example.org")
    desk.troth("request", "open", "access", *identity, "--by", "Sam")
    assert "letters wait" in examine(desk, 2)["mail out", "wrong"]
    with mail_server(Handler()) as desk.environment["TROTH_SMTP"]:
        assert ("mail out", "good") in examine(desk)


def test_the_mailbox_is_opened_and_nothing_taken(desk: Desk, tmp_path: Path) -> None:
    """What waits in it stays."""
    box = Maildir.make(tmp_path / "box")
    box.deliver(b"From: a@b.example\n\nhi")
    desk.environment["TROTH_MAILBOX"] = box.address
    assert "messages wait" in examine(desk)["mail in", "good"]
    assert len(box.left()) == 1


def test_a_role_that_may_too_much_or_too_little(desk: Desk, postgres: servers.Server, pg_url: str) -> None:
    """A superuser is a note; a table that cannot be read is wrong, and the command that mends it is named."""
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as connection:
        connection.execute("CREATE TABLE customers (id integer PRIMARY KEY, email text)")
        connection.execute("DROP ROLE IF EXISTS looker")
        connection.execute("CREATE ROLE looker LOGIN PASSWORD 'x'")
    desk.environment["APP_DB"] = pg_url
    assert "superuser" in examine(desk)["store app", "note"]
    desk.environment["APP_DB"] = postgres.url(name, user="looker", password="x")
    assert "may not read customers" in examine(desk, 3)["store app", "wrong"]
    with postgres.admin(name) as connection:
        connection.execute("GRANT SELECT ON customers TO looker")
        found = examine(desk)
        assert "good for looking only" in found["store app", "note"]
        assert "troth grants app" in found["store app", "note"]
        connection.execute("DROP OWNED BY looker")
        connection.execute("DROP ROLE looker")


def test_the_signature_is_held_against_the_dns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record to publish is shown; another one under its name is wrong; the right one is good."""
    by = signing.signer(pem(), selector="troth2026", domain="kraemer.example")
    answers: list[str] = []
    monkeypatch.setattr(posting, "_asked", lambda name: answers)
    assert by.record in next(iter(posting._published(by))).to_do
    answers[:] = ["v=DKIM1; k=rsa; p=AAAA"]
    assert next(iter(posting._published(by))).state == "wrong"
    answers[:] = [by.record.replace("p=", "p= ").replace("MIIB", "MI IB")]
    assert next(iter(posting._published(by))).state == "good"


def test_a_key_for_signing_that_is_open(desk: Desk) -> None:
    """A guard: code 5."""
    key: Any = desk.folder / "dkim.pem"
    key.write_bytes(pem("ed25519"))
    key.chmod(0o644)
    desk.environment |= {signing.KEY: str(key), signing.SELECTOR: "s"}
    assert "chmod 600" in examine(desk, 5)["signing", "wrong"]


def test_a_clock_that_went_wild(desk: Desk) -> None:
    """Entries from the future, and a day that cannot be."""
    desk.environment["TROTH_TEST_CLOCK"] = "2031-01-01T00:00:00Z"
    desk.troth("evidence", "checkpoint")
    desk.troth("request", "open", "access", "--identity", "email:a@example.org", "--by", "Sam")
    desk.environment["TROTH_TEST_CLOCK"] = "2026-03-02T09:00:00Z"
    assert "future" in examine(desk, 3)["clock", "wrong"]


def test_no_project_at_all(tmp_path: Path) -> None:
    """It says where it looked, once, and makes nothing."""
    said = Desk(tmp_path).troth("doctor", code=2)
    assert said.count("troth.yaml does not exist") == 1
    assert list(tmp_path.iterdir()) == []
