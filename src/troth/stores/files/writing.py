"""Put a new version of a file in place of the old one so that a kill leaves either, never half of one.

The new version is written beside the old one, brought to the disk, given the old one's mode, owner and times, and
renamed over it (POSIX rename is atomic).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from troth.stores.files import pattern

SUFFIX = ".tmp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file as it was when it was read."""

    device: int
    inode: int
    size: int
    changed: int


def seen(path: Path) -> Seen:
    """Note what tells whether a file is still the one that was read."""
    found = path.stat(follow_symlinks=False)
    return Seen(device=found.st_dev, inode=found.st_ino, size=found.st_size, changed=found.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A new version that is complete, on the disk, and not yet in place."""

    path: Path
    target: Path
    inode: int

    def at(self, target: Path) -> Draft:
        """Return the same for a target that has another name by now."""
        return Draft(path=self.path, target=target, inode=self.inode)

    def put(self) -> None:
        """Put it in place."""
        self.path.replace(self.target)
        sync_folder(self.target.parent)

    def drop(self) -> None:
        """Throw it away."""
        self.path.unlink(missing_ok=True)


@contextmanager
def beside(target: Path, folder: Path | None = None) -> Iterator[tuple[IO[bytes], Path]]:
    """Open a new file in the target's folder (or another of the same file system); removed when the block fails."""
    path = (folder or target.parent) / f"{pattern.OURS}{secrets.token_hex(8)}{SUFFIX}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    whole = False
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, path
        whole = True
    finally:
        if not whole:
            path.unlink(missing_ok=True)


def drafted(target: Path, parts: Iterable[bytes], folder: Path | None = None) -> Draft:
    """Write a new version of a file beside it."""
    with beside(target, folder) as (file, path):
        for part in parts:
            file.write(part)
        return finished(file, path, target)


def finished(file: IO[bytes], path: Path, target: Path) -> Draft:
    """Bring a new version to the disk, with the mode, owner and times of the old one."""
    file.flush()
    old = target.stat()
    os.fchmod(file.fileno(), old.st_mode & 0o7777)
    with suppress(PermissionError):
        os.fchown(file.fileno(), old.st_uid, old.st_gid)
    os.utime(file.fileno(), ns=(old.st_atime_ns, old.st_mtime_ns))
    os.fsync(file.fileno())
    return Draft(path=path, target=target, inode=os.fstat(file.fileno()).st_ino)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def tidy(base: Path) -> None:
    """Remove new versions that a killed run did not put in place: they hold what others' files hold."""
    for path in pattern.leftovers(base, SUFFIX):
        path.unlink(missing_ok=True)
