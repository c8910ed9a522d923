"""One normal form per family, and the spellings in which a store may hold it."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.people import normal
from troth.people.kinds import Family

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "identities.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['family']}-{case['written']!r}")
def test_normal_form(case: dict[str, Any]) -> None:
    """Every vector has the normal form it says."""
    assert normal.normal(Family(case["family"]), case["written"], case.get("in", "")) == case["is"]


@pytest.mark.parametrize("case", [c for c in CASES if c["is"]], ids=lambda case: case["is"])
def test_a_normal_form_is_its_own(case: dict[str, Any]) -> None:
    """A normal form does not change when it is formed again, and is among its own spellings."""
    family = Family(case["family"])
    assert normal.normal(family, case["is"]) == case["is"]
    assert case["is"] in normal.spellings(family, case["is"], case.get("in", ""))


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,20}@[A-Za-z0-9]{1,20}\.[a-z]{2,5}", fullmatch=True))
def test_plain_addresses_are_their_lower_case(address: str) -> None:
    """For plain ASCII the normal form is what `lower(trim())` makes in a store."""
    assert normal.normal(Family.EMAIL, f" {address} ") == address.lower()


@given(st.text(max_size=40))
def test_whatever_is_typed_is_formed_or_refused(text: str) -> None:
    """No text breaks a normal form, and each form is stable."""
    for family in (Family.EMAIL, Family.PHONE, Family.IP, Family.ACCOUNT):
        found = normal.normal(family, text, "US")
        assert found is None or normal.normal(family, found, "US") == found


@pytest.mark.parametrize("written", ["+49 (0)30 1234567", "0049 30 1234567", "030/1234567", "49301234567"])
def test_spellings_of_a_phone_where_it_rests(written: str) -> None:
    """A store in the number's own country may leave the country out."""
    assert normal.digits(written) in normal.spellings(Family.PHONE, "+49301234567", "DE")


def test_no_spelling_means_another_number() -> None:
    """Abroad, the short form of a number is somebody else's."""
    spellings = normal.spellings(Family.PHONE, "+49301234567", "US")
    assert "0301234567" not in spellings and "301234567" not in spellings
    assert all(normal.normal(Family.PHONE, one, "US") == "+49301234567" for one in spellings)


def test_spellings_of_an_address_with_another_script() -> None:
    """A domain is looked for as it reads and as it is encoded."""
    found = normal.spellings(Family.EMAIL, "ada@xn--bcher-kva.example")
    assert set(found) == {"ada@xn--bcher-kva.example", "ada@bücher.example"}


@pytest.mark.parametrize(
    "stored", ["mi\u212ae@example.org", "\uff4dike@example.org", "mike@stra\u00dfe.example"]
)
def test_look_alikes_lead_nowhere(stored: str) -> None:
    """An address equal to another by folding alone is another mailbox: it may be found, and leads on to nobody."""
    assert normal.normal(Family.EMAIL, stored) is not None
    assert normal.carries(Family.EMAIL, stored) is None


@pytest.mark.parametrize(
    "stored", [" Mike@Example.org ", "JOSÉ@Bücher.example", unicodedata.normalize("NFD", "josé@x.example")]
)
def test_usual_addresses_lead_on(stored: str) -> None:
    """Case, blanks, accents and readable domains keep nobody from being found."""
    assert normal.carries(Family.EMAIL, stored) == normal.normal(Family.EMAIL, stored)


@pytest.mark.parametrize(
    "stored",
    ["stra\u00dfe@x.example", "strasse@x.example", "a@stra\u00dfe.example", "nik\u03bf\u03c2@x.example"],
)
def test_letters_that_lower_case_leaves_alone_are_among_the_spellings(stored: str) -> None:
    """What somebody types exactly as a store has it is found, though folding changes it."""
    folded = normal.normal(Family.EMAIL, stored)
    assert folded and stored in normal.spellings(Family.EMAIL, folded)


def test_spellings_stay_few() -> None:
    """An address full of such letters has no more spellings than any other."""
    assert len(normal.spellings(Family.EMAIL, f"{'ss' * 20}@example.org")) <= 2
