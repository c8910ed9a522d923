"""Cut one passage into sentences by rules, in time linear in its length.

A full stop ends a sentence unless it belongs to an abbreviation, an initial, a number, an address of the web
or a bracket that is still open. In doubt it does not cut: a sentence joined to its neighbour can still be
cited whole, one cut in two cannot. Text enumerated with semicolons stays whole. Written for English; other
languages work where they use the same stops.
"""

# ruff: noqa: RUF001 (the typographic look-alikes are meant)

from __future__ import annotations

import re
from bisect import bisect_left

from troth.policy.text import titles
from troth.policy.text.passages import says_something

_STOP = re.compile(r"[.?!…。？！]+(?:[\"'”’»)\]*_]|\[\d{1,3}\])*")
_WIDE_STOPS = "。？！"
_NEXT_WORD = re.compile(r"\s*([\"'“‘«(\[*_]*)([^\W_]*)")
_BEFORE = re.compile(r"[^\s(\[\"“‘']*\Z")
_LETTERS = re.compile(r"\w(?:\.\w)*\Z")
_ROMAN_OR_LETTER = re.compile(r"(?:[IVXLC]+|[A-Z])\Z")
_LONGEST_ABBREVIATION = 24
_LONGEST_BRACKET = 1500

NEVER_LAST = titles.wordlist(
    "e.g i.e a.k.a viz vs cf mr mrs ms mx dr prof hon rev messrs approx incl excl tel ext resp st"
)
"""Abbreviations that no sentence ends with."""
BEFORE_NUMBER = titles.wordlist("no nos nr art arts sec secs para paras fig p pp vol reg regs ch cl app ann")
"""Abbreviations only when a number follows: "No. 26"."""
MAY_BE_LAST = titles.wordlist(
    "inc ltd co corp llc llp plc bros dept est etc al jr sr assn gov "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
"""Abbreviations that may end a sentence: they do when a word follows that usually begins one."""
OPENERS = titles.wordlist(
    "a all also although an any as at before both by each during either for from further has here how however i "
    "if in it its like many may more most neither no none nor not nothing of on once one only our please "
    "since some such that the their then there these they this those to under unless until upon we what when "
    "where whether which while who with you your"
)
"""Words that usually begin a sentence."""


def cut(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence of a passage; together they hold all its words."""
    brackets = _closed_brackets(text)
    pieces: list[tuple[int, int]] = []
    begin = 0
    for stop in _STOP.finditer(text):
        if _ends_sentence(text, stop, begin, brackets):
            pieces.append((begin, stop.end()))
            begin = stop.end()
    pieces.append((begin, len(text)))
    return _with_run_in_title(text, _joined([_trimmed(text, piece) for piece in pieces], text))


def is_open(text: str) -> bool:
    """Tell whether a sentence has no end of its own, so that what follows may continue it."""
    return text.rstrip("\"'”’»)]*_ ")[-1:] not in {".", "?", "!", "…", *_WIDE_STOPS}


def _ends_sentence(text: str, stop: re.Match[str], begin: int, brackets: list[tuple[int, int]]) -> bool:
    end = stop.end()
    if end < len(text) and not text[end].isspace():
        return stop.group()[0] in _WIDE_STOPS
    following = _NEXT_WORD.match(text, end)
    opening, word = following.groups() if following else ("", "")
    if word[:1].islower() or _inside(end, brackets):
        return False
    if not stop.group().startswith(".") or stop.group().startswith(".."):
        return True
    return not _is_abbreviation(text, stop.start(), begin, opening, word)


def _is_abbreviation(text: str, at: int, begin: int, opening: str, word: str) -> bool:
    floor = max(begin, at - _LONGEST_ABBREVIATION)
    before = _BEFORE.search(text[floor:at])
    token = before.group().lower() if before else ""
    if token.isdecimal() and not text[begin : at - len(token)].strip():
        return True
    if token in BEFORE_NUMBER:
        return word[:1].isdecimal() or bool(_ROMAN_OR_LETTER.match(word))
    if token in NEVER_LAST:
        return True
    if token in MAY_BE_LAST or (_LETTERS.match(token) and not token.isdecimal()):
        return bool(opening) or word.lower() not in OPENERS
    return False


def _closed_brackets(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in re.finditer(r"[()]", text):
        if match.group() == "(":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if match.start() - start <= _LONGEST_BRACKET:
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, match.start()))
    return found


def _inside(position: int, brackets: list[tuple[int, int]]) -> bool:
    at = bisect_left(brackets, (position, 0)) - 1
    return at >= 0 and brackets[at][0] < position <= brackets[at][1]


def _trimmed(text: str, piece: tuple[int, int]) -> tuple[int, int]:
    start, end = piece
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _joined(pieces: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Give pieces without a letter or digit to the one before, or at the beginning to the one after."""
    kept: list[tuple[int, int]] = []
    for start, end in pieces:
        if start == end:
            continue
        if kept and not (says_something(text[start:end]) and says_something(text[slice(*kept[-1])])):
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return kept


def _with_run_in_title(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep a title that opens a paragraph ("Single Sign-On. You may …") with the sentence it names."""
    if len(pieces) > 1 and titles.is_run_in(text[slice(*pieces[0])]):
        return [(pieces[0][0], pieces[1][1]), *pieces[2:]]
    return pieces
