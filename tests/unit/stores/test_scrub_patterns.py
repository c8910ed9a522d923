"""What is taken out of free text: whole words of the person's own, and nothing of anybody else's."""

from __future__ import annotations

import re

import pytest

from troth.people.manifest import Person
from troth.people.typed import Identity
from troth.stores.sql.scrub_patterns import ERASED, escaped, pattern

ADA = Person(
    number=1,
    values={},
    identities=(
        Identity(match="email", value="ada.l@example.org"),
        Identity(match="phone", value="+441632960001"),
        Identity(match="ip", value="192.0.2.7"),
        Identity(match="customer/", value="1234567"),
        Identity(match="customer/", value="42"),
        Identity(match="account", value="7f9c24e5-2c1b-4d0e-9a9b-1f2e3d4c5b6a"),
    ),
    names=("Ada Lovelace", "Ada", "X Y", "Zoë Müller-O'Hara"),
)


def scrub(text: str) -> str:
    """Take Ada out of a text."""
    found = pattern([ADA], "GB")
    assert found is not None
    return re.sub(found, ERASED, text, flags=re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "ADA.L@Example.org", "ada lovelace", "ADA   LOVELACE", "Ada\nLovelace", "+44 1632 960001",
        "+44 (0)1632-960001",
        "0044 1632 960 001", "01632 960001", "+441632960001", "192.0.2.7", "1234567", "zoë müller-o'hara",
        "7F9C24E5-2C1B-4D0E-9A9B-1F2E3D4C5B6A",
    ],
)  # fmt: skip
def test_every_spelling_of_the_person_goes(text: str) -> None:
    """Alone, in a sentence, and between brackets and quotes."""
    assert scrub(text) == ERASED
    assert scrub(f"Call {text}, please") == f"Call {ERASED}, please"
    assert scrub(f"('{text}')") == f"('{ERASED}')"
    assert scrub(f"by {text}.") == f"by {ERASED}."


@pytest.mark.parametrize(
    "text",
    [
        "nada.l@example.org", "ada.l@example.org.uk", "ada_l@example.org", "ada+l@example.org", "x-ada.l@example.org",
        "441632960001234", "1192.0.2.7", "192.0.2.77", "192.0.2.7.8", "12345678", "x1234567", "42", "Ada", "X Y",
        "Canada Lovelace", "Ada Lovelaces", "7f9c24e5-2c1b-4d0e-9a9b-1f2e3d4c5b6a-x",
    ],
)  # fmt: skip
def test_what_only_looks_like_the_person_stays(text: str) -> None:
    """Longer words are somebody else's, single and short ones are everybody's."""
    assert scrub(text) == text


def test_nobody_has_no_expression() -> None:
    """A person of whom nothing is known is looked for nowhere."""
    assert pattern([Person(number=1, values={}, names=("Ada", "A B"))]) is None


def test_the_longest_is_taken_first() -> None:
    """An address that begins like a shorter one goes as a whole."""
    both = Person(number=1, values={}, names=("Ada Love", "Ada Love Lace"))
    found = pattern([both])
    assert found is not None
    assert re.sub(found, ERASED, "Ada Love Lace", flags=re.IGNORECASE) == ERASED


def test_no_letter_of_a_text_is_taken_for_a_command() -> None:
    """Every letter that means something to an expression stands for itself."""
    odd = "".join(map(chr, range(32, 127)))
    assert re.fullmatch(escaped(odd), odd)
