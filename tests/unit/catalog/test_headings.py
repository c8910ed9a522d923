"""What datasets are called where people read."""

from __future__ import annotations

import pytest

from troth.catalog.headings import heading, headings


@pytest.mark.parametrize(
    ("dataset", "label", "said"),
    [
        ("app.support_tickets", "", "Support tickets"),
        ("app.mail.sent", "", "Mail sent"),
        ("app.support_tickets", "Letters you wrote us", "Letters you wrote us"),
        ("app.__", "", "App.__"),
    ],
)
def test_a_heading_is_the_label_or_words_of_the_name(dataset: str, label: str, said: str) -> None:
    """A label is taken as it is; without one the words of the dataset's name stand."""
    assert heading(dataset, label) == said


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"app.messages": "", "app.orders": ""}, ["Messages", "Orders"]),
        ({"app.messages": "", "mail.messages": ""}, ["Messages (app)", "Messages (mail)"]),
        ({"app.messages": "", "mail.messages": "E-mails"}, ["Messages", "E-mails"]),
        ({"app.a": "Letters", "app.b": "letters"}, ["Letters (app.a)", "letters (app.b)"]),
        (
            {"app.a": "Letters", "app.b": "Letters", "mail.letters": ""},
            ["Letters (app.a)", "Letters (app.b)", "Letters (mail)"],
        ),
    ],
)
def test_headings_are_told_apart(labels: dict[str, str], said: list[str]) -> None:
    """The store stands in brackets where two would be the same, and the whole name where the store does not help."""
    assert list(headings(labels).values()) == said
