"""Ranges of texts that hold every spelling of an address."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from troth.catalog.model import Table
from troth.stores.sql import find_ranges
from troth.stores.sql.find_match import BLANKS

ODD = (
    "\u212a\u017f\uff21\uff41\ufb01\ufb05\u0130\u0131\u00a0\u2000\u0301\u0307\u030a\u0308\u1e9e"
    "\u00df\u00e9\u00c9\u03c3\u03c2"
)
"""A Kelvin sign, a long s, full-width letters, ligatures, odd blanks, combining marks, letters that fold."""


def form(text: str) -> str:
    """Do what the database does to a column, slowly."""
    return unicodedata.normalize("NFKC", text).lower().strip(BLANKS)


def held(text: str, ranges: tuple[find_ranges.Range, ...]) -> int:
    """Count the ranges a text lies in, compared by bytes."""
    key = text.encode()
    return sum(lo.encode() <= key < hi.encode() for lo, hi in ranges)


@given(st.data())
def test_whatever_has_the_form_lies_in_just_one_range(data: st.DataObject) -> None:
    """No writing of an address is lost, and none comes twice."""
    text = data.draw(st.text(st.sampled_from("adiksADIKS.-+1@!~" + ODD), min_size=2, max_size=9))
    text = (
        data.draw(st.sampled_from(["", " ", "\t", "\n "]))
        + text
        + data.draw(st.sampled_from(["", " ", "\r\n"]))
    )
    ranges = find_ranges.ranges(form(text))
    assert not ranges or held(text, ranges) == 1


def test_no_character_of_unicode_turns_into_ascii_unseen() -> None:
    """Put anywhere into an address, alone or with a mark, each character keeps the text in reach."""
    wanted = {
        spelling: find_ranges.ranges(spelling) for spelling in ("ada@k.s", "if@s", "\u00fcb@x", "bo\u00df@x")
    }
    for number in range(1, sys.maxunicode + 1):
        letter = chr(number)
        if unicodedata.category(letter) in ("Cs", "Cn", "Co"):
            continue
        for spelling, ranges in wanted.items():
            for place in range(len(spelling)):
                for text in (
                    spelling[:place] + letter + spelling[place + 1 :],
                    spelling[: place + 1] + letter,
                ):
                    if form(text) == spelling and ranges:
                        assert held(text, ranges) == 1, (spelling, hex(number), place)


def test_few_others_are_held() -> None:
    """Addresses in usual letters that are not meant lie in no range."""
    ranges = find_ranges.ranges("ada.lovelace@example.org")
    others = ("ada.byron@example.org", "Ada.Byron@Example.Org", "ADA.BYRON@EXAMPLE.ORG", "bob@example.org")
    assert [held(other, ranges) for other in others] == [0, 0, 0, 0]
    assert len(ranges) < 150


def test_what_begins_beyond_ascii_has_no_ranges() -> None:
    """Too much would begin as it does: all rows are read."""
    assert [find_ranges.ranges(one) for one in ("\u00fcber@example.org", "a\u00e9@example.org", "")] == [
        (),
        (),
        (),
    ]


def test_many_people_are_not_looked_up_one_by_one() -> None:
    """Where the table is small, reading it once costs less."""
    spellings = [f"somebody{n}@example.org" for n in range(100)]
    assert find_ranges.all_of(spellings, 100_000) == {}
    assert len(find_ranges.all_of(spellings, 100_000_000)) == 100
    assert find_ranges.all_of(["ada@example.org", "\u00fcber@example.org"], None) == {}


def test_only_an_index_that_sorts_by_bytes_serves() -> None:
    """The catalog says which."""
    table = Table(name="t", table="t", bytewise=(("mail", "C"), ("email", "pattern")))
    assert find_ranges.order(table, "mail") == find_ranges.Order(collation="C")
    assert find_ranges.order(table, "email") == find_ranges.Order(pattern=True)
    assert find_ranges.order(table, "name") is None
