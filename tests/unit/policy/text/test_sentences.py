"""Sentences: where a passage is cut and where it is not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.policy.text import sentences, titles
from troth.policy.text.passages import says_something

CASES = Path(__file__).parents[3] / "cases"
SENTENCES = yaml.safe_load((CASES / "text-sentences.yml").read_text(encoding="utf-8"))
HEADINGS = yaml.safe_load((CASES / "text-headings.yml").read_text(encoding="utf-8"))
PIECES = [
    "We keep data",
    ".",
    ". ",
    "e.g. ",
    "No. 5 ",
    "(",
    ") ",
    "“",
    ".” ",
    "Inc. ",
    "? ",
    "... ",
    "a",
    " ",
    "* ",
    "J. ",
    "。",
]


@pytest.mark.parametrize("case", SENTENCES, ids=[case["why"] for case in SENTENCES])
def test_a_passage_is_cut_where_its_sentences_end(case: dict[str, str]) -> None:
    """Each passage of the table is cut at its bars and nowhere else."""
    passage = case["cut"].replace("|", "")
    wanted = [piece.strip() for piece in case["cut"].split("|")]
    assert [passage[slice(*piece)] for piece in sentences.cut(passage)] == wanted


@pytest.mark.parametrize("case", HEADINGS, ids=[case["line"] for case in HEADINGS])
def test_a_line_looks_like_a_heading_or_not(case: dict[str, str | int]) -> None:
    """Each line of the table is taken for the kind of heading it says."""
    look = titles.look(str(case["line"]))
    assert (look.style.name.lower() if look else "none") == case["style"]
    assert (look.depth if look else 0) == case.get("depth", 0)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_character_is_lost_or_doubled(passage: str) -> None:
    """The sentences of a passage hold all its characters but white space between them, once and in order."""
    pieces = sentences.cut(passage)
    assert "".join("".join(passage[slice(*piece)].split()) for piece in pieces) == "".join(passage.split())
    assert all(before[1] <= after[0] for before, after in pairwise(pieces))


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_every_sentence_says_something(passage: str) -> None:
    """Only a passage without any letter or digit yields a piece without one."""
    pieces = [passage[slice(*piece)] for piece in sentences.cut(passage)]
    assert all(says_something(piece) for piece in pieces) or not says_something(passage)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_whole_passage_of_one_sentence_stays_one(passage: str) -> None:
    """A sentence cut out of a passage is not cut again, unless a title that opened the passage is in it."""
    bracketed = "(" in passage or ")" in passage  # a full stop inside brackets that stand outside the piece
    for start, end in sentences.cut(passage):
        sentence = passage[start:end]
        again = sentences.cut(sentence)
        assert len(again) == 1 or bracketed or titles.is_run_in(sentence[slice(*again[0])])
