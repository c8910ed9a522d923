"""What events of a case say in clear reads like a sentence, not like fields."""

from __future__ import annotations

import pytest

from troth.cases import events
from troth.cases.case import CHANNELS
from troth.cases.identity_proof import MEANS
from troth.desk.console import case_facts

PLANNED: dict[str, object] = {
    **{"plan": "sha256:" + "ab" * 32, "people": 1, "rows": 12, "kept": 2, "tasks": 0, "stores": 1},
}


def test_counts_are_phrases_and_nothing_is_left_out() -> None:
    """One person and no task are not worth a word; what was found is, even where it is nothing."""
    assert case_facts.facts("planned", PLANNED) == (
        "plan abababababab",
        "12 rows found",
        "2 rows stay, whole or in part",
        "1 store",
    )
    assert case_facts.facts("planned", {"people": 0, "rows": 0}) == ("nothing found",)
    assert case_facts.facts("done", {"rows": 1}) == ("1 row",)


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("received", {"channel": "form"}, ("through the privacy centre",)),
        ("acknowledged", {"letter": "letter:7"}, ("letter 7",)),
        (
            "identity.received",
            {"means": "points", "matched": 2, "of": 3},
            ("facts that match", "2 of 3 facts match"),
        ),
        (
            "extension.notice",
            {"reason": "complex", "due": "2026-11-10"},
            ("reason: complex", "until 10 Nov 2026"),
        ),
        ("residence.stated", {"laws": ["eu-gdpr", "us-ca-ccpa"]}, ("GDPR, CCPA",)),
        ("closed", {"outcome": "partial"}, ("granted in part",)),
    ],
)
def test_codes_are_said_in_words(kind: str, body: dict[str, object], says: tuple[str, ...]) -> None:
    """Channels, means, letters, days, laws and outcomes are called what people call them."""
    assert case_facts.facts(kind, body) == says


def test_every_channel_and_proof_has_words() -> None:
    """None of them is shown as its code."""
    assert set(CHANNELS) <= set(case_facts.CHANNELS)
    assert set(MEANS) <= set(case_facts.MEANS)


def test_nothing_is_said_of_fields_there_are_not() -> None:
    """Every field that has words of its own is a field of events."""
    assert set(case_facts._SAY) <= set(events.FIELDS)
