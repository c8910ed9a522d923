"""What is said of requests that were counted, and what one row shows to be wrong with a request."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.ledger.case_records import CaseSum
from troth.promises import requests
from troth.promises.faults import FAULTS, Flaw
from troth.promises.requests import Bad, Tally, Tallying, Trait
from troth.promises.results import REASONS

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DUE = NOW + timedelta(days=3)


def summed(**fields: object) -> CaseSum:
    """Make the row of a request that came in in May and is open."""
    told: dict[str, object] = {
        "id": 7,
        "kind": "access",
        "whom": "self",
        "role": "controller",
        "residence": "EU-IE",
        "place": "",
        "child": False,
        "laws": ("eu-gdpr",),
        "state": "deciding",
        "outcome": "",
        "received_at": NOW - timedelta(days=20),
        "legal_due": DUE,
        "safe_due": DUE,
        "due_law": "eu-gdpr",
        "own_target": False,
    }
    return CaseSum(**told | fields)  # type: ignore[arg-type]


def found(trait: Trait | None = None, *, at: datetime = NOW, **fields: object) -> set[str]:
    """Name the faults a row shows."""
    one, known = summed(**fields), trait or Trait()
    return {flaw.code for flaw in (*requests.flaws(one, known, at), *requests.times(one, known, at))}


def test_nothing_is_wrong_with_an_open_request() -> None:
    """A request that is open and in time has no fault."""
    assert not found()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"legal_due": NOW - timedelta(days=1)}, "overdue"),
        ({"answered_at": DUE + timedelta(days=1), "state": "closed"}, "answered-late"),
        ({"state": "closed", "outcome": "refused"}, "unanswered"),
        ({"legal_due": None, "own_target": True, "safe_due": NOW - timedelta(days=1)}, "past-own-day"),
        ({"decided": 4, "refusing": 4}, "no-reasons"),
        ({"decided": 4, "unsigned": 1}, "unsigned"),
        ({"granted": 4, "granted_first": 4}, "no-proof"),
        ({"granted": 4, "granted_first": 4, "proven_first": 5, "proven": 5}, "no-proof"),
        ({"granted": 4, "granted_first": 4, "proven_first": 2, "proven": 2, "whom": "agent"}, "no-authority"),
        ({"role": "processor", "done": 3, "done_first": 3}, "no-instruction"),
        ({"role": "processor", "legal_due": NOW - timedelta(days=1)}, "passed-on-late"),
        ({"role": "unknown", "state": "closed", "outcome": "refused"}, "not-asked"),
        ({"done": 5, "residues": 5}, "residues"),
    ],
)
def test_each_fault(fields: dict[str, object], fault: str) -> None:
    """One thing that is wrong is found, whatever else the row shows."""
    assert fault in found(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"answered_at": DUE, "state": "closed"},
        {"state": "closed", "outcome": "withdrawn"},
        {"state": "closed", "outcome": "unverified", "customer_asked": 1},
        {"state": "referred", "legal_due": NOW - timedelta(days=1)},
        {"legal_due": None, "safe_due": NOW - timedelta(days=1)},
        {"decided": 4, "refusing": 4, "reasoned": 4},
        {"granted": 4, "granted_first": 4, "proven_first": 2, "proven": 2},
        {"granted": 4, "granted_first": 4, "instructed": 3, "role": "processor"},
        {"role": "processor", "state": "referred", "referred_at": DUE},
        {"done": 6, "residues": 5},
    ],
)
def test_what_is_no_fault(fields: dict[str, object]) -> None:
    """Answered on the last day, withdrawn, passed on, waiting for the person, proven, put right: nothing is wrong."""
    assert not found(**fields)


def test_what_only_stops_needs_no_proof_and_may_ask_for_none() -> None:
    """An opt-out is granted without proof, and asking for one is the fault."""
    stops = Trait(stops=True)
    assert not found(stops, granted=2, granted_first=2)
    assert found(stops, asked=1) == {"asked"}


def test_only_events_tell_where_a_request_was_opened_again() -> None:
    """Opened again, or stopped before the late answer: the row alone does not say whether it was in time."""
    late = {"legal_due": NOW - timedelta(days=2), "answered_at": NOW}
    assert requests.doubtful(summed(reopened=1), Trait(), NOW)
    assert requests.doubtful(summed(done=3, **late), Trait(stops=True), NOW)
    assert not requests.doubtful(summed(done=3, **late), Trait(), NOW)
    assert not requests.doubtful(summed(done=3), Trait(stops=True), NOW)


def test_the_first_bad_request_is_the_one_whose_day_was_missed_longest_ago() -> None:
    """Of three late requests the one with the earliest day is named, and all are counted."""
    made = Tallying()
    for id, day in ((1, 20), (2, 4), (3, 9)):
        made.add(summed(id=id), [Flaw(code="overdue", day=date(2026, 5, day), rule="eu-gdpr")])
    says = "3 open requests past their legal day, first case:2, due 2026-05-04 (eu-gdpr)"
    assert [one.says for one in made.tally().offences(FAULTS)] == [says]


def test_tallies_are_joined_as_if_counted_together() -> None:
    """Counts add up, and the first bad request of both is kept."""
    bad = Bad(count=2, reference="case:9", day=date(2026, 5, 9))
    earlier = Bad(count=1, reference="case:4", day=date(2026, 5, 2))
    both = requests.joined(
        [
            Tally(opened=2, open=1, bad={"overdue": bad}),
            Tally(opened=1, last=NOW.date(), bad={"overdue": earlier}),
        ]
    )
    assert (both.opened, both.open, both.last) == (3, 1, NOW.date())
    assert both.bad["overdue"] == Bad(count=3, reference="case:4", day=date(2026, 5, 2))


def test_how_it_stands_in_words() -> None:
    """Counts are told in words, each only where there is one."""
    told = Tally(opened=1_241, open=2, answered=1_238, away=1, last=date(2026, 5, 20)).says
    assert (
        told
        == "1,241 requests: 1,238 answered in time, 2 open and in time, 1 withdrawn or passed on; last 2026-05-20"
    )
    assert Tally().says == "no request was ever made"
    late = Tally(opened=2, answered=2, bad={"answered-late": Bad(count=1, reference="case:3")})
    assert late.says == "2 requests, all answered"


def test_what_leaves_unproven_is_a_reason() -> None:
    """Every fault that breaks nothing is a reason of the same name; no fault that breaks is one."""
    soft = {code for code, fault in FAULTS.items() if not fault.breaks}
    assert soft <= set(REASONS)
    assert not (set(FAULTS) - soft) & set(REASONS)
