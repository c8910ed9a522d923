"""A maildir as a box: one file a message, delivered by a mail server of ours (the maildir(5) of qmail and Courier).

Messages are taken out by removing their file, or by moving it to a subfolder of the maildir (Maildir++).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from troth.app.mailbox.boxes import Address, Item
from troth.errors import StoreError
from troth.problems import BadInput, Problem

PLACES = ("new", "cur")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maildir:
    """An open maildir."""

    folder: Path
    move: str

    def items(self) -> Iterator[Item]:
        """Yield the messages, by name: names begin with the second of delivery."""
        for place in PLACES:
            for name in self._names(place):
                path = self.folder / place / name
                try:
                    status = path.lstat()
                except OSError:
                    continue
                if not path.is_symlink() and path.is_file():
                    arrived = datetime.fromtimestamp(status.st_mtime, tz=UTC)
                    yield Item(key=f"{place}/{name}", size=status.st_size, arrived=arrived)

    def content(self, item: Item, most: int) -> bytes | None:
        """Return up to so many bytes of a message; None where somebody else took it.

        Raises:
            StoreError: when it may not be read.
        """
        try:
            handle = os.open(self.folder / item.key, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as wrong:
            raise _trouble(wrong) from wrong
        with os.fdopen(handle, "rb") as file:
            return file.read(most)

    def take_out(self, items: Sequence[Item]) -> None:
        """Remove or move messages; those that are gone already are passed over.

        Raises:
            StoreError: when the maildir may not be changed.
        """
        try:
            for item in items:
                self._take_out(self.folder / item.key)
        except OSError as wrong:
            raise _trouble(wrong) from wrong

    def _take_out(self, path: Path) -> None:
        try:
            if not self.move:
                path.unlink()
                return
            to = self.folder / f".{self.move}"
            for place in ("tmp", *PLACES):
                (to / place).mkdir(mode=0o700, parents=True, exist_ok=True)
            path.rename(to / "cur" / (path.name if ":2," in path.name else f"{path.name}:2,"))
        except FileNotFoundError:
            return

    def _names(self, place: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.folder / place) if not name.startswith("."))  # noqa: PTH208 one string a name, for mailboxes may be full
        except FileNotFoundError:
            return []
        except OSError as wrong:
            raise _trouble(wrong) from wrong


def opened(at: Address) -> Maildir:
    """Open a maildir.

    Raises:
        BadInput: when there is none.
    """
    folder = Path(at.folder)
    if not any((folder / place).is_dir() for place in PLACES):
        problem = Problem(
            code="unreadable-file",
            message="The mailbox is no maildir: it has neither `new` nor `cur`.",
            hint="Name the folder that holds `new`, `cur` and `tmp`.",
        )
        raise BadInput([problem])
    return Maildir(folder=folder, move=at.move)


def _trouble(wrong: OSError) -> StoreError:
    return StoreError(
        f"The maildir cannot be read or changed: {wrong.strerror}.",
        hint="Let the user who runs Troth read and write it.",
    )
