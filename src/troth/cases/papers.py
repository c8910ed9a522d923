"""Papers given as proof of identity: each encrypted under a key of its own, kept out of backups, gone with success.

The file lies in `.troth/papers`, marked with CACHEDIR.TAG (bford.info/cachedir) so that backup programs leave it out;
its key stands sealed in the ledger. Destroying the key is part of the step that proves identity; the file, which
nothing opens any more, is removed after it, and by the next run when this one was killed in between.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.cases import register
from troth.cases.case import Case
from troth.cases.register import Happened
from troth.errors import Damaged, Refused
from troth.evidence.entry import Entry
from troth.problems import BadInput, Problem

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger
    from troth.ledger.papers import PaperRecord

FOLDER = "papers"
TAG = "CACHEDIR.TAG"
SIGNATURE = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Encrypted papers of people who proved who they are. Leave this folder out of backups: each file has to be\n"
    "# gone for good within days.\n"
)
TERM = timedelta(days=30)
"""After which a paper goes, whatever came of it."""
AFTER_FAILURE = timedelta(days=14)
"""After which it goes once proof has failed: long enough to ask what was wrong with it."""
YOUNG = timedelta(days=1)
"""A file younger than this may be waiting for its key to be kept."""
LARGEST = 20_000_000
"""Bytes of one paper."""
KEY_BITS = 256
NONCE = 12
NAME = 16
"""Random bytes in the name of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where papers of a project lie."""

    home: Path
    """The project's `.troth` folder."""

    @property
    def folder(self) -> Path:
        """The folder of the files."""
        return self.home / FOLDER

    def file(self, name: str) -> Path:
        """Return where a paper's file is."""
        return self.folder / f"{name}.paper"

    def put(self, name: str, data: bytes) -> None:
        """Write a file that only we may read, and be sure that it is on the disk."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tag = self.folder / TAG
        if not tag.exists():
            tag.write_text(SIGNATURE, encoding="ascii")
        handle = os.open(self.file(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    def names(self) -> frozenset[str]:
        """Return the names of the files that are there."""
        return frozenset(path.stem for path in self.folder.glob("*.paper"))


def keep(ledger: Ledger, shelf: Shelf, case: Case, data: bytes, *, by: int, now: datetime) -> PaperRecord:
    """Encrypt a paper under a key of its own and keep it for a case.

    Raises:
        BadInput: it is empty or too large.
    """
    if not data or len(data) > LARGEST:
        message = f"A paper has 1 to {LARGEST:,} bytes; this one has {len(data):,}."
        raise BadInput([Problem(code="bad-proof", message=message, hint="Give one document as one file.")])
    from troth.ledger.papers import NewPaper

    name, key, nonce = secrets.token_hex(NAME), AESGCM.generate_key(KEY_BITS), secrets.token_bytes(NONCE)
    # The file first: without its row it is a file that nothing opens, and `orphans` removes it.
    shelf.put(name, nonce + AESGCM(key).encrypt(nonce, data, name.encode()))
    due = (now + TERM).date()
    with ledger.writing():
        new = NewPaper(case=case.id, name=name, key=key, size=len(data), due=due)
        id = ledger.papers.keep(new, at=now, by=by)
        body = {"paper": f"paper:{id}", "case": case.reference, "due": due.isoformat(), "by": f"staff:{by}"}
        ledger.append(Entry(kind="paper.kept", at=now, body=body))
        kept = ledger.papers.one(id)
    assert kept is not None
    return kept


def read(
    ledger: Ledger, shelf: Shelf, case: Case, id: int, because: str, *, by: int, now: datetime
) -> tuple[bytes, Case]:
    """Return a paper's content, and the case with a note of who read it and why.

    Raises:
        Refused: no reason is given, the case has no such paper, or it is destroyed.
        Damaged: the file was changed or lost.
    """
    if not because.strip():
        raise Refused("A paper is read for a reason.", hint="Say why with --because; it is sealed.")
    if id not in {paper.id for paper in ledger.papers.of(case.id)}:
        raise Refused(f"{case.reference} has no paper:{id}.")
    paper = ledger.papers.one(id)
    assert paper is not None
    with ledger.writing():
        key = ledger.papers.key(id)
        text = {"paper": paper.reference, "because": because.strip()}
        case = register.add(ledger, case, Happened(kind="note", at=now, text=text), by=by, now=now)
        body = {
            "paper": paper.reference,
            "case": case.reference,
            "note": len(case.events),
            "by": f"staff:{by}",
        }
        ledger.append(Entry(kind="paper.read", at=now, body=body))
        return _opened(shelf, paper.name, key), case


def destroy(ledger: Ledger, case: int, why: str, *, by: int, now: datetime) -> tuple[PaperRecord, ...]:
    """Destroy the keys of a case's papers, within the `writing` block of the event it belongs to.

    Call `finish` after that block, which removes the files.

    Args:
        ledger: Where the keys are.
        case: Whose papers.
        why: `proven` or `failed`.
        by: Staff id; 0 for the system.
        now: The clock.
    """
    return _destroyed(ledger, ledger.papers.of(case, standing=True), why, by=by, now=now)


def overdue(ledger: Ledger, *, by: int, now: datetime) -> int:
    """Destroy the keys of papers whose time is over; return how many. Call `finish` and `orphans` after it."""
    with ledger.writing():
        return len(_destroyed(ledger, ledger.papers.overdue(now.date()), "overdue", by=by, now=now))


def failed(ledger: Ledger, case: int, on: date) -> None:
    """Let the papers of a case go soon after proof has failed."""
    ledger.papers.due_by(case, on + AFTER_FAILURE)


def finish(ledger: Ledger, shelf: Shelf) -> int:
    """Remove the files of papers whose key is destroyed; return how many there were.

    Not within a transaction: a file must not go before the destruction of its key is kept.
    """
    left = ledger.papers.left()
    there = [shelf.file(paper.name) for paper in left if shelf.file(paper.name).exists()]
    for path in there:
        path.unlink(missing_ok=True)
    if left:
        ledger.papers.removed([paper.id for paper in left])
    return len(there)


def orphans(ledger: Ledger, shelf: Shelf, now: datetime) -> int:
    """Remove files nobody has a key for: of a run that was killed before it kept the key; return how many.

    Young ones stay, for somebody may be about to keep their key.
    """
    known, before = ledger.papers.names(), (now - YOUNG).timestamp()
    found = [shelf.file(name) for name in shelf.names() - known]
    old = [path for path in found if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _destroyed(
    ledger: Ledger, papers: Sequence[PaperRecord], why: str, *, by: int, now: datetime
) -> tuple[PaperRecord, ...]:
    ledger.papers.destroy([paper.id for paper in papers], at=now, why=why)
    staff = f"staff:{by}" if by else "system"
    ledger.append(
        *(
            Entry(
                kind="paper.destroyed",
                at=now,
                body={"paper": p.reference, "case": f"case:{p.case}", "reason": why, "by": staff},
            )
            for p in papers
        )
    )
    return tuple(papers)


def _opened(shelf: Shelf, name: str, key: bytes) -> bytes:
    try:
        data = shelf.file(name).read_bytes()
        return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], name.encode())
    except (OSError, InvalidTag, ValueError):
        raise Damaged("The file of a paper is not as Troth wrote it, or is lost.") from None
