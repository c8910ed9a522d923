"""Carrying out a plan, with a store and a journal in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from troth.apply import run as applying
from troth.apply.guards import Permit
from troth.apply.ports import Batch, Job, Purged, Span, TooMany, TooSlow
from troth.catalog.datamap import DataMap
from troth.catalog.reach import Reaches
from troth.errors import Refused, StoreError
from troth.plan.model import Basis, DeleteRows, Plan, Tally, sealed
from troth.plan.predicates import ALWAYS, Predicate
from troth.plan.world import Facts, World
from troth.policy.model import Policy
from troth.testing import MemoryJournal

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Places:
    """A walk over a fixed number of places."""

    total: int
    at: int

    def next(self, size: int) -> Span | None:
        """Return the next span."""
        if self.at >= self.total:
            return None
        span = Span(leaf=0, low=self.at, high=min(self.at + size, self.total))
        self.at = span.high
        return span


@dataclass
class Shelf:
    """A store of one dataset with a row per place; the rows that are over go."""

    over: set[int]
    places: int = 100
    marks: list[tuple[int, Batch]] = field(default_factory=list)
    may_mark: bool = True
    largest: int = 10**9
    """Spans above this are too slow."""
    breaks_after: int | None = None
    """The store fails once after so many batches."""
    sizes: list[int] = field(default_factory=list)
    name: str = "app"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let everybody in."""
        yield

    def prepare(self) -> bool:
        """Tell whether marks can be kept."""
        return self.may_mark

    def done(self, plan: str, step: int) -> tuple[Batch, ...]:
        """List the marks of a step."""
        assert plan
        return tuple(batch for number, batch in self.marks if number == step)

    def walk(self, dataset: str, after: Span | None) -> Places:
        """Go through the places."""
        assert dataset == "app.things"
        return Places(self.places, after.high if after else 0)

    def run(self, job: Job) -> int:
        """Take away what is over in the span."""
        if job.span.high - job.span.low > self.largest:
            raise TooSlow("too slow")
        if self.breaks_after is not None and len(self.sizes) == self.breaks_after:
            self.breaks_after = None
            raise StoreError("gone")
        chosen = {row for row in self.over if job.span.low <= row < job.span.high}
        if job.only is not None:
            chosen = set(sorted(self.over)[: job.only])
        if job.at_most is not None and len(chosen) > job.at_most:
            raise TooMany("too many")
        self.over -= chosen
        self.sizes.append(job.span.high - job.span.low)
        if job.plan:
            self.marks.append(
                (job.number, Batch(number=job.batch, address=job.span.address, rows=len(chosen), at=NOW))
            )
        return len(chosen)

    def left(self, dataset: str, where: Predicate) -> int:
        """Count what is still over."""
        assert dataset and where is not None
        return len(self.over)

    def purge(self, datasets: Sequence[str]) -> Purged:
        """Say that it was dealt with."""
        assert datasets
        return Purged(store="app", engine="memory", outcome="done")


def plan(rows: int) -> Plan:
    """Make a plan of one delete."""
    step = DeleteRows(
        id="01-delete-app.things",
        dataset="app.things",
        where=ALWAYS,
        promises=("retention.thing",),
        planned=Tally(rows=rows),
    )
    basis = Basis(rules="r", structure=(("app", "s"),), facts="f")
    return sealed(
        Plan(
            organisation="X",
            at=NOW.isoformat(),
            simulation=False,
            basis=basis,
            steps=(step,),
            kept=(),
            unproven=(),
            table_rows=(("app.things", 100),),
        )
    )


def tools(shelf: Shelf, journal: MemoryJournal, **changes: object) -> applying.Tools:
    """Put the tools of a run together."""
    policy = Policy.model_validate({"organisation": {"name": "X"}, "limits": {"drift": 10}})
    world = World(policy=policy, datamap=DataMap(), catalogs={}, reaches=Reaches(), facts=Facts(), at=NOW)
    given: dict[str, object] = {
        "store": shelf,
        "journal": journal,
        "world": world,
        "permit": Permit(),
        "hold_lock": timedelta(milliseconds=200),
        "now": lambda: NOW,
        "sleep": lambda _: None,
        "tick": lambda: 0.0,
    }
    return applying.Tools(**{**given, **changes})  # type: ignore[arg-type]


