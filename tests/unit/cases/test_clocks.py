"""The dates of a case: several laws, waiting, at once, places without calendar, and rules not yet in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.cases import clocks, kinds, which
from troth.laws import shelf
from troth.problems import BadInput
from unit.cases.made import case, event

NOW = datetime(2026, 9, 1, tzinfo=UTC)
RECEIVED = ("received", "2026-06-01T16:00-07:00")
BOTH = ("eu-gdpr", "us-ca-ccpa")


def test_act_by_the_earliest() -> None:
    """With several laws the earliest safe end counts, and each law keeps its own clock."""
    found = clocks.dates(case(RECEIVED, residence="unknown", laws=BOTH), NOW)
    assert found.law == "eu-gdpr"
    assert found.safe == datetime(2026, 7, 1, 23, 59, 59, tzinfo=UTC)
    assert {one.pack.law for one in found.clocks} == set(BOTH)


def test_a_law_without_a_term_is_named() -> None:
    """What a law does not know is said, and the other law's clock runs."""
    found = clocks.dates(case(RECEIVED, kind="opt-out-sale", laws=BOTH), NOW)
    assert found.silent == ("eu-gdpr",)
    assert found.law == "us-ca-ccpa"


def test_an_acknowledgement_is_beside_the_answer() -> None:
    """Californian law wants the arrival confirmed; that is not the day to answer by."""
    found = clocks.dates(case(RECEIVED, laws=("us-ca-ccpa",), residence="US-CA"), NOW)
    assert [one.event for one in found.beside] == ["access.confirm-receipt"]
    assert found.legal == datetime(2026, 7, 17, 6, 59, 59, tzinfo=UTC)


def test_what_must_stop_at_once_is_due_before_the_answer() -> None:
    """An objection to marketing has a month for the answer, and none for stopping."""
    asked = case(RECEIVED, kind="object-marketing")
    found = clocks.dates(asked, NOW)
    assert (found.safe - asked.received, found.own_target) == (clocks.AT_ONCE, True)
    assert found.legal is not None
    stopped = clocks.dates(
        case(
            RECEIVED, ("decided", "2026-06-02T09:00Z"), ("done", "2026-06-02T09:00Z"), kind="object-marketing"
        ),
        NOW,
    )
    assert stopped.safe > found.safe + timedelta(days=20)
    assert not stopped.own_target


def test_no_law_gives_a_day() -> None:
    """Then we work to a day of our own, and say so."""
    found = clocks.dates(case(RECEIVED, kind="complain"), NOW)
    assert found.own_target
    assert found.legal is None
    assert found.safe == datetime.fromisoformat(RECEIVED[1]) + clocks.TARGET


def test_a_british_clock_waits_for_proof_and_starts_with_it() -> None:
    """Asked for with reason the legal end waits, and then runs from the proof; the safe end does not wait."""
    asked = [RECEIVED, ("identity.asked", "2026-06-03T09:00Z")]
    waiting = clocks.dates(case(*asked, residence="GB-EAW", laws=("uk-gdpr",)), NOW)
    assert waiting.waiting
    assert waiting.legal is None
    assert waiting.safe < datetime(2026, 7, 3, tzinfo=UTC)
    came = clocks.dates(
        case(*asked, ("identity.received", "2026-06-10T09:00Z"), residence="GB-EAW", laws=("uk-gdpr",)), NOW
    )
    assert came.legal == datetime(2026, 7, 10, 22, 59, 59, tzinfo=UTC)


def test_a_place_without_calendar_lengthens_nothing() -> None:
    """The end of a Saturday stays there, and the trace says why."""
    found = clocks.dates(case(("received", "2026-04-30T09:00Z"), residence="unknown"), NOW)
    assert found.first is not None
    assert str(found.first.legal) == "2026-05-30"  # a Saturday
    assert any("has no calendar" in step.says for step in found.first.trace)


