"""Copies of the ledger, taken while it is in use and put back: what they hold verifies, what they lost is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from db import servers
from db.ledgers import appender
from db.mailing import PROJECT
from e2e import inside

SRC = Path(__file__).parents[2] / "src"
DAY = "2026-03-02T09:00:00Z"


@dataclass
class Desk:
    """A project and the command."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def troth(self, *words: str, code: int = 0) -> str:
        """Give a command and return all it said."""
        environment = {**os.environ, "PYTHONPATH": str(SRC), "TROTH_TEST_CLOCK": DAY, **self.environment}
        done = inside.give(words, self.folder, environment)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    def ask(self, name: str, right: str = "access") -> None:
        """Open a request of somebody."""
        identity = ("--identity", f"email:{name}@example.org", "--name", name)
        self.troth("request", "open", right, *identity, "--by", "Sam")

    def pin(self) -> Path:
        """Keep a checkpoint on another machine, as it were."""
        path = self.folder / f"pin-{len(list(self.folder.glob('pin-*')))}"
        self.troth("evidence", "checkpoint", "--out", str(path))
        return path


@dataclass
class Sqlite:
    """How a SQLite ledger is copied and put back."""

    desk: Desk

    def copy(self) -> Path:
        """Copy the ledger."""
        out = self.desk.folder / "copy.sqlite"
        assert "verified" in self.desk.troth("ledger", "backup", str(out), "--by", "Sam")
        return out

    def restore(self, copy: Path) -> None:
        """Put the copy in the place of the ledger, as the how-to says."""
        ledger = self.desk.folder / ".troth" / "ledger.sqlite"
        for beside in ledger.parent.glob("ledger.sqlite*"):
            beside.unlink()
        shutil.copy(copy, ledger)


@dataclass
class Postgres:
    """How a ledger in PostgreSQL is copied and put back."""

    desk: Desk
    server: servers.Server

    def copy(self) -> Path:
        """Dump the ledger."""
        out = self.desk.folder / "ledger.dump"
        url = self.desk.environment["TROTH_LEDGER"]
        subprocess.run([f"{self.server.bin}/pg_dump", "--format=custom", f"--file={out}", url], check=True)
        return out

    def restore(self, copy: Path) -> None:
        """Make a new database of the dump, and name it."""
        name = self.server.create_database()
        url = self.server.url(name)
        command = [
            f"{self.server.bin}/pg_restore",
            "--exit-on-error",
            "--no-owner",
            f"--dbname={url}",
            str(copy),
        ]
        subprocess.run(command, check=True)
        self.desk.environment["TROTH_LEDGER"] = url


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a project that claims the GDPR."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "troth.yaml").write_text(
        PROJECT.replace("contacts:", "laws: [eu-gdpr]\n  contacts:"), encoding="utf-8"
    )
    return Desk(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def keeper(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Sqlite | Postgres]:
    """Return the project with its ledger on each database, and how that is copied."""
    if request.param == "sqlite":
        yield Sqlite(desk)
        return
    desk.environment["TROTH_LEDGER"] = request.getfixturevalue("pg_url")
    yield Postgres(desk, request.getfixturevalue("postgres"))


def test_a_copy_put_back_holds_what_it_held_and_verifies(keeper: Sqlite | Postgres) -> None:
    """The requests up to the copy are there, the log verifies against what was pinned before, and work goes on."""
    desk = keeper.desk
    desk.ask("anna")
    pinned = desk.pin()
    copy = keeper.copy()
    desk.ask("bert")
    keeper.restore(copy)
    assert "verified" in desk.troth("evidence", "verify", "--since", str(pinned))
    assert "case:2" not in desk.troth("request", "list", "--all")
    desk.ask("carl")
    assert "verified" in desk.troth("evidence", "verify", "--since", str(pinned))


def test_a_log_that_went_on_from_an_older_copy_is_noticed(keeper: Sqlite | Postgres) -> None:
    """A checkpoint kept outside tells that what was signed after the copy is gone, also once the log is longer."""
    desk = keeper.desk
    desk.ask("anna")
    copy = keeper.copy()
    desk.ask("bert")
    pinned = desk.pin()
    keeper.restore(copy)
    desk.troth("evidence", "verify", "--since", str(pinned), code=1)
    for name in ("carl", "dora", "emil"):
        desk.ask(name, "erase")
    assert "verified" in desk.troth("evidence", "verify")  # by itself it looks whole
    desk.troth("evidence", "verify", "--since", str(pinned), code=1)


def test_a_copy_without_its_keys_opens_nothing(desk: Desk) -> None:
    """Keys are not in it: with others, the ledger says so and does nothing."""
    desk.ask("anna")
    copy = Sqlite(desk).copy()
    assert b"anna" not in copy.read_bytes()
    desk.environment |= {"TROTH_LEDGER": f"sqlite:///{copy}", "TROTH_KEYS": str(desk.folder / "others")}
    assert "keys of this ledger are gone" in desk.troth("request", "list", code=6)


def test_a_ledger_is_copied_while_others_write(desk: Desk) -> None:
    """Nobody is held up; the copy is of one moment, whole, private, registered, and never written over."""
    desk.ask("anna")
    home = desk.folder / ".troth"
    writer = appender(f"sqlite:///{home / 'ledger.sqlite'}", home / "keys", 20_000)
    assert writer.stdout is not None
    writer.stdout.readline()
    copy = Sqlite(desk).copy()
    assert writer.poll() is None, "the writer was done before the copy"
    assert copy.stat().st_mode & 0o077 == 0
    assert [one.name for one in desk.folder.glob("*copy*")] == ["copy.sqlite"]
    assert "there already" in desk.troth("ledger", "backup", str(copy), "--by", "Sam", code=5)
    writer.kill()
    writer.wait()
    assert "ledger" in desk.troth("backup", "list")
    desk.environment["TROTH_LEDGER"] = f"sqlite:///{copy}"
    assert "verified" in desk.troth("evidence", "verify")


def test_a_copy_that_cannot_be_made_leaves_nothing(desk: Desk) -> None:
    """No ledger, a folder that is not there, PostgreSQL: each is said."""
    assert "no ledger yet" in desk.troth("ledger", "backup", "x.sqlite", code=5)
    desk.ask("anna")
    assert "cannot be written" in desk.troth("ledger", "backup", "nowhere/x.sqlite", "--by", "Sam", code=3)
    desk.environment["TROTH_LEDGER"] = "postgresql://a:b@127.0.0.1:1/x"
    assert "pg_dump" in desk.troth("ledger", "backup", "x.sqlite", code=5)
    assert not list(desk.folder.glob("*x.sqlite*"))
