"""Which part of a row is shown: others are covered, own values stay, the last day is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.people.typed import Identity
from troth.rights.export import ELSE
from troth.rights.export_redact import Redactor
from troth.rights.export_text import AsText
from unit.rights.export_makers import Row, Shop, dataset

MESSAGE = {
    "id": 7,
    "from_id": 1,
    "to_id": 2,
    "body": "hi",
    "secret_note": None,
    "sent_at": None,
    "mood": None,
}


def message(**changes: Any) -> dict[str, Any]:
    """Return a message from the person to somebody else."""
    return {**MESSAGE, **changes}


def test_a_row_of_one_person() -> None:
    """Secrets and harmless columns are gone, everything else is as it was, the last day is told."""
    values = {"id": 1, "name": "Ada", "email": "x@y.example", "phone": None, "colour": "red",
              "closed_at": datetime(2024, 2, 29, 23, 30, tzinfo=UTC), "password_hash": "$2b$"}  # fmt: skip
    shown = Shop(name="app.customers").shape(Row(values=values, roles=("customer",)))
    assert shown.values == {k: v for k, v in values.items() if k not in ("colour", "password_hash")}
    assert shown.until == {"account": "2026-03-01"}  # 1 March 2024 in Berlin
    assert not shown.redacted


@pytest.mark.parametrize(
    ("anchor", "day"),
    [
        ("2024-02-29", "2026-02-28"),
        ("2024-02-29T22:59:00+00:00", "2026-02-28"),
        ("2024-02-29 23:30:00", "2026-03-01"),
        (None, None), ("soon", None), ("infinity", None), (1709251199, None),
    ],
)  # fmt: skip
def test_the_last_day(anchor: object, day: str | None) -> None:
    """The end is counted from the row's own date in the organisation's calendar; no date, no end."""
    shown = Shop(name="app.customers").shape(Row(values={"closed_at": anchor}, roles=("customer",)))
    assert shown.until.get("account") == day


def test_the_other_role() -> None:
    """The link to the other person is covered, the own one stays."""
    shown = Shop(name="app.messages").shape(Row(values=message(), shared=True))
    assert (shown.values["from_id"], shown.values["to_id"]) == (1, ELSE)
    assert shown.redacted == ("to_id",)


def test_a_list_of_recipients() -> None:
    """Of a list the person's own entries stay, and everybody else's are covered, names too."""
    row = message(to_id=("ada@example.org", "Bob", "bob@example.org"))
    shown = Shop(name="app.messages").shape(Row(values=row, shared=True))
    assert shown.values["to_id"] == ["ada@example.org", ELSE, ELSE]
    assert Shop(name="app.messages").shape(Row(values=message(to_id=()), shared=True)).redacted == ()


def test_a_field_of_one_role() -> None:
    """A field of the sender is shown to the sender alone, shared or not."""
    row = message(from_id=2, to_id=1, secret_note="mine")
    shop = Shop(name="app.messages")
    assert shop.shape(Row(values=row, roles=("recipient",), shared=True)).values["secret_note"] == ELSE
    assert shop.shape(Row(values=row, roles=("sender",), shared=True)).values["secret_note"] == "mine"
    assert shop.shape(Row(values=row, roles=("recipient",))).values["secret_note"] == ELSE


def test_text_about_several_people() -> None:
    """Addresses and numbers of others go, the person's own stay, and so does text of one person."""
    body = "I am Ada@Example.org, (415) 555-0100 no, +1 415 555 0100 yes; you are bob@example.org, +49 30 901820."
    shop = Shop(name="app.messages")
    shown = shop.shape(Row(values=message(body=body), shared=True)).values["body"]
    assert "Ada@Example.org" in shown and "+1 415 555 0100 yes" in shown
    assert "bob@example.org" not in shown and "901820" not in shown
    assert shop.shape(Row(values=message(body=body))).values["body"] == body


