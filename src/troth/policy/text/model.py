"""A policy text, read: its headings and its sentences, each with a fingerprint and its place.

Values only. Made by `reading`; the lock, the drift and the coverage are computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from troth.spans import Span


class Format(StrEnum):
    """How the text is written."""

    TXT = "txt"
    MD = "md"
    HTML = "html"


class Block(StrEnum):
    """What kind of passage a sentence stands in."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list-item"
    TABLE_HEADER = "table-header"
    TABLE_ROW = "table-row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One heading of a text."""

    fingerprint: str
    text: str
    level: int
    """0 is the title, 1 the outermost section; never more than one deeper than the heading it stands under."""
    path: tuple[str, ...]
    """Fingerprints of the headings it stands under, outermost first. The title is in no path."""
    span: Span
    start: int
    """Offset of its first character in the source."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, list item or table row: the smallest thing a rule can cite."""

    fingerprint: str
    text: str
    """As published, on one line, without markup."""
    lead_in: str
    """What a list item or table row continues: the words before the list, or the header row; else empty."""
    heading_path: tuple[Heading, ...]
    """The headings it stands under, outermost first, without the title."""
    kind_guess: str
    """A first guess at the kind of promise; see `kinds`."""
    span: Span
    block: Block
    ordinal: int
    """Its place in the text, counted from 1. For showing; never part of a reference."""
    leads: bool
    """Whether items or rows continue it."""
    start: int
    """Offset of its first character in the source."""
    end: int

    @property
    def path(self) -> tuple[str, ...]:
        """Fingerprints of the headings it stands under, outermost first."""
        return tuple(heading.fingerprint for heading in self.heading_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A whole policy text, read."""

    name: str
    """The file's name as the user typed it."""
    format: Format
    title: str
    headings: tuple[Heading, ...]
    sentences: tuple[Sentence, ...]
    digest: str
    """`sha256:` and the hash of the normal form of all headings and sentences, in order."""
    markup: tuple[tuple[int, int], ...]
    """Offsets of what the reader took for markup: list marks, rules, heading marks. Empty for html."""