def test_every_row_that_is_over_goes() -> None:
    """A run takes away what was planned and ends clean."""
    shelf, journal = Shelf({3, 40, 99}), MemoryJournal()
    outcome = applying.run(plan(3), tools(shelf, journal))
    assert (outcome.rows, outcome.clean, shelf.over, journal.state) == (3, True, set(), "finished")


def test_a_finished_plan_is_not_carried_out_again() -> None:
    """A second run touches nothing and says so."""
    shelf, journal = Shelf({3}), MemoryJournal()
    applying.run(plan(1), tools(shelf, journal))
    shelf.over = {5}
    assert applying.run(plan(1), tools(shelf, journal)).state == "already applied"
    assert shelf.over == {5}


def test_a_run_that_failed_goes_on_where_it_was() -> None:
    """After a failure the rerun does the rest, and the counts add up."""
    shelf, journal = Shelf({3, 40, 99}, breaks_after=1), MemoryJournal()
    with pytest.raises(StoreError):
        applying.run(plan(3), tools(shelf, journal))
    assert journal.state == "stopped"
    outcome = applying.run(plan(3), tools(shelf, journal))
    assert (outcome.rows, outcome.steps[0].exact, shelf.over) == (3, True, set())
    assert sum(receipt.rows or 0 for receipt in journal.kept.values()) == 3


def test_a_count_lost_by_a_kill_is_never_guessed() -> None:
    """Without marks in the store, the receipt says 0 to N instead of a number."""
    shelf, journal = Shelf({3, 40, 99}, may_mark=False, breaks_after=1), MemoryJournal()
    with pytest.raises(StoreError):
        applying.run(plan(3), tools(shelf, journal))
    outcome = applying.run(plan(3), tools(shelf, journal))
    assert not outcome.steps[0].exact
    assert [receipt.rows for receipt in journal.kept.values() if receipt.rows is None] == [None]
    assert shelf.over == set()


def test_data_that_drifted_stops_the_run() -> None:
    """More rows than planned and tolerated are rolled back and refused."""
    shelf, journal = Shelf(set(range(20))), MemoryJournal()
    with pytest.raises(Refused, match="drifted"):
        applying.run(plan(10), tools(shelf, journal))
    assert len(shelf.over) == 20
    assert journal.state == "stopped"


def test_a_batch_that_is_too_slow_is_cut() -> None:
    """A span that keeps others waiting is done in smaller ones."""
    shelf, journal = Shelf({3, 40, 99}, largest=4), MemoryJournal()
    outcome = applying.run(plan(3), tools(shelf, journal))
    assert outcome.clean
    assert max(shelf.sizes) <= 4


def test_a_single_place_that_is_too_slow_is_refused() -> None:
    """Where even the smallest span takes too long, the run stops with a sentence."""
    shelf, journal = Shelf({3}, largest=0), MemoryJournal()
    with pytest.raises(Refused, match="too slow"):
        applying.run(plan(1), tools(shelf, journal))


def test_a_pilot_touches_so_many_rows_and_no_more() -> None:
    """With a limit the plan stays unfinished, and a later run does the rest."""
    shelf, journal = Shelf({3, 40, 99}), MemoryJournal()
    outcome = applying.run(plan(3), tools(shelf, journal, permit=Permit(limit=2)))
    assert (outcome.state, outcome.rows, journal.state) == ("limited", 2, "stopped")
    assert applying.run(plan(3), tools(shelf, journal)).state == "done"
    assert shelf.over == set()


def test_a_rerun_looks_again_at_what_it_had_passed() -> None:
    """A row that is over only since the stop, behind where the run had come to, goes in the rerun."""
    shelf, journal = Shelf({3, 40}, breaks_after=1), MemoryJournal()
    with pytest.raises(StoreError):
        applying.run(plan(3), tools(shelf, journal))
    shelf.over = {5}
    assert applying.run(plan(3), tools(shelf, journal)).clean
    assert shelf.over == set()


def test_a_run_that_leaves_rows_is_not_finished() -> None:
    """Rows that would not go are tried again by the same command, and are never called applied."""
    shelf, journal = Shelf({3, 100}), MemoryJournal()
    assert not applying.run(plan(2), tools(shelf, journal)).clean
    assert journal.state == "stopped"
    shelf.places = 101
    outcome = applying.run(plan(2), tools(shelf, journal))
    assert (outcome.clean, outcome.rows, journal.state) == (True, 2, "finished")
