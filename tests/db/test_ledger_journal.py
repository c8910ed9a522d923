"""The journal in the ledger: the shared contract, and what stands in evidence afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.ledgers import KINDS, url_of
from troth import ledger
from troth.apply.ports import Journal, Purged
from troth.evidence.entry import Entry
from unit.ledger.journal_contract import AT, CHANGE, DELETE, HOLD, ONE, PLAN, JournalContract

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def journal_of(book: Ledger, **more: Any) -> Journal:
    """Return a journal as a new process would make it."""
    from troth.ledger.journal import Application, LedgerJournal

    application = Application(plan=PLAN, store="app", by="Ada Nowak", **more)
    return LedgerJournal(book, application, holds=lambda: (HOLD,), now=lambda: AT.replace(year=2030))


@pytest.fixture
def journal(book: Ledger) -> Callable[[], Journal]:
    """Return what makes a journal anew for each run."""
    return lambda: journal_of(book)


class TestLedgerJournal(JournalContract):
    """Run the contract."""


def told(book: Ledger, *kinds: str) -> list[dict[str, Any]]:
    """Return the bodies of the entries of some kinds."""
    entries = map(Entry.decode, book.evidence.entries())
    return [dict(entry.body) for entry in entries if entry.kind in kinds]


def test_a_step_stands_in_evidence_with_its_counts(book: Ledger) -> None:
    """One entry per step carries counts, promises, fields, recheck and a hash over its receipts."""
    journal = journal_of(book)
    journal.begin()
    journal.step_begun(1, DELETE)
    journal.receipt(ONE)
    journal.receipt(replace(ONE, batch=2, rows=5, at_most=5))
    journal.step_done(1, DELETE, rows_left=0, kept_rows=2)
    journal.step_begun(2, CHANGE)
    journal.receipt(replace(ONE, step=2, rows=None, at_most=7))
    journal.step_done(2, CHANGE, rows_left=1, kept_rows=0)
    deleted, changed = told(book, "step.receipt")
    assert (deleted["dataset"], deleted["action"]) == ("app.Order%20Items", "delete")
    assert (deleted["batches"], deleted["rows"], deleted["kept_rows"], deleted["planned_rows"]) == (
        2,
        15,
        2,
        30,
    )
    assert (deleted["recheck"], deleted["rows_left"]) == ("clean", 0)
    assert tuple(deleted["promises"]) == DELETE.promises
    assert "rows" not in changed
    assert (changed["rows_at_most"], changed["recheck"]) == (7, "still-arriving")
    assert tuple(changed["fields"]) == ("E-Mail",)
    assert len({deleted["receipts"], changed["receipts"]}) == 2
    book.audit()


def test_start_stop_and_end_stand_in_evidence(book: Ledger) -> None:
    """Who applied is an id; each start and end has its entry with the same run."""
    journal_of(book).begin()
    again = journal_of(book)
    again.begin()
    again.purged(Purged(store="app", engine="sqlite", outcome="done"))
    again.ended("stopped", "keyboardinterrupt")
    first, second = told(book, "apply.started")
    assert (first["resumed"], second["resumed"]) == (False, True)
    assert first["run"] == second["run"] == "run:1"
    assert first["by"] == "staff:1"
    (ended,) = told(book, "apply.finished")
    assert (ended["outcome"], ended["reason"], ended["rows"]) == ("stopped", "keyboardinterrupt", 0)
    (record,) = book.runs.of_plan(PLAN.hash)
    assert (record.state, record.reason) == ("stopped", "keyboardinterrupt")
    assert len(list(book.evidence.checkpoints())) == 1


def test_a_pilot_has_no_recheck(book: Ledger) -> None:
    """A run with a limit does not claim that nothing is left."""
    pilot = journal_of(book, limit=5, only="app.Order Items")
    pilot.begin()
    pilot.step_begun(1, DELETE)
    pilot.step_done(1, DELETE, rows_left=0, kept_rows=0)
    (started,) = told(book, "apply.started")
    (done,) = told(book, "step.receipt")
    assert (started["limit"], started["dataset"]) == (5, "app.Order%20Items")
    assert done["recheck"] == "not-run"
    assert "rows_left" not in done


def test_holds_are_watched(book: Ledger) -> None:
    """A hold placed by someone else is told at the next question; a lifted one no longer."""
    from db.test_holds import ORDER
    from troth.holds import register
    from troth.holds.model import SubjectScope
    from troth.holds.watch import Watch
    from unit.holds import makers

    watch = Watch(book, makers.world())
    assert watch() == ()
    order = replace(ORDER, scope=SubjectScope(subject="customer", key=("7",)))
    register.add(book, order, by="Ada", at=AT)
    assert [hold.id for hold in watch()] == ["hold:1"]
    register.lift(book, "1", by="Ada", at=AT)
    assert watch() == ()
