"""The file of a SQLite ledger: made 0600 in a folder made 0700, before any byte is written to it.

Only for ledgers that are files. Never touches a folder that was there before.
"""

from __future__ import annotations

import os
from pathlib import Path

from troth.errors import StoreError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def prepare(path: Path) -> None:
    """Make the file where it is missing; take from others the right to read one that is ours.

    SQLite gives its -wal and -shm files the mode of the main file, so that one mode guards all three.

    Raises:
        StoreError: when the folder or the file cannot be made or read.
    """
    try:
        _folder(path.parent)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            status = os.fstat(descriptor)
            if status.st_mode & 0o077 and status.st_uid == os.geteuid():
                os.fchmod(descriptor, PRIVATE_FILE)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(
            f"The ledger {path} cannot be opened for writing: {error.strerror}.",
            hint="Troth needs a folder it may write to; set TROTH_LEDGER to another place.",
        ) from error


def _folder(folder: Path) -> None:
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    for each in reversed(missing):
        each.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
