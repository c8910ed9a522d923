"""What every journal of an application must do; the ledger's and the one in memory pass the same tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from troth.apply.ports import Journal, Purged, Receipt
from troth.plan.model import Basis, Blank, ChangeFields, DeleteRows, Plan, Tally, sealed
from troth.plan.predicates import Filled
from troth.plan.world import Hold, Rank

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DELETE = DeleteRows(
    id="s1",
    dataset="app.Order Items",
    where=Filled(column="id"),
    promises=("retention.account", "P-1"),
    planned=Tally(rows=30),
)
CHANGE = ChangeFields(
    id="s2",
    dataset="app.crm.orders",
    why="expired",
    changes=(Blank(column="E-Mail"),),
    where=Filled(column="E-Mail"),
    promises=("retention.account",),
)
PLAN = sealed(
    Plan(
        organisation="Alma",
        at=AT.isoformat(),
        simulation=False,
        basis=Basis(rules="r", structure=(), facts="f"),
        steps=(DELETE, CHANGE),
        kept=(),
        unproven=(),
        table_rows=(),
    )
)
ONE = Receipt(step=1, batch=1, rows=10, at_most=10, started=AT, finished=AT + timedelta(seconds=1))
HOLD = Hold(id="hold:1", rank=Rank.ORDER, ground="court order")


class JournalContract:
    """Inherit, and give a fixture `journal`: a function that returns the journal of PLAN on store app."""

    def test_a_fresh_run_goes_on_and_finishes_once(self, journal: Callable[[], Journal]) -> None:
        """First fresh, after a stop resumed, once done finished."""
        first = journal()
        assert first.begin() == "fresh"
        again = journal()
        assert again.begin() == "resumed"
        again.ended("stopped", "drift")
        last = journal()
        assert last.begin() == "resumed"
        last.ended("done", "")
        assert journal().begin() == "finished"

    def test_a_pilot_is_not_the_end(self, journal: Callable[[], Journal]) -> None:
        """A run that was limited goes on the next time."""
        pilot = journal()
        pilot.begin()
        pilot.ended("limited", "")
        assert journal().begin() == "resumed"

    def test_steps_know_whether_they_had_begun(self, journal: Callable[[], Journal]) -> None:
        """The first time a step begins it had not, from then on it had."""
        first = journal()
        first.begin()
        assert first.step_begun(1, DELETE) is False
        again = journal()
        again.begin()
        assert again.step_begun(1, DELETE) is True
        assert again.step_begun(2, CHANGE) is False

    def test_receipts_count_once(self, journal: Callable[[], Journal]) -> None:
        """A receipt written again changes nothing; one without a count adds a batch and no rows."""
        kept = journal()
        kept.begin()
        kept.step_begun(1, DELETE)
        assert kept.receipts(1) == (0, 0)
        kept.receipt(ONE)
        kept.receipt(replace(ONE, rows=99))
        kept.receipt(replace(ONE, batch=2, rows=None, at_most=5))
        assert kept.receipts(1) == (2, 10)
        assert kept.receipts(2) == (0, 0)

    def test_a_whole_run_can_be_written_down(self, journal: Callable[[], Journal]) -> None:
        """Names with blanks, capitals and signs do not stop a run in its middle."""
        whole = journal()
        whole.begin()
        for number, step in enumerate(PLAN.steps, start=1):
            whole.step_begun(number, step)
            whole.receipt(replace(ONE, step=number))
            whole.step_done(number, step, rows_left=0, kept_rows=3)
        whole.purged(Purged(store="app", engine="postgresql", outcome="partly", readable=("wal",)))
        whole.ended("done", "")
        assert journal().begin() == "finished"

    def test_holds_are_those_in_force(self, journal: Callable[[], Journal]) -> None:
        """The journal tells the holds it is given."""
        assert journal().holds() == (HOLD,)
