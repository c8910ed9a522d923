"""Encrypted archives: what is sealed opens, what is shredded does not, and an erasure reaches them."""

from __future__ import annotations

import secrets
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.restoring import Story
from troth.app import archives, backups, ledgers
from troth.app.backups import Session
from troth.app.clock import Clock
from troth.backups import archive
from troth.backups.archive import Part
from troth.errors import Damaged, Refused
from troth.problems import BadInput

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Work on a small project."""
    story = Story.begin(tmp_path / "shop", None)
    clock = Clock(now=lambda: NOW, test=True)
    return Session(folder=story.folder, environment=story.environment, clock=clock, by="tester")


@pytest.fixture
def sealed(session: Session) -> Path:
    """Seal files of two people, one of whom has two."""
    for name in ("a", "b", "c"):
        (session.folder / f"{name}.txt").write_text(f"text of {name}")
    people = session.folder / "people.txt"
    people.write_text("# who\ncustomer/2  a.txt\ncustomer/3  b.txt\n\ncustomer/2  c.txt\n")
    archives.seal(session, people, session.folder / "one.archive")
    return session.folder / "one.archive"


def test_what_is_sealed_opens(session: Session, sealed: Path) -> None:
    """Each person's parts, in order; nothing of them stands in the file in clear."""
    assert b"".join(archives.read(session, sealed, "customer/2")) == b"text of atext of c"
    assert b"".join(archives.read(session, sealed, "customer/3")) == b"text of b"
    assert b"text of" not in sealed.read_bytes() and b"customer" not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o077 == 0


def test_what_is_shredded_is_beyond_use(session: Session, sealed: Path) -> None:
    """One person's parts cannot be read, the other's can; a second time there is nothing to do."""
    assert archives.shred(session, ["customer/2"]).parts == 2
    with pytest.raises(Refused, match="beyond use"):
        b"".join(archives.read(session, sealed, "customer/2"))
    assert b"".join(archives.read(session, sealed, "customer/3")) == b"text of b"
    assert archives.shred(session, ["customer/2"]).parts == 0


def test_a_copy_of_the_ledger_may_hold_the_key_still(session: Session, sealed: Path) -> None:
    """Until the last registered copy is gone, the day is told."""
    backups.add(session, "ledger", "2026-05-20", "safe", "2026-09-01")
    assert str(archives.shred(session, ["customer/2"]).last_copy) == "last copy gone by 2026-09-01"


def test_an_erasure_reaches_archives(session: Session, sealed: Path) -> None:
    """Whoever is erased cannot be read there any more."""
    story = Story(folder=session.folder, url=session.environment["APP_DB"])
    story.erase("customer/2")
    with pytest.raises(Refused, match="beyond use"):
        b"".join(archives.read(session, sealed, "customer/2"))
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        assert [w.wrapped is None for w in ledger.key_wraps.read()] == [True, False, True]


def test_nobody_elses_key_opens_a_part(session: Session, sealed: Path) -> None:
    """A person without parts, and a file that is no archive, are refused."""
    for path, person in ((sealed, "customer/4"), (session.folder / "people.txt", "customer/2")):
        with pytest.raises(Refused):
            b"".join(archives.read(session, path, person))


def test_every_bad_line_of_a_list_is_told(session: Session) -> None:
    """By line, without its value; nothing is written."""
    people = session.folder / "people.txt"
    people.write_text("customer/2 missing.txt\nnobody\nlead/3 people.txt\n")
    with pytest.raises(BadInput) as bad:
        archives.seal(session, people, session.folder / "one.archive")
    assert len(bad.value.problems) == 3
    assert not (session.folder / "one.archive").exists()


def test_an_archive_is_never_written_over(session: Session, sealed: Path) -> None:
    """Its keys would be lost."""
    with pytest.raises(Refused, match="exists"):
        archives.seal(session, session.folder / "people.txt", sealed)


@pytest.mark.parametrize(
    "size", [0, 1, archive.PIECE - 1, archive.PIECE, archive.PIECE + 1, 3 * archive.PIECE]
)
def test_every_size_comes_back(tmp_path: Path, size: int) -> None:
    """Nothing, one piece to the byte, and several."""
    source, target, key = tmp_path / "plain", tmp_path / "archive", secrets.token_bytes(32)
    source.write_bytes(secrets.token_bytes(size))
    with target.open("wb") as file:
        archive.write(file, "0a" * 8, [Part(member=1, key=key, source=source)])
    assert b"".join(archive.read(target, 1, key)) == source.read_bytes()


@pytest.mark.parametrize("change", ["flip", "cut", "swap"])
def test_any_change_is_found(tmp_path: Path, change: str) -> None:
    """A changed byte, a missing last piece, and pieces in another order."""
    source, target, key = tmp_path / "plain", tmp_path / "archive", secrets.token_bytes(32)
    source.write_bytes(secrets.token_bytes(2 * archive.PIECE + 9))
    with target.open("wb") as file:
        archive.write(file, "0a" * 8, [Part(member=1, key=key, source=source)])
    with zipfile.ZipFile(target) as whole:
        listing, data = whole.read(archive.NAME), whole.read("members/1")
    piece = archive.PIECE + archive.TAG
    changed = {
        "flip": data[:5] + bytes([data[5] ^ 1]) + data[6:],
        "cut": data[: 2 * piece],
        "swap": data[piece : 2 * piece] + data[:piece] + data[2 * piece :],
    }[change]
    with zipfile.ZipFile(target, "w") as other:
        other.writestr(archive.NAME, listing)
        other.writestr("members/1", changed)
    with pytest.raises(Damaged):
        b"".join(archive.read(target, 1, key))
