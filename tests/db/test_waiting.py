"""How much waits for somebody, counted by the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger as ledgers

from troth.ledger.ledger import Ledger  # isort: skip  # configures Django, which the tables need
from django.db import connections
from django.test.utils import CaptureQueriesContext

from troth.ledger.models_cases import Case
from troth.ledger.waiting import Counts

DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a new ledger."""
    found = ledgers.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys", now=lambda: AT)
    yield found
    found.close()


def _case(state: str, legal: datetime | None, safe: datetime, *, own: bool = False) -> Case:
    return Case(
        kind="access",
        whom="self",
        role="controller",
        residence="DE",
        place="",
        laws=["eu-gdpr"],
        state=state,
        events_kept=1,
        received_at=AT - 30 * DAY,
        opened_at=AT - 30 * DAY,
        legal_due=legal,
        safe_due=safe,
        own_target=own,
        salt=b"x",
    )


def _add(ledger: Ledger, *cases: Case) -> None:
    with ledger.writing() as alias:
        Case.objects.using(alias).bulk_create(cases)


def _count(ledger: Ledger) -> Counts:
    return ledger.waiting.count(AT, within=7 * DAY, since=AT - 30 * DAY)


def test_requests_are_counted_by_what_is_left_of_their_time(ledger: Ledger) -> None:
    """Late ones by the law's day, near ones by the careful day; those that nobody here has to answer not at all."""
    _add(
        ledger,
        _case("deciding", AT - DAY, AT - 2 * DAY),  # overdue
        _case("deciding", AT + DAY, AT - DAY),  # after its careful day
        _case("deciding", AT + 9 * DAY, AT + 6 * DAY),  # soon
        _case("deciding", AT + 20 * DAY, AT + 18 * DAY),  # in time
        _case("deciding", None, AT - DAY, own=True),  # past its own day
        _case("deciding", None, AT - DAY),  # the law lets its clock wait
        _case("closed", AT - DAY, AT - 2 * DAY),
        _case("answered", AT - DAY, AT - 2 * DAY),
        _case("referred", AT - DAY, AT - 2 * DAY),
    )
    found = _count(ledger)
    assert (found.open, found.overdue, found.soon) == (6, 2, 2)


def test_an_empty_ledger_has_nothing_waiting(ledger: Ledger) -> None:
    """Every count is nothing."""
    found = _count(ledger)
    assert {getattr(found, name) for name in Counts.__slots__} == {0}


def test_the_number_of_statements_does_not_grow(ledger: Ledger) -> None:
    """One for each table, whatever it holds."""
    _add(ledger, *(_case("deciding", AT + n * DAY, AT + n * DAY) for n in range(300)))
    with CaptureQueriesContext(connections[ledger.session.alias]) as asked:
        assert _count(ledger).open == 300
    assert len(asked) == 6
