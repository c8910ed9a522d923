"""Events: what they take, and that no text of a person fits in what stands in clear."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.cases import events
from troth.cases.events import Event
from troth.errors import Refused
from troth.evidence.kinds_requests import CASE_EVENTS
from troth.laws import facts

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_evidence_knows_the_same_events() -> None:
    """What can happen to a case is the same list in both places."""
    assert tuple(events.ALL) == CASE_EVENTS


def test_the_clock_knows_its_events() -> None:
    """Every fact of a clock is an event of a case."""
    assert set(facts.KINDS) <= set(events.ALL)


def test_every_field_has_a_type_and_a_use() -> None:
    """No event takes a field without type, and no type is left over."""
    used = {name for kind in events.ALL.values() for name in kind.takes}
    assert used == set(events.FIELDS)


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("vanished", {}, "is none"),
        ("received", {}, "missing: channel"),
        ("received", {"channel": "mail", "name": "x"}, "not taken: name"),
        ("received", {"channel": "Ada Lovelace"}, "not taken: channel"),
        ("decided", {"outcome": "maybe"}, "not taken: outcome"),
        ("identity.asked", {"means": "code", "reason": "doubt", "justified": "yes"}, "not taken: justified"),
        ("referred", {"recipient": "Ozark Dental"}, "not taken: recipient"),
    ],
)
def test_an_event_takes_what_it_is_for(kind: str, body: dict[str, object], says: str) -> None:
    """A missing, strange or wrongly typed field is refused by name."""
    with pytest.raises(Refused) as caught:
        Event(kind=kind, at=AT, by=1, body=body)
    assert says in caught.value.message


@given(text=st.text(min_size=1).filter(lambda text: "@" in text or " " in text or not text.isascii()))
def test_no_address_or_name_fits(text: str) -> None:
    """Whatever has a blank, an @ or a letter outside ASCII passes no type of a field."""
    assert not any(kind.accepts(text) for kind in events.FIELDS.values())


def test_a_body_cannot_be_changed() -> None:
    """Neither the event's body nor the mapping it was made from changes it later."""
    body: dict[str, Any] = {"channel": "mail"}
    event = Event(kind="received", at=AT, by=1, body=body)
    body["channel"] = "phone"
    with pytest.raises(TypeError):
        event.body["channel"] = "letter"  # type: ignore[index]
    assert event.body["channel"] == "mail"
