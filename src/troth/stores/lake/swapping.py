"""Put a file's new version in place of the old one, unless the old one has changed meanwhile.

The new version is complete and on the disk before the old name is given to it; it has the old one's mode, owner and
extended attributes, and a time of its own, so that readers who remember a file by its time look again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from troth.stores.files import pattern, writing


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give the address of a new file in the same folder; it is removed when it was not put in place."""
    path = target.parent / f"{pattern.OURS}{secrets.token_hex(8)}{writing.SUFFIX}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def finish(path: Path, old: Path) -> int:
    """Bring a new version to the disk with what the old one has besides its content; return its inode."""
    before = old.stat()
    descriptor = os.open(path, os.O_RDWR)
    try:
        with suppress(PermissionError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, before.st_mode & 0o7777)
        _attributes(descriptor, old)
        os.fsync(descriptor)
        return os.fstat(descriptor).st_ino
    finally:
        os.close(descriptor)


def _attributes(descriptor: int, old: Path) -> None:
    with suppress(OSError):
        for name in os.listxattr(old):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(old, name))


def put(path: Path, target: Path) -> None:
    """Give the new version the old one's name."""
    path.replace(target)
    writing.sync_folder(target.parent)


def remove(target: Path, base: Path) -> None:
    """Remove a file, and the folders it leaves empty."""
    target.unlink()
    writing.sync_folder(target.parent)
    folder = target.parent
    with suppress(OSError):
        while folder != base and folder.is_relative_to(base):
            folder.rmdir()
            folder = folder.parent
