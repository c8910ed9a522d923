"""Does this line look like a heading? Rules on one line alone, for texts without heading marks.

Case, length, stops and a few verbs decide. Where a line stands (what precedes and follows it) is judged by
the reader, not here. Written for English.
"""

# ruff: noqa: RUF001 (the typographic look-alikes are meant)

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


def wordlist(listed: str) -> frozenset[str]:
    """Return the words of a list written with spaces between them."""
    return frozenset(listed.split())


_LONGEST = 110
_MOST_WORDS = 16
_MOST_WORDS_PLAIN = 9
_MOST_WORDS_RUN_IN = 9

SMALL_WORDS = wordlist(
    "a about an and are as at be but by for from his if in into is it its my nor not of on or our per than that "
    "the their this through to under us vs via we when which with within without you your"
)
"""Words that may be written small in a title."""
VERBS = wordlist(
    "am are can cannot could did do does had has have is may might must shall should was were will would "
    "applies apply includes include says"
)
"""Small-written, these make a line a sentence rather than a heading."""
ASKING = wordlist("are can do does how is may should what when where which who whom whose why will")
"""Words that questions, and headings like "What we collect", begin with."""
ANSWERS = wordlist("yes no none never always nothing n/a")
"""Lines that answer a heading and are none themselves."""
LEFTOVERS = re.compile(
    r"(?:skip|jump) to (?:main |the )*(?:content|navigation)|back to top|print this page", re.I
)
"""Lines that a page leaves behind when its text is copied."""

_NUMBER = re.compile(
    r"(?:(?:section|part|article|annex|appendix|chapter|clause)\s+)?"
    r"(?:(\d{1,2}(?:\.\d{1,2}){1,4})[.):]?|(\d{1,2}|[IVX]{1,5}|[A-Z])[.):])\s+",
    re.I,
)
_DATED = re.compile(r"[:;].*\d|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|@|https?://|www\.", re.I)
_INNER_STOP = re.compile(r"[.?!]\s")


class Style(Enum):
    """How a heading is written; the value ranks it, lower is outer."""

    CAPITALS = 10
    NUMBERED = 20
    PLAIN = 40
    QUESTION = 41
    STOPPED = 45
    """A title that ends in a full stop."""
    COLON = 50
    """Ends in a colon; only its surroundings can tell it from a lead-in."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a line looks like."""

    style: Style
    depth: int = 0
    """Of a number with n parts, n; 0 without a number."""

    @property
    def rank(self) -> int:
        """Lower is outer. Questions and titles with a colon rank with plain titles."""
        if self.style is Style.CAPITALS or self.style is Style.NUMBERED:
            return int(self.style.value) + self.depth
        return int((Style.STOPPED if self.style is Style.STOPPED else Style.PLAIN).value)


def look(line: str) -> Look | None:
    """Say what kind of heading a line looks like, if any."""
    number = _NUMBER.match(line)
    rest = line[number.end() :] if number else line
    if not _could_be(line, rest):
        return None
    style = _style(rest)
    if style is None or number is None:
        return Look(style) if style else None
    depth = (number.group(1) or "").count(".") + 1
    return Look(Style.CAPITALS if style is Style.CAPITALS else Style.NUMBERED, depth)


def is_run_in(sentence: str) -> bool:
    """Tell whether the first sentence of a paragraph is a title that names it ("Children. We do not …")."""
    words = sentence.rstrip(".*_ ").split()
    return (
        sentence.rstrip("*_ ").endswith(".")
        and not any("." in word or word in VERBS for word in words)
        and 0 < len(words) <= _MOST_WORDS_RUN_IN
        and words[0].lower() not in ANSWERS
        and _in_title_case(words)
    )


def is_numbered(line: str) -> bool:
    """Tell whether a line begins with a section number."""
    return bool(_NUMBER.match(line))


def _could_be(line: str, rest: str) -> bool:
    words = rest.split()
    return (
        len(line) <= _LONGEST
        and 0 < len(words) <= _MOST_WORDS
        and any(char.isalpha() for char in rest)
        and rest.strip(" .!").lower() not in ANSWERS
        and not _DATED.search(rest)
        and not _INNER_STOP.search(rest)
        and not LEFTOVERS.match(rest)
        and rest[-1] not in ",;|!"
    )


def _style(rest: str) -> Style | None:
    words = rest.rstrip(".:? ").split()
    first = words[0].lower() if words else ""
    if rest.endswith("?"):
        return Style.QUESTION if first in ASKING or _in_title_case(words) else None
    titled = _in_title_case(words)
    if rest.endswith("."):
        return Style.STOPPED if titled and not _is_sentence(words) else None
    if rest.endswith(":"):
        return Style.COLON if not _is_sentence(words) else None
    if rest.isupper():
        return Style.CAPITALS
    short = len(words) <= _MOST_WORDS_PLAIN and rest[:1].isupper()
    return Style.PLAIN if (titled or short) and not _is_sentence(words) else None


def _in_title_case(words: list[str]) -> bool:
    telling = [w.lstrip("\"'“‘(*_") for w in words if w.lower().strip("\"'“”‘’()*_,;") not in SMALL_WORDS]
    return any(w[:1].isupper() for w in telling) and all(not w[:1].islower() for w in telling)


def _is_sentence(words: list[str]) -> bool:
    asks = bool(words) and words[0].lower() in ASKING
    return not asks and any(word in VERBS for word in words[1:])
