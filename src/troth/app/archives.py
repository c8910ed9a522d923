"""Encrypted archives of people's files: sealed, opened, and shredded by destroying the key of one person's part.

Keys are random, one for each part, and kept in the ledger, sealed with its own; destroying one puts that part beyond
use everywhere the archive was copied to. Copies of the ledger may hold the key still: until the last of them is gone
the part is *put beyond use*, not erased.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.app import burying, ledgers, shredding
from troth.app import project as projects
from troth.app.backups import OWN, Session
from troth.backups import archive as archives
from troth.backups.archive import Part
from troth.backups.gone import LastCopy
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.ledger.records import WrapRecord
from troth.problems import BadInput, Problem
from troth.spans import Span

KEY = 32
ID = 8
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)/(\S+)\s+(\S.*)")
_PERSON = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)/(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An archive that was made."""

    archive: str
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shredded:
    """What came of shredding."""

    parts: int
    """Parts put beyond use by this call."""
    archives: int
    last_copy: LastCopy
    """Of the keys: copies of the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    person: str
    source: Path


def seal(session: Session, listing: Path, target: Path) -> Sealed:
    """Make an archive of the files a list names, one line for each: `customer/123  path/to/file`.

    Raises:
        BadInput: a line cannot be read, or its file is not there; every one is named.
        Refused: the target exists already.
    """
    at = session.clock.now()
    subjects = projects.load(session.folder, at.date()).datamap.subjects
    lines = list(_lines(listing, tuple(subjects)))
    if target.exists():
        raise Refused(f"{target.name} exists already; an archive is never written over.")
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        archive = secrets.token_hex(ID)
        keys = [secrets.token_bytes(KEY) for _ in lines]
        parts = [
            Part(member=n, key=key, source=line.source)
            for n, (line, key) in enumerate(zip(lines, keys, strict=True), 1)
        ]
        _write(target, archive, parts)
        with ledger.writing():
            ledger.key_wraps.add(
                WrapRecord(
                    archive=archive,
                    member=part.member,
                    subject=ledger.sealing.digest(line.person, use=shredding.USE),
                    wrapped=ledger.sealing.seal(part.key, place=_place(archive, part.member)),
                    made_at=at,
                )
                for part, line in zip(parts, lines, strict=True)
            )
            staff = ledger.staff.identify(session.by, at=at)
            body = {"archive": f"archive:{archive}", "people": len({line.person for line in lines})}
            ledger.append(Entry(kind="archive.made", at=at, body={**body, "by": f"staff:{staff}"}))
    return Sealed(archive=archive, parts=len(parts))


def read(session: Session, path: Path, person: str) -> Iterator[bytes]:
    """Yield the plain text of a person's parts of an archive, one after the other.

    Raises:
        Refused: the archive has nothing of them, or their key was destroyed.
    """
    archive = archives.name(path)
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        wraps = [w for w in shredding.wraps(ledger, person) if w.archive == archive]
        if not wraps:
            raise Refused("This ledger has no key of that person for this archive.")
        for wrap in wraps:
            if wrap.wrapped is None:
                when = f" on {wrap.destroyed_at:%Y-%m-%d}" if wrap.destroyed_at else ""
                raise Refused(f"Part {wrap.member} was put beyond use{when}: its key was destroyed.")
            key = ledger.sealing.open(wrap.wrapped, place=_place(archive, wrap.member))
            yield from archives.read(path, wrap.member, key)


def shred(session: Session, people: Sequence[str]) -> Shredded:
    """Destroy the keys of some people in every archive.

    Raises:
        BadInput: a person is not named as `customer/123`.
    """
    at = session.clock.now()
    if bad := [n for n, person in enumerate(people, 1) if not _PERSON.fullmatch(person)]:
        raise BadInput([_bad("<arguments>", n, "is not written as customer/123") for n in bad])
    policy = projects.load(session.folder, at.date()).policy
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        with ledger.writing():
            wraps = [wrap for person in people for wrap in shredding.wraps(ledger, person)]
            staff = ledger.staff.identify(session.by, at=at)
            done = shredding.destroy(ledger, wraps, by=f"staff:{staff}", at=at)
        last = burying.last_copy(ledger, (OWN,), at, policy)
    return Shredded(parts=len(done), archives=len({w.archive for w in done}), last_copy=last)


def _place(archive: str, member: int) -> str:
    return f"archive/{archive}/{member}"


def _lines(listing: Path, subjects: tuple[str, ...]) -> Iterator[_Line]:
    found, problems = [], []
    for number, line in enumerate(listing.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = _LINE.fullmatch(line.strip())
        source = listing.parent / parts[3] if parts else Path()
        if parts is None or parts[1] not in subjects:
            problems.append(_bad(listing.name, number, "is not written as `customer/123  path`"))
        elif not source.is_file():
            problems.append(_bad(listing.name, number, "names a file that is not there"))
        else:
            found.append(_Line(person=f"{parts[1]}/{parts[2]}", source=source))
    if not found and not problems:
        problems.append(_bad(listing.name, 1, "names nobody"))
    if problems:
        raise BadInput(problems)
    yield from found


def _bad(source: str, line: int, what: str) -> Problem:
    return Problem(
        code="bad-identity",
        message=f"Line {line} {what}.",
        span=Span(f"<{source}>", line),
        valid=("customer/123",),
        hint="Correct it; values are never shown here.",
    )


def _write(target: Path, archive: str, parts: Sequence[Part]) -> None:
    """Write an archive whole or not at all, readable for its owner alone."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            archives.write(file, archive, parts)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
