"""Marks of list items in plain text and markdown, and how deep an item lies.

A mark is a bullet or an ordinal with white space after it. Whether a numbered line is an item or a heading is
for the reader to say.
"""

# ruff: noqa: RUF001 (the typographic look-alikes are meant)

from __future__ import annotations

import re
from dataclasses import dataclass, field

from troth.policy.text.passages import DEEPEST, Line

_MARK = re.compile(
    r"(?P<bullet>[•‣⁃◦▪▫●○■□·∙*+–—-])\s+"
    r"|(?P<digit>\d{1,3}[.)])\s+|(?P<roman>\(?[ivx]{1,5}[.)])\s+|(?P<letter>\(?[a-z][.)])\s+"
    r"|(?P<paren>\(\d{1,3}\))\s+"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark at the beginning of a line."""

    kind: str
    """A bullet itself, or the kind of ordinal: items of one list have the same."""
    width: int
    """Its length with the white space after it."""

    @property
    def is_bullet(self) -> bool:
        """Tell a bullet from an ordinal."""
        return len(self.kind) == 1


def mark_of(line: Line) -> Mark | None:
    """Return the mark a line begins with, if any."""
    match = _MARK.match(line.text)
    if not match:
        return None
    kind = match.group("bullet") or match.lastgroup or ""
    return Mark(kind, match.end())


@dataclass(slots=True)
class Nesting:
    """How deep the item being read lies; told of each mark in turn."""

    _open: list[tuple[int, str]] = field(default_factory=list)

    def depth(self, indent: int, kind: str) -> int:
        """Take in an item and return its depth, counted from 0."""
        while self._open and self._open[-1][0] > indent:
            self._open.pop()
        same = [at for at, entry in enumerate(self._open) if entry == (indent, kind)]
        if same:
            del self._open[same[0] + 1 :]
        elif len(self._open) < DEEPEST:
            self._open.append((indent, kind))
        return len(self._open) - 1

    def end(self) -> None:
        """Take in that the list is over."""
        self._open.clear()
