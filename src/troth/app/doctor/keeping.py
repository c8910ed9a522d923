"""The ledger and its keys: there, of this version, private, copied elsewhere, in time; and its worker."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from troth.app import backups, ledgers
from troth.app.doctor.finding import Finding, Patient, good, note, wrong
from troth.errors import StoreError
from troth.evidence import keyfiles
from troth.evidence.entry import Entry
from troth.jobs import slots
from troth.ledger import peek, place
from troth.ledger.peek import Peeked
from troth.ledger.place import SQLitePlace

APART = timedelta(seconds=60)
"""By how much clocks may differ."""
HEADER = b"SQLite format 3\0"
OLD = timedelta(days=8)
"""A copy of the ledger that is older is worth a word."""


def ledger(patient: Patient) -> Iterator[Finding]:
    """Look at the ledger: from outside first, then opened, which compares log, tree, signatures and keys."""
    seen = _peeked(patient)
    if not seen.there:
        yield note("ledger", "There is none yet.", "The first command that needs one makes it.")
        return
    if seen.newer:
        yield wrong(
            "ledger", f"A newer Troth changed it {seen.newer} times.", "Install the newer version.", 5
        )
        return
    yield from _private(patient)
    yield from _clocks(patient, seen)
    if seen.missing:
        yield note(
            "ledger",
            f"It is of an older version: {seen.missing} changes are to be made.",
            "Copy it (`troth ledger backup`), then give any command; see the how-to on upgrades.",
        )
        return
    with ledgers.opened(patient.folder, patient.environment, patient.clock) as opened:
        tree = opened.evidence.tree()
        last = opened.evidence.check_end(tree)
        yield good("ledger", f"It answers; its log holds {tree.size} entries and adds up at its end.")
        if last is not None and Entry.decode(last).at > patient.clock.now() + APART:
            yield wrong(
                "clock",
                "The newest entry of the evidence log lies in the future.",
                "Set this machine's clock right; other machines that use this ledger, too.",
                3,
            )


def keys(patient: Patient) -> Iterator[Finding]:
    """Look at the keys: there, readable by nobody else, and not beside the ledger alone."""
    folder = ledgers.keys(patient.folder, patient.environment)
    if not folder.exists():
        yield note("keys", "There are none yet.", "They are made with the ledger.")
        return
    keyfiles.load(folder)
    yield good("keys", "They are complete, and nobody else can read them.")
    at = place.parse(ledgers.address(patient.folder, patient.environment))
    if isinstance(at, SQLitePlace) and at.path.absolute().parent == folder.absolute().parent:
        yield note(
            "keys",
            "They lie beside the ledger: whoever copies one copies both.",
            "Keep them elsewhere (TROTH_KEYS), and copy them apart from the ledger.",
        )


def copies(patient: Patient) -> Iterator[Finding]:
    """Say whether the register of backups knows of a copy of the ledger."""
    seen = _peeked(patient)
    if not seen.there or seen.missing or seen.newer:
        return
    with ledgers.opened(patient.folder, patient.environment, patient.clock) as opened:
        made = [one.made for one in opened.backup_sets.read(store=backups.OWN, standing=True)]
    to_do = "Copy ledger and keys, apart from each other; `troth ledger backup` registers what it writes."
    if not made:
        yield note("copies", "No copy of the ledger is registered.", to_do)
    elif patient.clock.now() - max(made) > OLD:
        yield note("copies", f"The newest copy of the ledger is of {max(made):%Y-%m-%d}.", to_do)
    else:
        yield good("copies", f"The newest copy of the ledger is of {max(made):%Y-%m-%d}.")


def worker(patient: Patient) -> Iterator[Finding]:
    """Say whether a worker is at work."""
    seen = _peeked(patient)
    if not seen.there:
        return
    at = place.parse(ledgers.address(patient.folder, patient.environment))
    if isinstance(at, SQLitePlace) and not _is_database(jobs := lock_of(at.path).with_suffix(".sqlite")):
        yield wrong(
            "worker",
            f"{jobs.name}, where jobs are kept, is not a SQLite database, or nobody may read it.",
            "Stop `troth serve`, move the file away, and start again: plans at work get their jobs back.",
            6,
        )
        return
    busy = _locked(lock_of(at.path)) if isinstance(at, SQLitePlace) else seen.workers > 0
    if busy:
        yield good("worker", "A worker is at work.")
    else:
        yield note(
            "worker",
            "No worker is at work: plans, letters and checks that were ordered wait.",
            "Run `troth serve`, or `troth worker` beside it.",
        )


def _is_database(path: Path) -> bool:
    """Tell whether a file is one of SQLite's, or still to be made (sqlite.org/fileformat.html, 1.3)."""
    try:
        with path.open("rb") as file:
            return file.read(len(HEADER)) in (b"", HEADER)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def lock_of(ledger: Path) -> Path:
    """Return the file that the worker of a SQLite ledger keeps locked."""
    return ledger.with_name("jobs.lock")


def _peeked(patient: Patient) -> Peeked:
    return peek.peek(ledgers.address(patient.folder, patient.environment), space=slots.SPACE)


def _private(patient: Patient) -> Iterator[Finding]:
    at = place.parse(ledgers.address(patient.folder, patient.environment))
    if not isinstance(at, SQLitePlace):
        return
    for path, mode in ((at.path, "600"), (at.path.absolute().parent, "700")):
        try:
            found = path.stat().st_mode & 0o777
        except OSError as error:
            raise StoreError(f"The ledger cannot be looked at: {error.strerror}.") from error
        if found & (0o077 if path == at.path else 0o022):
            yield note("ledger", f"Others can reach {path.name} (mode {found:04o}).", f"chmod {mode} on it.")


def _clocks(patient: Patient, seen: Peeked) -> Iterator[Finding]:
    if seen.clock is None or patient.clock.test:
        return
    apart = abs(seen.clock - patient.clock.now())
    if apart > APART:
        yield wrong(
            "clock",
            f"This machine and the ledger's server are {int(apart.total_seconds())} seconds apart.",
            "Let NTP keep both clocks.",
            3,
        )


def _locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
