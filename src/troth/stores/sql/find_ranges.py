"""E-mail addresses found by a plain index, in whatever letters a column has them; PostgreSQL only.

An index that sorts by bytes serves questions about how a text begins. What may have an address for its normal form
begins with blanks, with a character beyond ASCII, or as the address does up to the first letter in the other case
or the first character beyond ASCII: a few ranges of texts, that hold every spelling and little else. They only choose
which rows are compared; what is compared, and how, stays with `find_match`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Table

BEYOND = "\u0080"
"""The first character beyond ASCII; PostgreSQL sorts UTF-8 by code point where it sorts by bytes."""
LAST = "\U0010ffff"
"""The last code point there is, which is no character."""
BLANK = ("\x01", "!")
"""What begins with a blank, or another control character."""
SHORTEST = 2
"""ASCII characters an address must begin with; else too many rows begin as it does."""
FEW = 2_000
"""Ranges that are always looked into rather than all rows read."""
ROWS_EACH = 20
"""Rows that can be read and compared in the time it takes to look into one range."""

_BEGINNING = re.compile(r"[!-\x7f][\x01-\x7f]*")

Range = tuple[str, str]
"""Texts from the first on, and before the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How an index sorts a column by bytes."""

    collation: str = ""
    """Named in the question, where it is not the column's own."""
    pattern: bool = False
    """By an operator class made for beginnings of texts (PostgreSQL, chapter 11.10)."""

    def value(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Write a column so that the index serves questions about it."""
        return sa.collate(column, self.collation) if self.collation else column

    def within(
        self, column: ColumnElement[Any], wanted: sa.FromClause, same: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """Say that a column lies in a range, and is the same as what is wanted.

        The second is written so that PostgreSQL cannot sort or hash by it, which takes every row.
        """
        least, below = ("~>=~", "~<~") if self.pattern else (">=", "<")
        value = self.value(column)
        return sa.and_(
            value.op(least, is_comparison=True)(wanted.c.lo),
            value.op(below, is_comparison=True)(wanted.c.hi),
            same.is_(sa.true()),
        )


def order(table: Table, column: str) -> Order | None:
    """Return how some index sorts a column by bytes, where one does."""
    how = dict(table.bytewise).get(column)
    return None if how is None else Order(collation="C" if how == "C" else "", pattern=how == "pattern")


def all_of(spellings: Iterable[str], rows: int | None) -> Mapping[str, tuple[Range, ...]]:
    """List the ranges of several spellings; none where reading a table of so many rows is cheaper, or needed."""
    most = max(FEW, (rows or 0) // ROWS_EACH)
    found: dict[str, tuple[Range, ...]] = {}
    several: dict[str, None] = {}
    least = count = 0
    for spelling in spellings:
        # Each letter has a range of what begins so far and goes on beyond ASCII.
        least += len(_beginning(spelling)) if spelling not in several else 0
        if least > most:
            return {}
        several[spelling] = None
    for spelling in several:
        found[spelling] = ranges(spelling)
        count += len(found[spelling])
        if count > most or not found[spelling]:
            return {}
    return found


def ranges(spelling: str) -> tuple[Range, ...]:
    """List ranges that hold every text whose normal form is a spelling; none where they would hold too much.

    The beginning of the spelling is followed along its usual ways of writing, and left at each place where a text may
    turn off: to the letter in its other case, or beyond ASCII. A character beyond ASCII can change the one before it
    (a combining mark), but never to ASCII, so that all before both is as in the spelling.
    """
    beginning = _beginning(spelling)
    if len(beginning) < SHORTEST or beginning != beginning.lower():
        return ()
    ways = tuple(dict.fromkeys((beginning, _capital(beginning), beginning.upper())))
    found = dict.fromkeys((BLANK, (BEYOND, LAST)))
    for depth, letter in enumerate(beginning):
        followed = {way[: depth + 1] for way in ways}
        letters = dict.fromkeys((letter, letter.upper()))
        for node in dict.fromkeys(way[:depth] for way in ways):
            # Where texts go that begin so, and then go none of the ways that are followed.
            found |= {(node + one, node + _next(one)): None for one in letters if node + one not in followed}
            if node:
                found[node + BEYOND, _after(node)] = None
    return (*found, *((way, _after(way)) for way in ways))


def _beginning(spelling: str) -> str:
    """Return what a spelling begins with, up to the first character beyond ASCII."""
    found = _BEGINNING.match(spelling)
    return found[0] if found else ""


def _capital(text: str) -> str:
    """Write the words before the @ with capital letters."""
    local, at, domain = text.partition("@")
    return re.sub("[a-z]+", lambda word: word[0].capitalize(), local) + at + domain


def _after(text: str) -> str:
    """Return the first text behind all that begin so."""
    return text[:-1] + _next(text[-1])


def _next(letter: str) -> str:
    return chr(ord(letter) + 1)
