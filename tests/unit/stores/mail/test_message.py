"""A mail as a row: its columns, and what is taken out of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.model import Blank, Replace
from troth.rights.model import Scrub
from troth.stores.files import spotting
from troth.stores.files.spotting import Spotter
from troth.stores.mail import addresses
from troth.stores.mail.message import Mail
from troth.stores.mail.parts import Field

ADA = frozenset({1})
SPOTTER = Spotter(
    spotting.wanted(
        Manifest(
            entries=(),
            people=(
                Person(
                    number=1,
                    values={},
                    identities=(Identity(match="email", value="ada@example.org"),),
                    names=("Ada Lovelace",),
                ),
            ),
        )
    )
)
MAIL = (
    b'From: "Lovelace, Ada" <Ada@Example.ORG>\n'
    b"To: friends: ben@example.net, =?utf-8?q?C=C3=A9m?= <cem@example.com>;, ada@example.org (me)\n"
    b"Subject: =?utf-8?q?for_Ada_Lovelace?=\n"
    b"Date: Fri, 02 Jan 2026 10:00:00 +0200\n"
    b"Received: from x for <ada@example.org>; today\n"
    b"\n"
    b"Yours, Ada Lovelace\n"
)


def test_columns() -> None:
    """Addresses are listed however they are written; dates have a zone; what is not there is nothing."""
    mail = Mail(MAIL)
    assert mail.cell("from") == ("Ada@Example.ORG",)
    assert mail.cell("to") == ("ben@example.net", "cem@example.com", "ada@example.org")
    assert mail.cell("date") == datetime(2026, 1, 2, 8, tzinfo=UTC)
    assert mail.cell("subject") == "for Ada Lovelace"
    assert mail.cell("cc") == ()
    assert mail.cell("attachments") == ()
    assert mail.cell("nothing") is None


def test_a_shared_mail_keeps_the_others() -> None:
    """Of a mail with others in it, the person's part goes and everything else stays to the byte."""
    mail = Mail(MAIL)
    assert mail.remove(ADA, SPOTTER, frozenset({"from", "to"})) == "changed"
    assert mail.written() == (
        b'From: "[erased]" <erased@erased.invalid>\n'
        b'To: friends: ben@example.net, =?utf-8?q?C=C3=A9m?= <cem@example.com>;, "[erased]" <erased@erased.invalid>\n'
        b"Subject: for [erased]\n"
        b"Date: Fri, 02 Jan 2026 10:00:00 +0200\n"
        b"Received: from x for <[erased]>; today\n"
        b"\n"
        b"Yours, [erased]\n"
    )
    assert mail.cell("from") == ()


def test_a_mail_of_ones_own_goes() -> None:
    """Where nobody else stands but a function of the house, the mail goes."""
    mail = Mail(b"From: ada@example.org\nTo: Support <support+7@shop.example>\n\nhi\n")
    assert mail.remove(ADA, SPOTTER, frozenset({"from", "to"})) == "gone"


def test_only_declared_columns_have_people() -> None:
    """Whoever stands in a column by which nobody is found does not share the mail."""
    assert Mail(MAIL).remove(ADA, SPOTTER, frozenset({"from"})) == "gone"


def test_an_envelope_is_redacted() -> None:
    """The line that begins a mail in an mbox names the sender too."""
    mail = Mail(b"From ada@example.org Fri Jan  2 10:00:00 2026\nFrom: a@example.com\n\nhi\n")
    assert mail.cell("sender") == ("ada@example.org",)
    assert mail.change(Blank(column="from"), ADA, SPOTTER)
    assert mail.written().startswith(b"From MAILER-DAEMON Fri Jan  2 10:00:00 2026\nFrom: a@example.com\n")


@pytest.mark.parametrize(
    "change",
    [
        Blank(column="body"),
        Blank(column="subject"),
        Replace(column="body", text="gone"),
        Scrub(column="body"),
    ],
)
def test_a_change_happens_once(change: Blank | Replace | Scrub) -> None:
    """A change that has been made has nothing left to do."""
    mail = Mail(MAIL)
    assert mail.change(change, ADA, SPOTTER)
    again = Mail(mail.written())
    assert not again.change(change, ADA, SPOTTER)


def test_attachments_lose_content_and_name() -> None:
    """An emptied attachment has neither content nor the name it had."""
    mail = Mail(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\n"
        b"Content-Type: application/pdf; name=ada.pdf\nContent-Transfer-Encoding: base64\n\nQURB\n--b--\n"
    )
    assert mail.cell("attachments") == ("ada.pdf",)
    assert list(mail.unlooked()) == ["attachments of mails that are no text (application)"]
    assert mail.change(Blank(column="attachments"), ADA, SPOTTER)
    again = Mail(mail.written())
    assert again.cell("attachments") == ("erased",)
    assert list(again.unlooked()) == []
    assert again.cell("body") == "text"
    assert not again.change(Blank(column="attachments"), ADA, SPOTTER)


def test_hidden_forms_in_html_are_seen() -> None:
    """An address that HTML hides is still read."""
    mail = Mail(b"Content-Type: text/html\n\n<b>ada</b>&#64;example.org\n")
    assert "ada@example.org" in [text.strip() for _, text in mail.texts()]


@given(st.binary(max_size=120))
def test_no_bytes_are_refused(data: bytes) -> None:
    """Whatever a mail is, it has columns, texts, and can be scrubbed and written."""
    mail = Mail(data)
    for column in (*addresses.COLUMNS, "subject", "date", "body", "attachments", "headers"):
        mail.cell(column)
    list(mail.texts())
    list(mail.unlooked())
    mail.remove(ADA, SPOTTER, frozenset({"from"}))
    assert Mail(data).written() == data


@given(st.text(alphabet='ab@.<>"(),;:\\ \n=?', max_size=40))
def test_lists_without_the_person_stay(text: str) -> None:
    """A list in which the person does not stand is what it was."""
    field = Field(b"To: " + text.encode() + b"\n")
    assert addresses.redacted(field, ADA, SPOTTER) is None
