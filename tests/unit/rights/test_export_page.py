"""Headings of the page a person reads."""

from __future__ import annotations

import pytest

from troth.rights.export_page import title


@pytest.mark.parametrize(
    ("dataset", "among", "heading"),
    [
        ("app.support_tickets", (), "Support tickets"),
        ("app.messages", ("app.messages", "app.orders"), "Messages"),
        ("app.messages", ("app.messages", "mail.messages"), "Messages (app)"),
        ("mail.messages", ("app.messages", "mail.messages"), "Messages (mail)"),
    ],
)
def test_a_heading_names_the_store_where_two_would_be_the_same(
    dataset: str, among: tuple[str, ...], heading: str
) -> None:
    """Words of the dataset, and its store only where it has to be told from another."""
    assert title(dataset, among) == heading
