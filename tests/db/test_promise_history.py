"""What promises came to, check by check: kept set-wise, read back as stretches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger as ledgers
from troth.evidence.entry import Entry

from troth.ledger.ledger import Ledger  # isort: skip  # configures Django, which the register needs
from django.db import connections
from django.test.utils import CaptureQueriesContext

from troth.ledger.promise_history import Finding, PromiseHistory, statuses

DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a new ledger."""
    found = ledgers.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys", now=lambda: AT)
    yield found
    found.close()


@pytest.fixture
def history(ledger: Ledger) -> PromiseHistory:
    """Return its history of promises."""
    return ledger.promise_history


def _found(status: str, number: int = 0, *, name: str = "retention.a", entry: int = 1) -> Finding:
    return Finding(promise=name, status=status, number=number, why=f"{number} rows", entry=entry)


def test_checks_that_say_the_same_are_one_stretch(history: PromiseHistory) -> None:
    """The row goes from the first check that said so to the last, and names the last one's entry."""
    for day in range(3):
        history.keep([_found("broken", 7, entry=day)], at=AT + day * DAY)
    (stretch,) = history.of("retention.a")
    assert (stretch.since, stretch.last, stretch.entry) == (AT, AT + 2 * DAY, 2)


def test_another_number_begins_another_stretch_of_the_same_status(history: PromiseHistory) -> None:
    """How many rows there were is kept; since when it is broken does not move."""
    for day, (status, number) in enumerate([("kept", 0), ("broken", 7), ("broken", 3)]):
        history.keep([_found(status, number)], at=AT + day * DAY)
    present = history.present()["retention.a"]
    assert (present.newest.number, present.newest.since, present.since) == (3, AT + 2 * DAY, AT + DAY)
    assert [s.status for s in statuses(history.of("retention.a"))] == ["kept", "broken"]


def test_a_status_that_comes_back_begins_anew(history: PromiseHistory) -> None:
    """Broken, kept, broken again: it is broken since the second time."""
    for day, status in enumerate(["broken", "kept", "broken"]):
        history.keep([_found(status)], at=AT + day * DAY)
    assert history.present()["retention.a"].since == AT + 2 * DAY


def test_a_check_of_some_promises_leaves_the_others_alone(history: PromiseHistory) -> None:
    """A promise that was not looked at is not said to have been."""
    history.keep([_found("kept"), _found("kept", name="retention.b")], at=AT)
    history.keep([_found("kept")], at=AT + DAY)
    assert history.present()["retention.b"].newest.last == AT


def test_hundreds_of_promises_take_few_statements(ledger: Ledger, history: PromiseHistory) -> None:
    """The number of statements hardly grows with promises."""
    before = [_found("kept", name=f"retention.p{n}") for n in range(400)]
    after = [_found("kept" if n % 2 else "broken", name=f"retention.p{n}") for n in range(400)]
    history.keep(before, at=AT)
    with CaptureQueriesContext(connections[ledger.session.alias]) as asked:
        history.keep(after, at=AT + DAY)
    assert len(asked) <= 10
    assert sum(one.newest.status == "broken" for one in history.present().values()) == 200


def test_a_clock_that_went_back_shortens_nothing(history: PromiseHistory) -> None:
    """The newest instant of a stretch stays."""
    history.keep([_found("kept")], at=AT)
    history.keep([_found("kept")], at=AT - DAY)
    assert history.of("retention.a")[0].last == AT


def test_a_long_reason_is_cut(history: PromiseHistory) -> None:
    """Whatever a check says fits into its column."""
    one = Finding(promise="retention.a", status="broken", number=1, why="x" * 5_000, entry=None)
    history.keep([one], at=AT)
    assert len(history.of("retention.a")[0].why) == 1_000


def test_pages_of_evidence_are_found_by_kind_subject_and_day(ledger: Ledger) -> None:
    """The newest come first; an instant is found by halving."""
    for day in range(5):
        at = AT + day * DAY
        body = {"case": f"case:{day % 2 + 1}", "by": "system", "reason": "ab" * 32}
        ledger.append(
            Entry(kind="case.read", at=at, body=body),
            Entry(kind="case.forgotten", at=at, body={"case": "case:9"}),
        )
    pages = ledger.evidence_pages
    first = pages.size() - 10
    assert [one.index - first for one in pages.newest(kind="case.read", limit=2)] == [8, 6]
    assert [one.index - first for one in pages.newest(about="case:2")] == [6, 2]
    assert pages.first_at(AT + 3 * DAY) - first == 6
    assert pages.first(about="case:1", kind="case.read", after=first) == first + 4
    assert {"case.read", "case.forgotten"} <= set(pages.kinds())
