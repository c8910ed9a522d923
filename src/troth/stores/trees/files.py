"""One file of a tree as a row: its path, what stands in place of placeholders, and its text where it is one."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from troth.plan.model import Blank, Replace
from troth.rights.model import ErasureChange, Scrub
from troth.stores.files.asking import Cell
from troth.stores.files.medium import Verdict
from troth.stores.files.pattern import Place
from troth.stores.files.spotting import Spotter

PATH, NAME, MODIFIED, SIZE, CONTENT = "path", "name", "modified", "size", "content"
SNIFFED = 8192
LARGEST = 64 * 2**20
"""Bytes of the largest text that is held at once: asked by its content, or changed."""
AT_ONCE = 2**20
OVERLAP = 512
"""Letters of the piece before that are read again with the next, so that nothing is cut in two."""
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})
# fmt: off
_SUFFIXES = frozenset(
    {
        "7z", "bin", "bz2", "db", "docx", "gif", "gz", "heic", "jpeg", "jpg", "mov", "mp3", "mp4",
        "odt", "pdf", "png", "pptx", "sqlite", "tar", "wav", "webp", "xlsx", "xz", "zip", "zst",
    }
)
# fmt: on


@dataclass(slots=True)
class FileRow:
    """A file."""

    place: Place
    new: str | None = None
    """What its text is to become."""

    @property
    def size(self) -> int:
        """Bytes of it."""
        return self.place.path.stat(follow_symlinks=False).st_size

    def cell(self, column: str) -> Cell:
        """Return what stands in a column."""
        match column:
            case "path":
                return self.place.relative
            case "name":
                return self.place.path.name
            case "size":
                return self.size
            case "modified":
                changed = self.place.path.stat(follow_symlinks=False).st_mtime
                return datetime.fromtimestamp(changed, UTC)
            case "content":
                return self._text() or None
            case _:
                return self.place.values.get(column)

    def _text(self) -> str:
        """Return the text of a file that is one, and not too large to hold."""
        if self.new is not None:
            return self.new
        if self.size > LARGEST:
            return ""
        data = self.place.path.read_bytes()
        charset = _charset(data[:SNIFFED])
        return (
            data.decode(charset, errors="surrogateescape" if charset == "utf-8" else "replace")
            if charset
            else ""
        )

    def values(self) -> Mapping[str, object]:
        """Return what an export shows: what the file is called and what it holds, where that is text."""
        text = self._text().encode(errors="surrogateescape").decode(errors="replace")
        known = {name: self.cell(name) for name in (PATH, MODIFIED, SIZE, *self.place.values)}
        return {**known, CONTENT: text} if text else known

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the text of the file in pieces that overlap."""
        with self.place.path.open("rb") as file:
            charset = _charset(file.read(SNIFFED))
            file.seek(0)
            if charset:
                yield from ((CONTENT, piece) for piece in _pieces(file, charset))

    def unlooked(self) -> Iterator[str]:
        """Name the sort of file that cannot be looked into."""
        with self.place.path.open("rb") as file:
            start = file.read(SNIFFED)
        if start and not _charset(start):
            suffix = self.place.path.suffix.lower().lstrip(".")
            yield f"files that are no text ({suffix if suffix in _SUFFIXES else 'other'})"

    def others(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> bool:
        """Tell whether somebody else stands in a file that is people's only by what it holds."""
        return CONTENT in columns and spotter.strangers(self._text(), people)

    def change(self, change: ErasureChange, people: frozenset[int], spotter: Spotter) -> bool:
        """Redact, empty or replace the text of the file; nothing else of it can be changed."""
        if change.column != CONTENT:
            return False
        old = self._text()
        match change:
            case Scrub():
                new = spotter.scrub(old, people)
            case Blank():
                new = ""
            case Replace(text=text):
                new = text
            case _:
                return False
        if new == old and (new or not self.size):
            return False
        self.new = new
        return True

    def remove(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> Verdict:
        """Say that the file goes; one that others stand in too is redacted."""
        if not self.others(people, spotter, columns):
            return "gone"
        return "changed" if self.change(Scrub(column=CONTENT), people, spotter) else "same"

    def written(self) -> bytes:
        """Return what the file is to hold."""
        with self.place.path.open("rb") as file:
            charset = _charset(file.read(SNIFFED)) or "utf-8"
        return (self.new or "").encode(charset, errors="surrogateescape" if charset == "utf-8" else "replace")


def _charset(start: bytes) -> str:
    """Tell how a file's text is written, by its beginning; nothing where it is no text."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(b"%PDF") or start.translate(None, _CONTROL) != start:
        return ""
    return "utf-8"


def _pieces(file: IO[bytes], charset: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(charset)("surrogateescape" if charset == "utf-8" else "replace")
    tail = ""
    while data := file.read(AT_ONCE):
        piece = tail + decoder.decode(data)
        yield piece
        tail = piece[-OVERLAP:]
