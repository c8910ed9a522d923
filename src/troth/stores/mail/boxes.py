"""Where mails are: messages of a maildir, messages of an mbox, single files; and how each is put back or removed.

Maildir (cr.yp.to/proto/maildir.html, and Dovecot's Maildir++ folders): a file a message; flags stand in its name and
change, so a message is known by what stands before them. Mbox (RFC 4155): a line `From …` behind an empty line
begins a message; such a line that is not followed by a header and has no time in it is text.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from troth.errors import StoreError
from troth.stores.files import pattern, writing
from troth.stores.files.pattern import Pattern, Place, Skipped
from troth.stores.mail.message import Mail

_FLAGS = re.compile(r"[:;!]2,[^/]*\Z")
_STARTS = re.compile(rb"From .*\d\d:\d\d")
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")
_NO_MAIL = re.compile(
    r"dovecot.*|courierimap.*|maildirsize|maildirfolder|subscriptions|.*\.(lock|lck|index|cache|msf|log)"
)
"""What mail servers and readers keep beside the mail."""
LARGEST = 256 * 2**20
"""Bytes of the largest single message."""
WAITS = (0.1, 0.2, 0.5, 1.0, 2.0)


def places(files: Pattern, skipped: Skipped | None = None) -> Iterator[Place]:
    """Yield every file with mail in it; what is inside a maildir only once, and none of its indexes."""
    number = 0
    roots: list[str] = []
    for place in pattern.walk(files, folders=True, skipped=skipped):
        if any(place.relative.startswith(root) for root in roots):
            continue
        if maildir(place.path):
            roots.append(f"{place.relative}/")
            found: Iterator[Path] = messages_in(place.path)
        elif place.path.is_dir() or _NO_MAIL.fullmatch(place.path.name):
            continue
        else:
            found = iter((place.path,))
        for path in found:
            number += 1
            relative = path.relative_to(files.base).as_posix()
            yield replace(place, number=number, path=path, relative=relative)


def maildir(path: Path) -> bool:
    """Tell whether a folder is a maildir."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def messages_in(box: Path) -> Iterator[Path]:
    """Yield the messages of a maildir and of the folders in it."""
    for name in ("cur", "new"):
        with suppress(FileNotFoundError), os.scandir(box / name) as listed:
            for entry in sorted(listed, key=lambda e: e.name):
                ours = entry.name.startswith(pattern.OURS)
                if entry.is_file(follow_symlinks=False) and not ours:
                    yield Path(entry.path)
    with os.scandir(box) as listed:
        inner = sorted(e.path for e in listed if e.is_dir(follow_symlinks=False))
    for folder in map(Path, inner):
        if folder.name not in ("cur", "new", "tmp") and maildir(folder):
            yield from messages_in(folder)


def in_maildir(path: Path) -> bool:
    """Tell whether a file is a message of a maildir."""
    return path.parent.name in ("cur", "new") and maildir(path.parent.parent)


def key(place: Place) -> str:
    """Return what tells a message or mailbox from others, whatever its flags are now."""
    if not in_maildir(place.path):
        return place.relative
    return f"{place.path.parent.parent}/{_FLAGS.sub('', place.path.name)}"


def current(path: Path) -> Path | None:
    """Find a message of a maildir again, whose flags may have changed; None where it is gone."""
    if path.exists():
        return path
    if not in_maildir(path):
        return None
    unique = _FLAGS.sub("", path.name)
    for folder in (path.parent.parent / "cur", path.parent.parent / "new"):
        for found in folder.glob(f"{unique}*"):
            if _FLAGS.sub("", found.name) == unique:
                return found
    return None


def mbox(path: Path) -> bool:
    """Tell whether a file is an mbox: begins like one. Anything else is one message."""
    if in_maildir(path):
        return False
    with path.open("rb") as file:
        return file.read(5) == b"From "


def mails(path: Path) -> Iterator[Mail]:
    """Yield the mails of a file."""
    if not mbox(path):
        yield Mail(whole(path))
        return
    with path.open("rb") as file:
        for raw in parted(file):
            yield Mail(raw)


def whole(path: Path) -> bytes:
    """Read a single message; a file that can be none is not held in memory."""
    if path.stat().st_size > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return path.read_bytes()


def parted(file: IO[bytes]) -> Iterator[bytes]:
    """Part an mbox into its messages; joined they are the file."""
    message: list[bytes] = []
    blank = True
    line = file.readline()
    while line:
        following = file.readline()
        if blank and message and line.startswith(b"From ") and _begins(line, following):
            yield b"".join(message)
            message = []
        message.append(line)
        blank = line in (b"\n", b"\r\n")
        line = following
    if message:
        yield b"".join(message)


def _begins(line: bytes, following: bytes) -> bool:
    return _STARTS.match(line) is not None or _HEADER.match(following) is not None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other programs out of an mbox: a lock file beside it, and a lock on it (RFC 4155 leaves it to them).

    Raises:
        StoreError: another program holds it and does not let go.
    """
    mark = path.with_name(f"{path.name}.lock")
    for wait in (*WAITS, 0.0):
        if _marked(mark):
            break
        if not wait:
            raise _held()
        time.sleep(wait)
    try:
        with path.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as busy:
                raise _held() from busy
            yield
    finally:
        mark.unlink(missing_ok=True)


def _marked(mark: Path) -> bool:
    """Make a lock file; one that a killed run of ours left is taken over."""
    try:
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if _orphan(mark):
            mark.unlink(missing_ok=True)
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(f"troth {os.getpid()}\n")
    return True


def _orphan(mark: Path) -> bool:
    """Tell whether a lock file is ours and its process is dead."""
    with suppress(OSError, ValueError):
        who, _, number = mark.read_text().partition(" ")
        if who == "troth":
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                return True
    return False


def _held() -> StoreError:
    return StoreError(
        "A mailbox is locked by another program.",
        hint="Wait until mail is delivered, or stop the program, and run the same command again.",
    )


def drafted(path: Path, parts: Iterator[bytes]) -> writing.Draft:
    """Write a new version of a mailbox or message; of a maildir in its folder for mail in transit."""
    return writing.drafted(path, parts, path.parent.parent / "tmp" if in_maildir(path) else None)
