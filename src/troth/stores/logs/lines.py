"""One line of a log: what is asked of it, and how it is changed. Bytes that are no UTF-8 stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.plan.model import Blank, Replace
from troth.rights.model import ErasureChange, Scrub
from troth.stores.files.asking import Cell
from troth.stores.files.medium import Verdict
from troth.stores.files.spotting import Spotter

LINE = "line"
_ENDS = b"\r\n"


@dataclass(slots=True)
class Line:
    """A line as it stands in the file, with its end."""

    raw: bytes
    fixed: bool = False
    """It keeps its length: the file is changed while a program writes it."""
    _text: str | None = None

    @property
    def text(self) -> str:
        """The line without its end."""
        if self._text is None:
            self._text = self.raw.rstrip(_ENDS).decode("utf-8", errors="surrogateescape")
        return self._text

    @property
    def whole(self) -> bool:
        """Tell whether its end has been written."""
        return self.raw.endswith(b"\n")

    @property
    def size(self) -> int:
        """Bytes of it."""
        return len(self.raw)

    def cell(self, column: str) -> Cell:
        """Return the text; an empty line holds nothing."""
        return self.text if column == LINE and self.text.strip() else None

    def values(self) -> Mapping[str, object]:
        """Return what an export shows."""
        return {LINE: self.text.encode(errors="surrogateescape").decode(errors="replace")}

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the text."""
        yield LINE, self.text

    def unlooked(self) -> Iterator[str]:
        """Name nothing: all of it is read."""
        return iter(())

    def others(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> bool:  # noqa: ARG002
        """Tell whether an address of somebody else stands in the line."""
        return spotter.strangers(self.text, people)

    def change(self, change: ErasureChange, people: frozenset[int], spotter: Spotter) -> bool:
        """Redact, empty or replace the line."""
        match change:
            case Scrub():
                new = spotter.scrub(self.text, people, fill=self.fixed)
            case Blank():
                new = ""
            case Replace(text=text):
                new = text
            case _:
                return False
        return self._put(new)

    def _put(self, new: str) -> bool:
        body = self.raw.rstrip(_ENDS)
        written = new.encode("utf-8", errors="surrogateescape")
        if self.fixed and written != body:
            written = written[: len(body)].ljust(len(body))
        if written == body:
            return False
        self.raw = written + self.raw[len(body) :]
        self._text = None
        return True

    def remove(self, people: frozenset[int], spotter: Spotter, columns: frozenset[str]) -> Verdict:  # noqa: ARG002
        """Say that the whole line goes; one that keeps its length is left blank."""
        if self.fixed:
            return "changed" if self._put("") else "same"
        return "gone"
