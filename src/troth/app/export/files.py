"""Where an export is written: files only their owner can read, in a folder that is put in place when all is there.

Everything is appended as it comes. What is appended waits in memory up to a bound for all people together, so that a
thousand people cost a thousand files and not a thousand files for each table, and memory stays flat.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from troth.errors import Refused
from troth.rights.export_manifest import File

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
BOUND = 16_000_000
"""Letters that wait in memory."""
PARTIAL = ".partial-"
"""Part of the name of a folder that is not complete."""


@dataclass(slots=True)
class Spool:
    """One file on its way to the disk."""

    files: Files
    path: str
    name: str
    """Within the folder of its person."""
    waiting: list[str] = field(default_factory=list)
    size: int = 0
    begun: bool = False
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, text: str) -> None:
        """Append to the file."""
        if not self.waiting:
            self.files.dirty[id(self)] = self
        self.waiting.append(text)
        self.files.pending += len(text)
        if self.files.pending > BOUND:
            self.files.flush()

    def flush(self) -> None:
        """Bring what waits to the disk."""
        data = self._taken()
        self._hash.update(data)
        self.size += len(data)
        flags = os.O_APPEND if self.begun else os.O_CREAT | os.O_EXCL
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | flags, PRIVATE_FILE)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError as error:
            error.filename = self.path
            raise
        finally:
            os.close(descriptor)
        self.begun = True

    def _taken(self) -> bytes:
        text = "".join(self.waiting)
        self.waiting.clear()
        self.files.pending -= len(text)
        # Half a surrogate pair, which UTF-8 has no form for, becomes its JSON escape.
        return text.encode("utf-8", "backslashreplace")

    def close(self) -> File:
        """Bring all of it to the disk, and return what a manifest says of it."""
        if self.waiting or not self.begun:
            self.flush()
            self.files.dirty.pop(id(self), None)
        return File(name=self.name, sha256=self._hash.hexdigest(), bytes=self.size)

    def taken(self) -> str:
        """Return what was written, and remove the file: it was only kept for now."""
        if not self.begun:
            text = "".join(self.waiting)
            self.files.pending -= len(text)
            self.files.dirty.pop(id(self), None)
            return text
        self.close()
        text = Path(self.path).read_text(encoding="utf-8")
        Path(self.path).unlink()
        return text


@dataclass(slots=True)
class Files:
    """All files of an export."""

    folder: str
    pending: int = 0
    """Letters that wait in memory, of all spools."""
    dirty: dict[int, Spool] = field(default_factory=dict)
    """Spools with something waiting."""

    def spool(self, folder: str, name: str) -> Spool:
        """Begin a file in a folder of the export."""
        return Spool(files=self, path=f"{self.folder}/{folder}{'/' if folder else ''}{name}", name=name)

    def whole(self, folder: str, name: str, text: str) -> File:
        """Write a file at once."""
        spool = self.spool(folder, name)
        spool.waiting.append(text)
        self.pending += len(text)
        return spool.close()

    def make(self, folder: str) -> None:
        """Make a folder within the export."""
        os.mkdir(f"{self.folder}/{folder}", PRIVATE_FOLDER)  # noqa: PTH102 (a path for each of thousands of people)

    def link(self, folder: str, known: File) -> File:
        """Put a file of the export's own folder into another one too, without writing it again where that works."""
        source, target = f"{self.folder}/{known.name}", f"{self.folder}/{folder}/{known.name}"
        try:
            os.link(source, target)
        except OSError:
            return self.whole(folder, known.name, Path(source).read_text(encoding="utf-8"))
        return known

    def flush(self) -> None:
        """Bring everything that waits to the disk."""
        for spool in self.dirty.values():
            spool.flush()
        self.dirty.clear()


def leftovers(out: Path) -> tuple[str, ...]:
    """Name what stopped exports have left beside the folder: they hold personal data, and nobody finishes them."""
    try:
        with os.scandir(out.parent) as found:
            return tuple(sorted(one.name for one in found if one.name.startswith(f".{out.name}{PARTIAL}")))
    except OSError:
        return ()


def free(out: Path) -> None:
    """Refuse a place that is taken.

    Raises:
        Refused: something is there already.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()) or (out.is_dir() and any(out.iterdir())):
        raise Refused(
            f"The folder {out} is not empty: an export is never mixed with anything else.",
            hint="Name a folder that does not exist yet.",
        )


@contextmanager
def building(out: Path) -> Iterator[Files]:
    """Build an export beside its place; on an error it is removed again.

    A kill leaves a folder whose name says that it is not complete. `put` puts the whole in place.
    """
    out.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    folder = out.parent / f".{out.name}{PARTIAL}{secrets.token_hex(4)}"
    folder.mkdir(mode=PRIVATE_FOLDER)
    try:
        yield Files(folder=str(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(files: Files, out: Path) -> None:
    """Put a finished export in its place.

    Raises:
        Refused: somebody else has put something there meanwhile.
    """
    _synced(Path(files.folder))
    try:
        Path(files.folder).rename(out)
    except OSError as error:
        if out.exists():
            free(out)
        raise error
    _synced(out.parent)


def _synced(folder: Path) -> None:
    """Bring a folder's own entries to the disk, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
