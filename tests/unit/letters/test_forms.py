"""A letter in its forms: text that fits, HTML that loads nothing and believes nobody, mail nobody can forge into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest

from troth.errors import Damaged
from troth.letters import html, message, model, retry, text
from troth.letters.message import Origin
from troth.problems import BadInput
from unit.letters.samples import ROUTE, TABLE, letter

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = "0123456789abcdef" * 2
OURS = Origin(address="privacy@kraemer.example")


def mail(to: str = "anna@example.org", **more: object) -> message.Mail:
    """Make a mail of a letter."""
    return message.build(letter(**more), to=to, origin=OURS, token=TOKEN, at=AT)


def test_plain_text_keeps_to_its_width() -> None:
    """Lines break at words; a word longer than a line stays whole."""
    long = "https://example.org/" + "x" * 90
    lines = text.render(letter(request=f"{'word ' * 60}{long}")).splitlines()
    assert [line for line in lines if len(line) > text.WIDTH and long not in line] == []
    assert any(long in line for line in lines)


def test_a_narrow_table_has_columns_and_a_wide_one_lines() -> None:
    """A table is readable either way."""
    section = {"part": "x", "heading": "Who gets it", "table": TABLE}
    narrow = text.render(letter("answer-access", contents=[section]))
    assert "who         where\n----------  -----\nMailRocket  US" in narrow
    rows = [["word " * 20, "US"]]
    wide = text.render(letter("answer-access", contents=[section | {"table": TABLE | {"rows": rows}}]))
    assert "\n- who: word" in wide
    assert "\n  where: US" in wide


def test_html_believes_nobody() -> None:
    """Every value is escaped, in every place."""
    nasty = "<img src=x onerror=alert(1)>\"'&"
    organisation = {"name": nasty, "contact": nasty, "address": [nasty]}
    reasons = [{"item": nasty, "because": nasty, "law": nasty, "until": nasty}]
    routes = [{"part": nasty, "name": nasty, "how": nasty, "contact": nasty}]
    page = html.render(letter(organisation=organisation, reasons=reasons, routes=routes, person=nasty))
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") >= 9


def test_html_loads_nothing() -> None:
    """No picture, no style sheet, no script; a link only where a route gives an address."""
    page = html.render(letter())
    assert [
        word for word in ("src=", "<link", "<script", "url(", "@import", "http-equiv") if word in page
    ] == []
    assert page.count("href=") == 1
    assert 'href="https://www.cnil.fr"' in page


@pytest.mark.parametrize(
    "contact", ["javascript:alert(1)", "http://plain.example", "https://a.example/ x", "a@b"]
)
def test_only_plain_addresses_become_links(contact: str) -> None:
    """What is anything else stays text, but for a mail address."""
    page = html.render(letter(routes=[ROUTE | {"contact": contact}]))
    assert ("href=" in page) == (contact == "a@b")


def test_html_says_its_language_and_direction() -> None:
    """A letter in Arabic runs from right to left."""
    from dataclasses import replace

    page = html.render(replace(letter(), language="ar"))
    assert '<html lang="ar" dir="rtl">' in page


@pytest.mark.parametrize("nasty", ["Ann\nBcc: x@y.example", "Ann\r\n\r\n<b>", "Ann\u2028Bcc: x@y.example"])
def test_no_value_adds_a_header(nasty: str) -> None:
    """Line breaks in names and references end nothing."""
    organisation = {"name": nasty, "contact": "c@kraemer.example"}
    made = mail(reference=nasty, person=nasty, organisation=organisation).content
    read = message_from_bytes(made, policy=policy.default)
    assert [key for key, _ in read.items()] == [
        *("From", "Subject", "To", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type", "Content-Language"),
    ]
    assert read["Bcc"] is None


@pytest.mark.parametrize(
    "to",
    ["", "anna", "a@b c.example", "a@b.example\nBcc: x@y.example", "<a@b.example>", "a@b.example,c@d.example",
     "@b.example", "a@", "a@-b.example", f"{'a' * 65}@b.example", f"a@{'b' * 64}.example"],
)  # fmt: skip
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    """One address and nothing else."""
    with pytest.raises(BadInput):
        mail(to)


@pytest.mark.parametrize(
    "said",
    ["Gemeinnützige Gesellschaft für Datenschutz und " + "Straße " * 15, "Smith, Jones & \"Sons\" \\ Co.",
     "a " * 70, "日本語" * 30, "Ärger " * 20, "x" * 190, "=?utf-8?q?no?=", "Ann <x@y.example>,"],
)  # fmt: skip
def test_words_of_headers_come_back_whole(said: str) -> None:
    """Names and subjects are encoded and folded, and read again as they were; no line is too long."""
    made = mail(organisation={"name": said, "contact": "c@kraemer.example"}, reference=said).content
    read = message_from_bytes(made)
    sender = str(make_header(decode_header(read["From"]))).replace("\\\\", "\\").replace('\\"', '"')
    assert (
        sender.replace('" <', " <").removeprefix('"') == f"{' '.join(said.split())} <privacy@kraemer.example>"
    )
    subject = str(make_header(decode_header(read["Subject"])))
    assert subject == f"Our answer to your request [{' '.join(said.split())}]"[:200]
    assert max(map(len, made.split(b"\r\n"))) < 998


def test_a_message_id_gives_its_token_back() -> None:
    """A notice that quotes it finds the letter; another's finds none."""
    made = message_from_bytes(mail().content, policy=policy.default)
    assert message.token(str(made["Message-ID"])) == TOKEN
    assert message.token("<123@elsewhere.example>") == ""


def test_retries_come_soon_then_seldom_then_never() -> None:
    """The first after minutes, later ones every four hours, none after four days."""
    waits = [retry.next_attempt(n, created=AT, at=AT) for n in (1, 2, 6, 20)]
    assert [(wait - AT).total_seconds() / 60 for wait in waits if wait] == [5, 15, 240, 240]
    assert retry.next_attempt(3, created=AT, at=AT + timedelta(days=4)) is None


@pytest.mark.parametrize("wrong", [b"", b"{}", b'{"format": "troth.letter/9"}', b"\xff"])
def test_what_is_no_letter_is_damage(wrong: bytes) -> None:
    """A content that Troth did not write is not guessed at."""
    with pytest.raises(Damaged):
        model.decode(wrong)
