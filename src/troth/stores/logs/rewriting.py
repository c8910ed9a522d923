"""Change lines of a log: in a new file that takes the old one's place, or within the file while a program writes it.

A program that has a log open goes on writing into the file it opened, whatever its name is by then. So a log that
somebody has open is changed where it stands, each line to the same length; any other is written anew, and what is
appended meanwhile is worked on too. A last line without an end may be half a line: it is done again when more comes.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from troth.errors import StoreError
from troth.stores.files import writing
from troth.stores.files.medium import Acting, Prepared
from troth.stores.files.writing import Draft
from troth.stores.logs import packing
from troth.stores.logs.lines import Line

LONGEST = 64 * 2**20
"""Bytes of the longest line that is read at once; a longer one is taken as several."""


def lines(file: IO[bytes]) -> Iterator[Line]:
    """Yield the lines of a file."""
    while raw := file.readline(LONGEST):
        yield Line(raw)


def prepared(path: Path, acting: Acting) -> Prepared | None:
    """Make the new state of a log, not yet in place; None where no line changes."""
    if packing.packed(path):
        return _packed(path, acting)
    return _within(path, acting) if written_now(path) else _plain(path, acting)


def written_now(path: Path) -> bool:
    """Tell whether a program has the file open for writing: then Linux grants no lease (fcntl(2), F_SETLEASE)."""
    try:
        with path.open("rb") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _packed(path: Path, acting: Acting) -> Prepared | None:
    before = writing.seen(path)
    with path.open("rb") as raw, writing.beside(path) as (new, name):
        with packing.unpacked(raw, path) as old, packing.pressed(new, path, before.changed) as out:
            for line in lines(old):
                if acting.on(line) != "gone":
                    out.write(line.raw)
        draft = writing.finished(new, name, path)
    if not acting.touched:
        draft.drop()
        return None

    def put() -> None:
        if writing.seen(path) != before:
            draft.drop()
            raise _overtaken()
        draft.put()

    return Prepared(rows=acting.rows, inode=draft.inode, put=put, drop=draft.drop)


@dataclass(slots=True)
class _Copy:
    """How far a log has been copied."""

    acting: Acting
    read: int = 0
    """Bytes of the old file up to the end of its last whole line."""
    written: int = 0
    """Bytes of the new file up to there."""
    half: Counter[int] | None = None
    """Rows counted for a last line without an end."""

    def more(self, old: IO[bytes], new: IO[bytes]) -> None:
        """Copy from the last whole line on."""
        if self.half:
            self.acting.rows.subtract(self.half)
        self.half = None
        old.seek(self.read)
        new.seek(self.written)
        new.truncate()
        for line in lines(old):
            size, before = line.size, self.acting.rows.copy()
            kept = self.acting.on(line) != "gone"
            if kept:
                new.write(line.raw)
            if line.whole:
                self.read += size
                self.written += line.size if kept else 0
            else:
                self.half = self.acting.rows - before
        new.flush()

    @property
    def end(self) -> int:
        """Bytes of the old file that have been copied."""
        return self.read


def _plain(path: Path, acting: Acting) -> Prepared | None:
    copy = _Copy(acting)
    with path.open("rb") as old, writing.beside(path) as (new, name):
        before = os.fstat(old.fileno())
        copy.more(old, new)
        draft = writing.finished(new, name, path)
    if not acting.touched:
        draft.drop()
        return None

    def put() -> None:
        with path.open("rb") as old:
            if not os.path.samestat(os.fstat(old.fileno()), before):
                draft.drop()
                raise _overtaken()
            _put(old, draft, copy)

    return Prepared(rows=acting.rows, inode=draft.inode, put=put, drop=draft.drop)


def _put(old: IO[bytes], draft: Draft, copy: _Copy) -> None:
    """Put a new log in place, with what was appended to the old one before and just after."""
    if os.fstat(old.fileno()).st_size > copy.read:
        with draft.path.open("r+b") as new:
            copy.more(old, new)
            writing.finished(new, draft.path, draft.target)
    done = os.fstat(old.fileno()).st_size
    draft.put()
    if os.fstat(old.fileno()).st_size > done:
        old.seek(done)
        with draft.target.open("ab") as new:
            for line in lines(old):
                if copy.acting.on(line) != "gone":
                    new.write(line.raw)


def _within(path: Path, acting: Acting) -> Prepared | None:
    edits: list[tuple[int, bytes, bytes]] = []
    at = 0
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        for line in lines(file):
            old = line.raw
            line.fixed = True
            if acting.on(line) != "same":
                edits.append((at, old, line.raw))
            at += len(old)
    if not edits:
        return None

    def put() -> None:
        with path.open("r+b") as file:
            if not os.path.samestat(os.fstat(file.fileno()), before):
                raise _overtaken()
            for place, old, new in edits:
                if os.pread(file.fileno(), len(old), place) != old:
                    raise _overtaken()
                os.pwrite(file.fileno(), new, place)
            os.fsync(file.fileno())

    return Prepared(rows=acting.rows, inode=before.st_ino, within=True, put=put, drop=lambda: None)


def _overtaken() -> StoreError:
    return StoreError(
        "A log was rotated or cut off while it was worked on; it was left as it is.",
        hint="Run the same command again: it does what is left.",
    )