def test_the_place_of_a_member_state_lengthens_the_legal_end_only() -> None:
    """Where a calendar is known the legal end leaves a Saturday; the safe one does not lean on it."""
    found = clocks.dates(case(("received", "2026-04-30T09:00Z"), residence="EU-IE"), NOW)
    assert found.first is not None
    assert (str(found.first.legal), str(found.first.safe)) == ("2026-06-02", "2026-05-30")


def test_before_the_law_there_is_no_day() -> None:
    """A request from before a rule was law has a clock that says so, and a day of our own."""
    found = clocks.dates(case(("received", "2018-05-24T09:00Z")), NOW)
    assert found.own_target
    assert "was law on 2018-05-24" in found.clocks[0].trace[-1].says


@pytest.mark.parametrize(
    "events",
    [
        [("clarification.answered", "2026-06-03T09:00Z")],
        [("fee.asked", "2026-06-04T09:00Z"), ("fee.paid", "2026-06-03T09:00Z")],
        [("extension.notice", "2026-05-01T09:00Z")],
        [("extension.notice", "2027-05-01T09:00Z")],
    ],
)
def test_events_that_cannot_all_be_true(events: list[tuple[str, str]]) -> None:
    """An answer without question, or an event before the arrival or after now, is no clock."""
    with pytest.raises(BadInput):
        clocks.dates(case(RECEIVED, *events), NOW)


@given(
    kind=st.sampled_from(sorted(kinds.ALL)),
    lives=st.sampled_from(
        ["EU-IE", "GB-SCT", "US-CA", "US-TX", "SG", "AU-NSW", "BR", "CA-QC", "CH", "unknown"]
    ),
    days=st.integers(0, 400),
)
def test_every_request_has_a_day(kind: str, lives: str, days: int) -> None:
    """Whatever is asked from wherever: there is a day to act by, after the arrival, and never after the legal end."""
    claimed = ("eu-gdpr", "us-ca-ccpa")
    received = NOW - timedelta(days=days)
    chosen = which.choose(lives, claimed)
    given_, _ = which.giving(chosen, kinds.kind(kind), received.date())
    found = clocks.dates(
        case(
            event("received", received.isoformat()),
            kind=kind,
            residence=lives,
            laws=tuple(one.law for one in given_),
        ),
        NOW,
    )
    assert found.safe > received
    assert found.legal is None or found.safe <= found.legal


def test_every_pack_answers_every_kind() -> None:
    """No kind makes any law's clock fail."""
    for law in shelf.names():
        for kind in kinds.ALL:
            assert clocks.dates(case(RECEIVED, kind=kind, laws=(law,)), NOW).safe


def test_a_day_told_in_time_counts_where_the_law_wants_one_told() -> None:
    """Under Singapore's law the person is told within thirty days by when; too late it changes nothing."""
    told = event("extension.notice", "2026-06-20T09:00+08:00", due="2026-08-14")
    singapore = {"residence": "SG", "laws": ("sg-pdpa",)}
    found = clocks.dates(case(("received", "2026-06-01T09:00+08:00"), told, **singapore), NOW)
    assert found.first is not None
    assert (str(found.first.legal), str(found.first.safe)) == ("2026-08-14", "2026-08-14")
    late = event("extension.notice", "2026-07-20T09:00+08:00", due="2026-08-14")
    found = clocks.dates(case(("received", "2026-06-01T09:00+08:00"), late, **singapore), NOW)
    assert found.first is not None
    assert str(found.first.legal) == "2026-07-01"


def test_a_state_law_keeps_its_own_days_off() -> None:
    """Californian business days are California's, also for somebody who lives in a state without a calendar."""
    there = clocks.dates(case(RECEIVED, residence="US-NY", laws=("us-ca-ccpa",)), NOW)
    here = clocks.dates(case(RECEIVED, residence="US-CA", laws=("us-ca-ccpa",)), NOW)
    assert [one.place for one in there.clocks] == ["US-CA"]
    assert there.safe == here.safe
