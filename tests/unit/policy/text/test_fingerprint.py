"""Fingerprints: the table of vectors, and what never changes one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.policy.text import fingerprint

ROOT = Path(__file__).parents[4]
VECTORS = yaml.safe_load((ROOT / "tests/cases/text-fingerprints.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["why"] for vector in VECTORS])
def test_each_vector_has_its_normal_form_and_fingerprint(vector: dict[str, str]) -> None:
    """The published vectors hold."""
    assert fingerprint.normalise(vector["text"]) == vector["form"]
    assert fingerprint.fingerprint(vector["text"], lead_in=vector.get("lead-in", "")) == vector["print"]


def test_the_documented_table_is_the_tested_one() -> None:
    """The table in the reference shows exactly the vectors of the case file."""
    page = (ROOT / "docs/reference/pinned-text.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| (.+?) \| `(.+)` \| `(.*)` \| `(fp1:[0-9a-f]{8})` \|$", page, re.M)
    wanted = [(v["why"], _shown(v), v["form"], v["print"]) for v in VECTORS]
    assert shown == wanted


def _shown(vector: dict[str, str]) -> str:
    text = vector["text"]
    text = f"{vector['lead-in']} ⏎ {text}" if "lead-in" in vector else text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A normal form is its own normal form."""
    once = fingerprint.normalise(text)
    assert fingerprint.normalise(once) == once


@given(st.text(), st.sampled_from(["• ", "- ", " \t", "\u200b"]), st.sampled_from([".", " ;", ",", "\n"]))
def test_marks_before_and_stops_behind_do_not_count(text: str, before: str, behind: str) -> None:
    """A list mark, white space or a closing stop does not change a fingerprint."""
    assert fingerprint.fingerprint(before + text + behind) == fingerprint.fingerprint(text)


def test_a_lead_in_makes_another_sentence() -> None:
    """An item has the fingerprint of lead-in and item, not of the two written as one."""
    alone, led = fingerprint.fingerprint("keep it"), fingerprint.fingerprint("keep it", lead_in="We will:")
    assert len({alone, led, fingerprint.fingerprint("We will: keep it")}) == 3
