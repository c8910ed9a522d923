"""The answer about one row, in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from troth.plan.explain_row import Held, Part, Term, Why
from troth.plan.say_row import sentences

TERM = Term(
    promise="retention.account",
    period="2 years",
    event="account.closed",
    began=date(2023, 5, 6),
    place="app.customers.closed_at",
    ends=date(2025, 5, 6),
    act_within="24 hours",
)
PART = Part(rule="account", fields=("name", "email"), state="expired", terms=(TERM,))
WHY = Why(
    dataset="app.customers",
    key="7",
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    found=True,
    fate="delete",
    on_expiry="delete-row",
    parts=(PART,),
    goes=date(2025, 5, 6),
)
HELD = Held(id="hold:1", ground="legal hold", review="2026-09-01")


def test_past_its_end() -> None:
    """A row past its end says what happens, by which rule, since when."""
    assert list(sentences(WHY)) == [
        "It is past its end: a plan made now deletes it.",
        "name, email: retention.account counts 2 years after account.closed, which was 2023-05-06 "
        "(app.customers.closed_at): it ends with 2025-05-06 and must be gone within 24 hours after that.",
        "The row should have gone after 2025-05-06.",
    ]


def test_held() -> None:
    """A held row names the hold, its ground, its review, and what would be without it."""
    first, *_, hold, last = sentences(replace(WHY, fate="hold", detail="hold:1", holds=(HELD,)))
    assert first == "It stays because of hold:1."
    assert hold == "hold:1 (legal hold) covers it, to be looked at again on 2026-09-01."
    assert last == "Without that the row would have gone after 2025-05-06."


def test_needed() -> None:
    """A row something needs names the dataset, and says that its fields go all the same."""
    first, second, *_ = sentences(replace(WHY, fate="needed-by", detail="app.orders"))
    assert first == "It is past its end and stays because rows of app.orders still need it."
    assert second == "What has ended in it is emptied meanwhile."


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (replace(PART, state="not-started", terms=(replace(TERM, began=None),)), "which has no date yet"),
        (replace(PART, state="unreadable", terms=(replace(TERM, began=None),)), "a date that cannot be read"),
        (replace(PART, state="unproven", unproven="agreements are not read yet"), "cannot be carried out"),
        (replace(PART, terms=(replace(TERM, event="", period=""),)), "retention.account never ends it"),
        (
            replace(PART, terms=(replace(TERM, period=""),)),
            "lasts until account.closed, which was 2023-05-06",
        ),
        (replace(PART, state="gone"), "Nothing of it is left that may go"),
    ],
)
def test_parts(part: Part, expected: str) -> None:
    """Each state of some fields has its own words."""
    assert expected in " ".join(sentences(replace(WHY, parts=(part,))))


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        (replace(WHY, goes=date(2026, 3, 1)), "The row goes after 2026-03-01, unless"),
        (replace(WHY, goes=None), "When the row goes cannot be said yet."),
        (replace(WHY, goes=None, on_expiry="keep-row"), "The row itself stays"),
        (replace(WHY, goes=None, on_expiry="keep-without-person"), "its link to the person goes"),
        (replace(WHY, goes=None, on_expiry=""), "The data map does not say"),
        (replace(WHY, fate="other-controller"), "When it goes is not ours to say."),
    ],
)
def test_last_word(why: Why, expected: str) -> None:
    """The last sentence says when the row goes, or why nobody can."""
    assert expected in list(sentences(why))[-1]


def test_nothing_to_say() -> None:
    """A row that is not there, or that no rule looks at, gets one sentence."""
    assert list(sentences(replace(WHY, found=False))) == ["No row of app.customers has the key 7."]
    (only,) = sentences(replace(WHY, parts=()))
    assert only.startswith("No rule looks at app.customers")
