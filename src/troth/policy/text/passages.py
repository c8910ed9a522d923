"""Passages: what the readers of txt, md and html hand on, one paragraph, item, row or heading each.

A passage knows for every character of its text where it stands in the source. Cuts no sentences and takes no
fingerprints; `assembly` does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from troth.policy.text.model import Block
from troth.spans import Span

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
DEEPEST = 8
"""Lists nested deeper than this are read as if they were this deep."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source without the white space around it."""

    text: str
    start: int
    """Offset of the first character of `text`."""
    indent: int

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.start + len(self.text)

    def after(self, count: int) -> Line:
        """Return what follows the first `count` characters, again without white space around it."""
        rest = self.text[count:]
        kept = rest.lstrip()
        moved = count + len(rest) - len(kept)
        return Line(kept, self.start + moved, self.indent + moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One paragraph, list item, table row or heading."""

    block: Block
    text: str
    marks: tuple[tuple[int, int, int], ...]
    """Ascending (position in `text`, offset in the source, length in the source)."""
    level: int = 0
    """Of a heading its rank (0 the title, lower is outer), of an item its depth, of a row its table's number."""
    cells: tuple[str, ...] = ()

    def place(self, position: int) -> int:
        """Return the offset in the source of one character of the text."""
        at = bisect_right(self.marks, position, key=lambda mark: mark[0]) - 1
        begin, offset, length = self.marks[max(at, 0)]
        return offset + min(position - begin, max(length - 1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text cut into passages."""

    passages: tuple[Passage, ...]
    markup: tuple[tuple[int, int], ...]
    title: str = ""
    """A title that stands outside the passages."""
    clean: Callable[[str], str] = str.strip
    """Removes markup inside a sentence."""


class Ruler:
    """Turns offsets of one source into lines and columns."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._starts = [match.start() for match in _LINE.finditer(source)]

    def span(self, start: int, end: int) -> Span:
        """Return the span from one offset to another."""
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, max(start, end - 1))
        columns = start - self._starts[first - 1] + 1, end - self._starts[last - 1] + 1
        return Span(self._name, first, columns[0], last, columns[1])


def lines_of(source: str) -> list[Line]:
    """Cut a source into lines as editors do: at LF, CR LF and CR only."""
    lines = []
    for match in _LINE.finditer(source):
        raw = match.group()
        text = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        lines.append(Line(text, match.start() + (indent if text else 0), indent))
    return lines[:-1] if lines and not source.endswith(("\n", "\r")) else lines


def passage(
    block: Block, lines: Sequence[Line], *, level: int = 0, cells: tuple[str, ...] = (), glue: str = " "
) -> Passage:
    """Join lines into one passage."""
    marks = []
    position = 0
    for line in lines:
        marks.append((position, line.start, len(line.text)))
        position += len(line.text) + len(glue)
    text = glue.join(line.text for line in lines)
    return Passage(block=block, text=text, marks=tuple(marks), level=level, cells=cells)


def says_something(text: str) -> bool:
    """Tell whether there is a letter or digit in a text."""
    return any(char.isalnum() for char in text)
