"""Canonical JSON has one spelling per value and refuses what has none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import Damaged, Refused
from troth.evidence import canonical

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        (
            {"\u20ac": "\u20ac", "\r": 1, "1": '\u0007\n"\\'},
            '{"\\r":1,"1":"\\u0007\\n\\"\\\\","\u20ac":"\u20ac"}',
        ),
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\ufb33":2,"\U0001f600":1}'),
        ((), "[]"),
        (-0, "0"),
        (2**53 - 1, "9007199254740991"),
    ],
)
def test_one_spelling(value: object, expected: str) -> None:
    """Keys are sorted by code point, nothing is padded, only what must be escaped is."""
    assert canonical.encode(value) == expected.encode()


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        float("inf"),
        {1: "a"},
        {"a": 0.5},
        2**53,
        -(2**53),
        "\ud800",
        {"\udfff": 1},
        b"a",
        {1, 2},
    ],
    ids=repr,
)
def test_refused_values(value: object) -> None:
    """Floats, keys that are not text, numbers too large, half characters and other types are refused."""
    with pytest.raises(Refused):
        canonical.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":1, "b":2}',
        b'{"b":1,"a":2}',
        b'"\\u0041"',
        b"1.0",
        b"1e3",
        b"NaN",
        b"-0",
        b"01",
        b"9007199254740992",
        b"9" * 5000,
        b"[" * 100_000,
        b'"\xff"',
        b'"\\ud800"',
        b"",
        b"\xef\xbb\xbf1",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_refused_bytes(data: bytes) -> None:
    """Bytes in any other spelling, repeated keys and endless nesting are refused without a crash."""
    with pytest.raises(Damaged):
        canonical.decode(data)


@given(values)
def test_round_trip(value: object) -> None:
    """What is written is read back equal, is plain JSON, and is written the same again."""
    data = canonical.encode(value)
    assert canonical.decode(data) == value == json.loads(data)
    assert canonical.encode(canonical.decode(data)) == data