def test_undeclared_columns_of_several_people() -> None:
    """Nobody has said whose it is: covered where others share the row, shown where not."""
    shop = Shop(name="app.messages")
    assert shop.shape(Row(values=message(mood="glad"), shared=True)).values["mood"] == ELSE
    assert shop.shape(Row(values=message(mood="glad"))).values["mood"] == "glad"


def test_a_part_of_a_document() -> None:
    """A path inside a document that is of another role is covered; the rest of the document stays."""
    field = {"name": "body", "path": "from.name", "of": "sender"}
    shop = Shop(name="app.messages", datamap=dataset("app.messages", fields={"communication": [field]}))
    row = message(body={"from": {"name": "Bob", "at": 1}, "text": "x"})
    shown = shop.shape(Row(values=row, roles=("recipient",)))
    assert shown.values["body"] == {"from": {"name": ELSE, "at": 1}, "text": "x"}
    assert shop.shape(Row(values=row, roles=("sender",))).values["body"] == row["body"]


@pytest.mark.parametrize(
    ("value", "hidden"), [(1, None), ("1", None), (2, "other-controller"), (None, "unknown-controller")]
)
def test_controllers_by_row(value: object, hidden: str | None) -> None:
    """Rows held for somebody else, or for nobody knows whom, are not shown."""
    datamap = dataset("app.messages", controller={"column": "mood", "ours": [1]})
    shown = Shop(name="app.messages", datamap=datamap).shape(Row(values=message(mood=value)))
    assert shown.hidden == hidden
    assert not (hidden and shown.values)


def test_a_row_that_comes_as_text() -> None:
    """Where every column read is shown and nobody shares it, a row is handed through unread."""
    text = AsText('{"id":1,"name":"Ada","email":null,"phone":null,"closed_at":null}')
    shown = Shop(name="app.customers").shape(Row(values=text, roles=("customer",)))
    assert shown.values is text


def test_numbers_in_text_keep_their_digits() -> None:
    """A number no float holds exactly is read as text."""
    assert dict(AsText('{"a":0.1,"b":0.12345678901234567890,"c":12345678901234567890}')) == {
        "a": 0.1, "b": "0.12345678901234567890", "c": 12345678901234567890,
    }  # fmt: skip


OWN = Redactor(
    [Identity(match="email", value="ada@example.org"), Identity(match="phone", value="+14155550100")]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bob@example.org", ELSE),
        ("<bob@example.org>", f"<{ELSE}>"),
        ("Mail bob@example.org.", f"Mail {ELSE}."),
        ("ADA@EXAMPLE.ORG!", "ADA@EXAMPLE.ORG!"),
        ("ada@example.org.evil.example", ELSE),
        ("call 030/901820-15", f"call {ELSE}"),
        ("0049 30 901820", ELSE),
        ("+1 (415) 555-0100", "+1 (415) 555-0100"),
        ("on 2024-05-06 at 12:30", "on 2024-05-06 at 12:30"),
        ("order 1234567", "order 1234567"),
        ("v1.2.3 and 192.0.2.1", "v1.2.3 and 192.0.2.1"),
        ("", ""),
    ],
)
def test_redaction(text: str, expected: str) -> None:
    """Others' addresses and numbers go; own ones, dates and short numbers stay."""
    assert OWN.text(text) == expected


def test_redaction_inside_lists_and_documents() -> None:
    """Text is covered wherever it stands, keys of documents too."""
    value = {"to": ["bob@example.org", "ada@example.org"], "bob@example.org": {"n": 1, "t": None}}
    assert OWN.value(value) == {"to": [ELSE, "ada@example.org"], ELSE: {"n": 1, "t": None}}


@given(
    st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.[a-z]{2,4}", fullmatch=True),
    st.text(alphabet=" \n,;()<>", min_size=1),
)
def test_no_address_of_others_survives(mail: str, around: str) -> None:
    """Whatever stands around an address, it goes unless it is the person's own."""
    shown = OWN.text(f"x{around}{mail}{around}y")
    assert (mail in shown) is (mail == "ada@example.org")
