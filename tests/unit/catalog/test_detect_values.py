"""What sampled values look like, as shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.catalog.detect import profile
from troth.catalog.detect.kinds import Kind


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.EMAIL, ["ada@example.org", "a.b+c@x.co.uk"]),
        (Kind.PHONE, ["+1 (403) 262-3443", "+44 20 7946 0958", "030 1234567", "(555) 010-2233"]),
        (Kind.IP, ["10.0.0.1", "2001:db8::1", "192.0.2.0/24"]),
        (Kind.CARD, ["4111111111111111", "5500 0055 5555 5559", "************1111"]),
        (Kind.BANK, ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"]),
        (Kind.NATIONAL_ID, ["12345678Z", "536-90-4399"]),
        (Kind.USER_AGENT, ["Mozilla/5.0 (X11; Linux)", "curl/8.0"]),
        (Kind.SECRET, ["$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=65536"]),
        (Kind.FULL_NAME, ["Ada Lovelace", "José García López"]),
        (Kind.STREET, ["12 Main Street", "Hauptstraße 5", "Calle Mayor 5"]),
        (Kind.DEVICE, ["00:1B:44:11:3A:B7"]),
    ],
)
def test_recognised(kind: Kind, values: list[str]) -> None:
    """Every sample of a kind is recognised as such."""
    assert profile(values).share(kind) == 1.0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.EMAIL, ["user at example", "@handle", "a@b"]),
        (Kind.PHONE, ["2024-01-02", "1234567", "SKU-12345", "12.50"]),
        (Kind.IP, ["1.2.3", "300.1.1.1", "12:30:00"]),
        (Kind.CARD, ["4111111111111112", "1234"]),
        (Kind.BANK, ["DE00370400440532013000"]),
        (Kind.NATIONAL_ID, ["12345678A", "000-00-0000"]),
        (Kind.FULL_NAME, ["Blue Widget", "Main Office", "ada"]),
    ],
)
def test_not_mistaken(kind: Kind, values: list[str]) -> None:
    """Look-alikes are not taken for the real thing."""
    assert profile(values).share(kind) == 0.0


def test_blank_and_missing_values_do_not_count() -> None:
    """Only values that are there are looked at."""
    assert profile([None, "", "  ", "ada@example.org"]).seen == 1


def test_contacts_inside_texts_are_counted() -> None:
    """An address in the middle of a longer text is seen."""
    texts = ["please write to ada@example.org about it", "nothing to see here, move along please"]
    assert profile(texts).contacts_inside == 0.5


@given(st.lists(st.none() | st.text(max_size=60), max_size=30))
def test_any_text_is_described(values: list[str | None]) -> None:
    """Whatever stands in a column, shares are between nothing and all, and no value is kept."""
    found = profile(values)
    assert all(0 < share <= 1 for share in found.shares.values())
    assert found.distinct <= found.seen <= len(values)
