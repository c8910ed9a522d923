"""Copy a SQLite ledger while it is in use, see that the copy can be opened and adds up, and register it.

The keys are not copied: a copy of the ledger without them tells nothing, and should lie apart from them. A ledger in
PostgreSQL is copied by PostgreSQL's own tools.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from troth import ledger as ledger_
from troth.app import backups, ledgers
from troth.app.clock import Clock
from troth.backups import register
from troth.backups.register import Stated
from troth.errors import Damaged, Refused, StoreError
from troth.ledger import place as places
from troth.ledger.place import SQLitePlace

PRIVATE_FILE = 0o600
BESIDE = ("-wal", "-shm", "-journal", ".lock")
"""Files that an open ledger has beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was made."""

    entries: int
    """Of the evidence log, all of them recomputed."""
    size: int
    checkpoint: str
    """What the log held when the copy was begun; best kept on another machine."""


def copy(out: Path, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str) -> Copied:
    """Copy the ledger into a new file.

    Raises:
        Refused: when the ledger is no file, there is none yet, or the new file is there already.
        StoreError: when the file cannot be written.
        Damaged: when the copy does not add up; it is removed.
    """
    at = places.parse(ledgers.address(folder, environment))
    if not isinstance(at, SQLitePlace):
        raise Refused(
            "The ledger is in PostgreSQL, which copies it with tools of its own.",
            hint="Use pg_dump --format=custom, then register the copy: `troth backup add ledger`.",
        )
    if not at.path.exists():
        raise Refused("There is no ledger yet to copy.")
    if out.exists():
        raise Refused(f"{out} is there already.", hint="Name another file.")
    now = clock.now()
    with ledgers.opened(folder, environment, clock) as ledger, _drafted(out) as draft:
        signed = ledger.checkpoint(at=now)
        _copied(at.path, draft)
        entries = _checked(draft, ledgers.keys(folder, environment), clock)
        size = draft.stat().st_size
        _placed(draft, out)
        register.add(ledger, Stated(store=backups.OWN, made=now, where=str(out)), by=by, at=now)
        ledger.checkpoint(at=now)
    return Copied(entries=entries, size=size, checkpoint=signed)


@contextlib.contextmanager
def _drafted(out: Path) -> Iterator[Path]:
    """Yield the name of a private file beside the new one; remove it, and what lies beside it, in the end."""
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        yield draft
    except OSError as wrong:
        raise StoreError(f"{out} cannot be written: {wrong.strerror}.", hint="Name another place.") from wrong
    finally:
        for suffix in ("", *BESIDE):
            with contextlib.suppress(OSError):
                draft.with_name(draft.name + suffix).unlink()


def _copied(source: Path, draft: Path) -> None:
    """Copy page by page in one read transaction: writers are not held up (sqlite.org/backup.html)."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as one,
            contextlib.closing(sqlite3.connect(draft)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode=DELETE")
            [[said]] = other.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as wrong:
        raise StoreError(
            f"The ledger cannot be copied: {wrong}.", hint="Make room, then try again."
        ) from wrong
    if said != "ok":
        raise Damaged(
            "The copy of the ledger is damaged.", hint="Look at the ledger with `troth evidence verify`."
        )


def _checked(draft: Path, keys: Path, clock: Clock) -> int:
    """Open the copy with the ledger's keys and recompute its log."""
    opened = ledger_.open(f"sqlite:///{draft.absolute()}", keys_dir=keys, now=clock.now)
    try:
        return opened.audit()
    finally:
        opened.close()


def _placed(draft: Path, out: Path) -> None:
    try:
        out.hardlink_to(draft)
    except FileExistsError as there:
        raise Refused(f"{out} is there already.", hint="Name another file.") from there
    handle = os.open(out.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
