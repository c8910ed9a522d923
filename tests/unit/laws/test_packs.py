"""What a pack may say, and where its faults are."""

from __future__ import annotations

from datetime import date

import pytest

from troth.laws import calendars, log, shelf, terms
from troth.laws.model import Pack
from troth.problems import BadInput

PACK = """law: xx-test
name: A test
places: [GB-EAW]
from: 2020-01-01
source: nowhere
read-on: 2026-01-01
terms:
  - id: a
    article: Art. 1
    sure: read
    act: respond
    of: [access]
    takes: 1 month
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("    takes: 1 month", "    takse: 1 month", "unknown-key", 13),
        ("    takes: 1 month", "    takes: 1 mont", "bad-value", 13),
        ("    sure: read", "    sure: certain", "bad-value", 10),
        ("    article: Art. 1\n", "", "missing-key", 8),
        ("from: 2020-01-01", "from: 2020", "bad-value", 4),
    ],
)
def test_a_fault_has_its_line(old: str, new: str, code: str, line: int) -> None:
    """A wrong key or value of a pack is a fault with its line."""
    with pytest.raises(BadInput) as caught:
        shelf.parse("xx-test.yml", PACK.replace(old, new).encode())
    found = [(one.code, one.span.line) for one in caught.value.problems if one.span]
    assert (code, line) in found


def test_two_rules_of_one_name_are_refused() -> None:
    """A rule may have several versions, but not two from the same day."""
    twice = PACK + PACK[PACK.index("  - id: a") :]
    with pytest.raises(BadInput) as caught:
        shelf.parse("xx-test.yml", twice.encode())
    assert [one.code for one in caught.value.problems] == ["duplicate-key"]


PACKS = [shelf.load(name) for name in shelf.names()]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.law)
def test_versions_of_a_term_do_not_overlap(pack: Pack) -> None:
    """On no day are there two terms for one event."""
    days = {day for rule in pack.rules for day in (rule.from_, rule.until) if day} | {date(2026, 6, 30)}
    for event in terms.events(pack):
        right, _, act = event.partition(".")
        named = [term for term in pack.terms if term.act == act and right in term.of]
        for day in days:
            assert sum(pack.in_force(term, day) for term in named) <= 1, (event, day)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.law)
def test_business_days_name_a_calendar_there_is(pack: Pack) -> None:
    """Every calendar a pack names is known, and so is every place but the Union itself."""
    named = [term.calendar for term in pack.terms if term.calendar]
    named += [one.calendar for term in pack.terms for one in term.readings.values() if one.calendar]
    named += [place for place in pack.places if place != "EU"]
    assert all(calendars.place(name).name == name for name in named)


@pytest.mark.parametrize("name", shelf.calendars().places)
def test_every_calendar_has_a_clock_and_days_off(name: str) -> None:
    """Every place knows its zone, and New Year's Day."""
    here = calendars.place(name)
    assert here.zone is not None
    assert here.holiday(date(2026, 1, 1))


def test_a_log_is_read_with_lines() -> None:
    """An event of no known kind is a fault on its line; the others are facts."""
    good = b"events:\n  - {kind: received, at: 2026-01-31T10:00Z}\n"
    (fact,) = log.parse("events.yaml", good)
    assert fact.at.isoformat() == "2026-01-31T10:00:00+00:00"
    with pytest.raises(BadInput) as caught:
        log.parse("events.yaml", good + b"  - {kind: recieved, at: soon}\n")
    assert [(p.code, p.span.line) for p in caught.value.problems if p.span] == [
        ("bad-value", 3),
        ("bad-value", 3),
    ]
