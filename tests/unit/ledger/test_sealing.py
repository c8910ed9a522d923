"""Sealed values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import Damaged
from troth.ledger.sealing import Sealing

SEALING = Sealing(secret=b"k" * 32)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens(plain: bytes, place: str) -> None:
    """With the same key, for the same place, any value comes back."""
    sealed = SEALING.seal(plain, place=place)
    assert SEALING.open(sealed, place=place) == plain
    assert SEALING.seal(plain, place=place) != sealed


@given(st.data())
def test_any_change_is_found(data: st.DataObject) -> None:
    """A flipped bit anywhere, a cut, another place or another key: it does not open."""
    sealed = SEALING.seal(b"secret", place="hold/1")
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[at // 8] ^= 1 << at % 8
    cut = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    other = Sealing(secret=b"o" * 32)
    for key, value, place in (
        (SEALING, bytes(flipped), "hold/1"),
        (SEALING, cut, "hold/1"),
        (SEALING, sealed, "hold/2"),
        (other, sealed, "hold/1"),
    ):
        with pytest.raises(Damaged, match="cannot be opened"):
            key.open(value, place=place)


def test_digests_depend_on_key_and_use() -> None:
    """The same text has another digest under another key and for another use."""
    digests = {
        SEALING.digest("ada", use="staff"),
        SEALING.digest("ada", use="other"),
        Sealing(secret=b"o" * 32).digest("ada", use="staff"),
    }
    assert len(digests) == 3
    assert SEALING.digest("ada", use="staff") in digests


def test_the_key_is_not_shown() -> None:
    """Printing the object shows no key."""
    assert "kkk" not in repr(SEALING)


def test_what_was_sealed_with_an_older_secret_opens() -> None:
    """After a rotation old values open, new ones are sealed with the new secret alone."""
    old = Sealing(secret=b"o" * 32)
    now = Sealing(secret=b"n" * 32, older=(b"o" * 32,))
    assert now.open(old.seal(b"plain", place="hold/1"), place="hold/1") == b"plain"
    assert now.digest("ann", use="staff") != old.digest("ann", use="staff")
    assert now.digests("ann", use="staff")[1:] == (old.digest("ann", use="staff"),)
    with pytest.raises(Damaged):
        old.open(now.seal(b"plain", place="hold/1"), place="hold/1")
