"""The organisation's look of mails: its name, its colour, plain text beside the HTML form, nothing fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from troth.letters import html, message
from troth.letters.message import Origin
from troth.reading import read_project
from unit.letters.samples import letter

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIN = 'troth: 1\norganisation: {{name: X}}\nmail: {{colour: "{colour}"}}\n'


def test_a_mail_wears_the_colour_of_its_organisation() -> None:
    """Headings, rule and links have it; the words of the letter stay as they are, and plain text is there."""
    origin = Origin(address="a@kraemer.example", colour="#123abc")
    built = message.build(letter(), to="b@example.org", origin=origin, token="ab" * 16, at=AT)
    mail = message_from_bytes(built.content, policy=policy.default)
    shown = mail.get_body(("html",))
    plain = mail.get_body(("plain",))
    assert shown is not None
    assert plain is not None
    assert shown.get_content().count("#123abc") >= 3
    assert html.ACCENT not in shown.get_content()
    assert shown.get_content().replace("#123abc", html.ACCENT).split() == html.render(letter()).split()
    assert "Krämer & Söhne" in plain.get_content()


def test_nothing_is_fetched_from_anywhere() -> None:
    """No picture, style sheet, font or script: opening a letter tells nobody."""
    shown = html.render(letter(), "#123abc")
    assert not [tag for tag in ("<img", "<link", "<script", "url(", "@import") if tag in shown]


@pytest.mark.parametrize("colour", ["#1f5c4d", "#000000", "#767676", "#B00020"])
def test_a_dark_colour_is_taken(colour: str) -> None:
    """In small letters."""
    read = read_project({"troth.yaml": MAIN.format(colour=colour).encode()})
    assert not read.problems
    assert read.policy is not None
    assert read.policy.mail.colour == colour.lower()


@pytest.mark.parametrize(
    "colour", ["#ffffff", "#777777", "#ffcc00", "red", "#123", "#12345g", "#1f5c4d;x:y", ""]
)
def test_a_colour_nobody_could_read_is_a_fault(colour: str) -> None:
    """Too light on white, or none at all; it can carry no style of its own into a mail."""
    read = read_project({"troth.yaml": MAIN.format(colour=colour).encode()})
    assert any("colour" in problem.message for problem in read.problems)
