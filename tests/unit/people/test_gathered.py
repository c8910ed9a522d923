"""Identities that wait until somebody asks, and placeholders that are nobody's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from troth.people.gathered import Later, Wanted
from troth.people.typed import Identity

ADA = Identity(match="email", value="ada@example.org")
BEN = Identity(match="email", value="ben@example.org")


def test_identities_are_worked_out_once_and_only_when_looked_at() -> None:
    """Whoever asks twice is given the same."""
    asked: list[str] = []

    def work() -> Iterator[Identity]:
        asked.append("asked")
        yield from (ADA, BEN, ADA)

    later = Later(work)
    assert asked == []
    assert tuple(later) == (ADA, BEN)
    assert (len(later), later[1], later[:1], ADA in later) == (2, BEN, (ADA,), True)
    assert asked == ["asked"]


def test_identities_are_equal_however_they_came() -> None:
    """As a tuple is."""
    assert Later(lambda: (ADA, BEN)) == (ADA, BEN)
    assert Later(lambda: (ADA,)) != (ADA, BEN)
    assert Later(lambda: ()) != 0


def test_no_identity_stands_in_what_a_log_would_show() -> None:
    """A repr is what messages and logs hold."""
    assert "ada" not in repr(Later(lambda: (ADA,)))


@pytest.mark.parametrize(
    ("value", "emptied"),
    [
        ("erased", True),
        ("erased-7-x", True),
        ("erased-7", False),
        ("erased-8-x", False),
        ("Erased", False),
        (None, False),
        (7, False),
    ],
)
def test_a_placeholder_of_the_rows_own_key_is_no_identity(value: object, emptied: bool) -> None:
    """An erasure writes it, alone or with the key behind it."""
    wanted = Wanted(
        subject="customer",
        dataset="app.customers",
        columns=("email",),
        verified={},
        names={},
        placeholders={"email": "erased", "phone": "gone"},
    )
    assert (wanted.emptied((7, "x"), {"email": value}) == {"email"}) is emptied
