"""Entries take what their kind lists and nothing else; above all nothing that looks like a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from troth.errors import Damaged, Refused
from troth.evidence import canonical, fields, kinds
from troth.evidence.entry import FORMAT, MAX_BYTES, Entry
from unit.evidence.makers import AT

SAMPLES: dict[str, object] = {
    "count": 7,
    "flag": True,
    "instant": "2026-01-31T12:00:00Z",
    "day": "2026-01-31",
    "hash": "0" * 64,
    "digest": "hmac-sha256:" + "a" * 64,
    "key id": "0123abcd",
    "store": "app",
    "dataset": "app.Order%20Details",
    "field": "email",
    "promise": "retention.account",
    "code": "stale-plan",
    "staff": "staff:7",
    "reference": "hold:12",
    "fingerprint": "fp1:7f3a91c2",
    "version": "0.1.0",
}
PERSONAL = [
    "ada@example.org",
    "Ada Lovelace",
    "+49 30 1234567",
    "0301234567",
    "203.0.113.9",
    "2001:db8::1",
    "1815-12-10T00:00",
    "4111 1111 1111 1111",
    "DE89370400440532013000 ",
    "12 St James's Square",
    "Zoë",
    "",
    "a" * 300,
]


def sample(kind: fields.FieldType) -> object:
    """Return a value the type takes."""
    if kind.name.startswith("list of "):
        return [SAMPLES[kind.name.removeprefix("list of ")]]
    if kind.name.startswith("one of "):
        return kind.takes.split("`")[1]
    return SAMPLES[kind.name]


def full_body(name: str) -> dict[str, object]:
    """Return a body with every field of a kind."""
    return {field: sample(kind) for field, kind in kinds.ALL[name].fields.items()}


@pytest.mark.parametrize("name", kinds.ALL)
def test_every_kind_round_trips(name: str) -> None:
    """An entry with every field of its kind is written, read back equal, and hashed the same."""
    made = Entry(kind=name, at=AT, body=full_body(name))
    assert Entry.decode(made.encode()) == made
    assert Entry.decode(made.encode()).leaf() == made.leaf()


@pytest.mark.parametrize("name", kinds.ALL)
@pytest.mark.parametrize("value", PERSONAL)
def test_no_field_takes_a_personal_value(name: str, value: str) -> None:
    """No text of a person fits into any field of any kind, alone or in a list, and no message repeats it."""
    for field in kinds.ALL[name].fields:
        for tried in (value, [value], {"value": value}):
            with pytest.raises(Refused) as refused:
                Entry(kind=name, at=AT, body={**full_body(name), field: tried})
            assert not value or value not in refused.value.message + refused.value.hint


def test_layout() -> None:
    """The canonical bytes are instant, body, format and kind."""
    made = Entry(kind="hold.lifted", at=AT, body={"hold": "hold:3", "by": "staff:1"})
    body = '{"by":"staff:1","hold":"hold:3"}'
    expected = f'{{"at":"2026-01-31T12:00:00Z","body":{body},"format":"{FORMAT}","kind":"hold.lifted"}}'
    assert made.encode().decode() == expected


def test_instants_are_written_in_utc() -> None:
    """The same instant in another zone is the same entry."""
    body = {"hold": "hold:3", "by": "system"}
    east = AT.astimezone(timezone(timedelta(hours=9)))
    assert Entry(kind="hold.lifted", at=east, body=body).encode() == (
        Entry(kind="hold.lifted", at=AT, body=body).encode()
    )


def test_an_instant_without_zone_is_refused() -> None:
    """Local time without an offset is no instant."""
    with pytest.raises(Refused):
        Entry(kind="hold.lifted", at=AT.replace(tzinfo=None), body={"hold": "hold:3", "by": "system"})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("no.such.kind", {}),
        ("hold.lifted", {"hold": "hold:3"}),
        ("hold.lifted", {"hold": "hold:3", "by": "staff:1", "ada@example.org": 1}),
        ("hold.lifted", {"hold": "hold:3", "by": "staff:1", "name": "x"}),
        ("hold.lifted", {"hold": 3, "by": "staff:1"}),
        ("batch.receipt", {**full_body("batch.receipt"), "rows": -1}),
        ("batch.receipt", {**full_body("batch.receipt"), "rows": True}),
        ("batch.receipt", {**full_body("batch.receipt"), "rows": 1.5}),
        ("batch.receipt", {**full_body("batch.receipt"), "rows": 2**53}),
        ("batch.receipt", {**full_body("batch.receipt"), "recovered": 1}),
        ("batch.receipt", {**full_body("batch.receipt"), "started": "2026-02-30T12:00:00Z"}),
        ("batch.receipt", {**full_body("batch.receipt"), "started": "2026-01-31T12:00:00+00:00"}),
        ("step.receipt", {**full_body("step.receipt"), "fields": ["email"] * 501}),
        ("finding.accepted", {**full_body("finding.accepted"), "until": "2026-02-30"}),
    ],
    ids=str,
)
def test_refused_bodies(kind: str, body: dict[str, object]) -> None:
    """Unknown kinds, missing and unlisted fields, and values of another type are refused without repeating them."""
    with pytest.raises(Refused) as refused:
        Entry(kind=kind, at=AT, body=body)
    assert "ada@" not in refused.value.message + refused.value.hint


def test_an_entry_cannot_grow_without_end() -> None:
    """An entry longer than the limit is refused, so that every verifier can read it."""
    long = ["app." + "x" * 100] * 400
    with pytest.raises(Refused, match=str(MAX_BYTES)):
        Entry(kind="purge", at=AT, body={**full_body("purge"), "datasets": long})


def test_a_body_cannot_be_changed_afterwards() -> None:
    """The entry keeps its own copy of the body, read-only."""
    body: dict[str, object] = {"hold": "hold:3", "by": "staff:1"}
    made = Entry(kind="hold.lifted", at=AT, body=body)
    body["by"] = "staff:2"
    assert made.body["by"] == "staff:1"
    with pytest.raises(TypeError):
        made.body["by"] = "staff:2"  # type: ignore[index]


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"format": FORMAT},
        {"at": "2026-01-31T12:00:00Z", "body": {}, "format": "troth.entry/2", "kind": "hold.lifted"},
        {"at": "2026-01-31T12:00:00Z", "body": {}, "format": FORMAT, "kind": "hold.lifted"},
        {"at": "2026-01-31T12:00:00Z", "body": [], "format": FORMAT, "kind": "hold.lifted"},
        {"at": "then", "body": {"hold": "hold:3", "by": "system"}, "format": FORMAT, "kind": "hold.lifted"},
        {"at": 5, "body": {"hold": "hold:3", "by": "system"}, "format": FORMAT, "kind": "hold.lifted"},
        {"at": "2026-01-31T12:00:00Z", "body": {}, "format": FORMAT, "kind": ["hold.lifted"]},
        {
            "at": "2026-01-31T13:00:00+01:00",
            "body": {"hold": "hold:3", "by": "system"},
            "format": FORMAT,
            "kind": "hold.lifted",
        },
    ],
    ids=str,
)
def test_damaged_bytes(content: object) -> None:
    """Bytes that are no entry, of a newer format or in another spelling are damage, never a crash."""
    with pytest.raises(Damaged):
        Entry.decode(canonical.encode(content))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("app", "orders"), "app.orders"),
        (("app", "Order Details", "ship to"), "app.Order%20Details.ship%20to"),
        (("app", "a.b"), "app.a%2Eb"),
        (("app", "2024_log"), "app.%32024_log"),
        (("app", "größe"), "app.gr%C3%B6%C3%9Fe"),
        (("app", "-x"), "app.%2Dx"),
    ],
)
def test_places_are_encoded(names: tuple[str, ...], expected: str) -> None:
    """Any table or column name has a form that an entry takes."""
    assert fields.place(*names) == expected
    assert fields.DATASET.accepts(expected)


def test_microseconds_keep_their_six_digits() -> None:
    """A fraction of a second is written with six digits and read back."""
    at = datetime(2026, 1, 31, 12, 0, 0, 500, tzinfo=UTC)
    made = Entry(kind="hold.lifted", at=at, body={"hold": "hold:3", "by": "system"})
    assert b'"at":"2026-01-31T12:00:00.000500Z"' in made.encode()
    assert Entry.decode(made.encode()).at == at
