"""Words of answers: no name out of a policy file reaches a person."""

from __future__ import annotations

import pytest

from troth.app.casework import wording


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("7 years after transaction.made", "7 years after the transaction was made"),
        ("2 years after last.interaction", "2 years after the last interaction"),
        ("6 years after contract.ended", "6 years after the contract ended"),
        ("when purposes.end comes", "when nothing needs it any more"),
        ("2 years after noncustomer.since", "2 years after you stopped being a customer"),
        ("2032-12-31", "31 December 2032"),
        ("", "until the reason ends"),
    ],
)
def test_an_end_is_told_in_words(ends: str, told: str) -> None:
    """What a policy calls an event is said as people say it."""
    assert wording._when(ends, "") == told


@pytest.mark.parametrize(
    ("detail", "told"),
    [("transaction (tax)", "tax"), ("retention.account", "account"), ("tax-law", "tax law")],
)
def test_a_duty_is_told_by_what_it_is_for(detail: str, told: str) -> None:
    """A person reads what law it is, not which rule of ours names it."""
    assert wording._words(detail) == told
