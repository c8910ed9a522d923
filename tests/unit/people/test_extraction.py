"""Extraction against a slow reading that tries every stretch of a text."""

from __future__ import annotations

import ipaddress
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from troth.people import extraction

PIECES = [
    "ada@example.org",
    "+44 20 7946 0958",
    "192.0.2.17",
    "2001:db8::7",
    "5d41402abc4b2a76b9719d911017c592",
]
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(alphabet="a1@.: -/%+,\n\u00fc\u3042", max_size=4)), max_size=6
).map("".join)


def slowly(text: str) -> set[str]:
    """Try every stretch that stands between letters which cannot belong to it."""
    found = set()
    for start in range(len(text)):
        for end in range(start + 2, len(text) + 1):
            part, before, after = text[start:end], text[:start][-1:], text[end:]
            found |= _address(part, before, after) | _numeric(part, before, after) | _hex(part, before, after)
    return found


def _address(part: str, before: str, after: str) -> set[str]:
    ends = not re.match(r"[A-Za-z0-9]|[-.]+[A-Za-z0-9]", after)
    begins = not re.match(r"[A-Za-z0-9._%+-]", before)
    whole = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]*[A-Za-z0-9]", part)
    return {part} if whole and ends and begins else set()


def _numeric(part: str, before: str, after: str) -> set[str]:
    if re.match(r"[0-9]", before) or re.match(r"[0-9]", after):
        return set()
    found = set()
    if re.fullmatch(r"[0-9](?:[ ./-]{0,3}[0-9]){3,19}", part):
        found.add(re.sub(r"\D", "", part))
    try:
        ipaddress.IPv4Address(part)
    except ValueError:
        return found
    alone = not re.match(r"\.[0-9]", after) and before != "."
    return found | {part} if alone else found


def _hex(part: str, before: str, after: str) -> set[str]:
    alone = not re.match("[0-9a-f]", before) and not re.match("[0-9a-f]", after)
    return {part} if alone and re.fullmatch("[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", part) else set()


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_everything_a_slow_reading_finds_is_extracted(text: str) -> None:
    """No form of anybody is passed over, whatever stands around it."""
    assert slowly(extraction.plain(text)) <= set(extraction.extract(text))


def test_a_long_text_costs_no_more_than_its_length() -> None:
    """A text of a million letters without an end is read in a moment: nothing is read over and over."""
    for letter in ("a", "@", "1", " ", ":", "%"):
        assert len(list(extraction.extract(letter * 200_000))) <= 200_000 * 20


def test_only_wanted_shapes_are_extracted() -> None:
    """Without a phone number to look for, digits are passed over."""
    wanted = extraction.shapes(["ada@example.org"])
    assert set(extraction.extract("ada@example.org 020 7946 0958", wanted)) == {"ada@example.org"}
    assert extraction.shapes(["442079460958", "192.0.2.17"]).digits == 7
