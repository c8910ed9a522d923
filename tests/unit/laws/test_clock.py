"""Clocks by a table of cases, what cannot be asked, and several laws on one person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.laws import calendars, clock, shelf
from troth.laws.facts import Fact
from troth.problems import BadInput

NOW = datetime(2040, 1, 1, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "cases"
CASES: list[dict[str, Any]] = yaml.load(
    (FOLDER / "laws.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)


def at(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)


def asked(law: str, event: str, place: str, *facts: Fact, reading: str = "") -> clock.Question:
    """Put a question together."""
    return clock.Question(pack=shelf.load(law), event=event, facts=facts, place=place, reading=reading)


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    """Each case ends where the table says, in law and for the careful."""
    facts = [Fact(kind=kind, at=at(when)) for kind, when in case.get("facts", {}).items()]
    received = Fact(kind="received", at=at(case["received"]))
    question = asked(
        case["law"], case["event"], case["place"], received, *facts, reading=case.get("reading", "")
    )
    found = clock.compute(question, NOW)
    assert (str(found.legal), str(found.safe)) == (case["legal"], case["safe"])


RECEIVED = Fact(kind="received", at=at("2026-09-01T09:00+01:00"))


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ((), "one event `received`"),
        ((RECEIVED, RECEIVED), "one event `received`"),
        ((Fact(kind="received", at=datetime(2026, 9, 1)),), "has no zone"),
        ((Fact(kind="received", at=at("2041-01-01T00:00Z")),), "lies in the future"),
        ((RECEIVED, Fact(kind="fee.asked", at=at("2026-08-31T09:00Z"))), "is before `received`"),
        ((RECEIVED, Fact(kind="identity.received", at=at("2026-09-02T09:00Z"))), "no `identity.asked`"),
        ((RECEIVED, Fact(kind="identity.askd", at=at("2026-09-02T09:00Z"))), "No event"),
    ],
)
def test_events_that_cannot_be(facts: tuple[Fact, ...], says: str) -> None:
    """Events that contradict one another are refused, each with its reason."""
    with pytest.raises(BadInput) as caught:
        clock.compute(asked("uk-gdpr", "access.respond", "GB-EAW", *facts), NOW)
    (problem,) = caught.value.problems
    assert problem.code == "bad-event"
    assert says in problem.message


@pytest.mark.parametrize(
    ("law", "event", "reading", "nearest"),
    [
        ("uk-gdpr", "acces.respond", "", "access.respond"),
        ("uk-gdpr", "access.respond", "edpb", ""),
        ("us-ca-ccpa", "know.respond", "receipt-day-is-day1", "receipt-day-is-day-1"),
    ],
)
def test_unknown_names(law: str, event: str, reading: str, nearest: str) -> None:
    """An unknown event or reading is refused with the nearest one there is."""
    with pytest.raises(BadInput) as caught:
        clock.compute(asked(law, event, "GB-EAW", RECEIVED, reading=reading), NOW)
    (problem,) = caught.value.problems
    assert (problem.code, problem.nearest) == ("unknown-name", nearest)


def test_the_trace_names_rule_article_and_holiday() -> None:
    """Whoever reads the trace sees which rule gave the term and which days moved it."""
    received = Fact(kind="received", at=at("2026-03-03T10:00Z"))
    found = clock.compute(asked("uk-gdpr", "access.respond", "GB-EAW", received), NOW)
    assert [(step.rule, step.sure) for step in found.trace if step.rule] == [("request.respond", "read")]
    assert any("2026-04-03 is Good Friday" in step.says for step in found.trace)


def test_notices_stand_beside_the_answer() -> None:
    """The clock of an answer shows the acknowledgement and the notice of the same request."""
    found = clock.compute(asked("us-ca-ccpa", "delete.respond", "US-CA", RECEIVED), NOW)
    beside = {one.event: str(one.legal) for one in found.beside}
    assert beside["delete.confirm-receipt"] == "2026-09-16"
    assert beside["delete.extension-notice"] == "2026-10-16"


def test_the_earliest_of_several_laws_leads() -> None:
    """With several laws on one person, the one whose safe day comes first is acted by."""
    places = {"eu-gdpr": "EU-FR", "us-ca-ccpa": "US-CA", "br-lgpd": "BR"}
    found = [
        clock.compute(asked(law, "access.respond", place, RECEIVED), NOW) for law, place in places.items()
    ]
    first = clock.earliest(found)
    assert first is not None
    assert (first.pack.law, str(first.safe)) == ("br-lgpd", "2026-09-16")


def test_asking_without_reason_stops_nothing() -> None:
    """Identity asked for without doubt leaves the term as it was."""
    facts = (RECEIVED, Fact(kind="identity.asked", at=at("2026-09-02T09:00Z"), justified=False))
    found = clock.compute(asked("uk-gdpr", "access.respond", "GB-EAW", *facts), NOW)
    assert str(found.legal) == "2026-10-01"


@given(
    day=st.dates(date(2018, 6, 1), date(2035, 1, 1)),
    place=st.sampled_from(["GB-EAW", "EU-FR", "EU-DE", "EU-IE"]),
)
def test_a_month_by_a_slow_count(day: date, place: str) -> None:
    """A month ends on the same number, or the month's last day, and then on the next day at work."""
    received = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    law = "uk-gdpr" if place == "GB-EAW" else "eu-gdpr"
    found = clock.compute(asked(law, "access.respond", place, Fact(kind="received", at=received)), NOW)
    following = day.replace(day=1) + timedelta(days=32)
    last = max(
        one
        for one in (following.replace(day=1) + timedelta(days=n) for n in range(31))
        if one.month == following.month and one.day <= day.day
    )
    assert found.safe.day == last
    here = calendars.place(place)
    while last.weekday() >= 5 or here.holiday(last):
        last += timedelta(days=1)
    assert found.legal.day == last


@given(start=st.dates(date(2026, 1, 1), date(2030, 1, 1)), more=st.integers(1, 40))
def test_later_receipt_never_ends_earlier(start: date, more: int) -> None:
    """What came in later is due no earlier."""

    def end(day: date) -> date:
        fact = Fact(kind="received", at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        due = clock.compute(asked("eu-gdpr", "access.respond", "EU-FR", fact), NOW).legal.day
        assert due is not None
        return due

    assert end(start) <= end(start + timedelta(days=more))
