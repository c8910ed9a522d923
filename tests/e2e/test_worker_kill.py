"""Workers killed at random: every plan is carried out, every effect is there exactly once, proof included.

`TROTH_CRASH_PLANS` sets how many plans there are (200 for the whole test; fewer by default, for its length).
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.work_yard import CANARY, PER_DAY, Yard
from troth.jobs.executor import RECOVERIES

PLANS = int(os.environ.get("TROTH_CRASH_PLANS", "20"))
PEOPLE = max(2, PLANS // 8)
DAYS = PLANS - PEOPLE
AWAY = 3
KILLS = PLANS // 4
LONGEST = 180.0 + 20.0 * PLANS


@pytest.fixture(params=["postgresql", "limited", "sqlite"])
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Yard]:
    """Return a yard: on PostgreSQL with four workers, also with limited stores; on SQLite with the only one."""
    if request.param == "limited" and "TROTH_CRASH_PLANS" not in os.environ:
        pytest.skip("in full runs alone: limited stores take three times as long")
    folder = tmp_path / "yard"
    if request.param != "sqlite":
        new = request.getfixturevalue("new_pg_url")
        made = Yard(folder=folder, app=new(), web=new(), ledger_url=new())
    else:
        made = Yard(
            folder=folder, app=f"sqlite:///{tmp_path}/app.sqlite", web=f"sqlite:///{tmp_path}/web.sqlite"
        )
    made.fill(DAYS, PEOPLE)
    if request.param == "limited":
        file = folder / "datamap.yaml"
        limits = "work: {at-once: 1, per-minute: 600}, located"
        file.write_text(file.read_text().replace("located", limits))
    yield made
    made.end()


def test_kills_leave_no_trace(yard: Yard) -> None:
    """Killed again and again while plans run, workers finish all of them, and each row was touched exactly once."""
    erasures, retentions = yard.erasure_plans(PEOPLE), yard.retention_plans(DAYS)
    for hash in (*retentions, *erasures):
        yard.start(hash)
    _killed_until_done(yard, 4 if yard.ledger_url else 1)
    assert yard.states() == Counter(done=PLANS)
    assert yard.killed >= 2
    _stores_are_right(yard)
    _proof_is_right(yard, retentions, erasures)
    assert CANARY not in yard.jobs()
    yard.ledger().audit()


def _killed_until_done(yard: Yard, team: int) -> None:
    """Kill a random worker every now and then, a little after it began to work, and start another one."""
    chance, deadline = random.Random(11), time.monotonic() + LONGEST
    # The only worker has every job that is begun; one that saw so many die is rightly given up.
    kills = KILLS if team > 1 else min(KILLS, RECOVERIES - 1)
    for _ in range(team):
        yard.worker()
    while yard.states() != Counter(done=PLANS):
        assert time.monotonic() < deadline, yard.states()
        assert not yard.states().keys() & {"stopped", "failed", "cancelled"}, (yard.reasons(), yard.said())
        if yard.killed >= kills:
            time.sleep(0.2)
            continue
        victim = chance.choice(yard.workers)
        assert victim.stdout is not None
        if not victim.stdout.readline().startswith("At work"):
            victim.communicate(
                timeout=180
            )  # as `troth serve` would, start one that found no connection again
            assert victim.returncode == AWAY, yard.said()
        else:
            time.sleep(chance.uniform(0.0, 1.2 if team > 1 else 4.0))
        yard.kill(victim)
        yard.worker()


def _stores_are_right(yard: Yard) -> None:
    """Compare the stores with what a person would work out: all that is due is gone, all else untouched."""
    due = DAYS * PER_DAY
    blanked = [(n,) for n in range(2, due + 1, 2)]
    assert yard.sql(yard.app, "SELECT id FROM customers ORDER BY id") == blanked
    assert yard.sql(
        yard.app, "SELECT count(*) FROM customers WHERE name IS NOT NULL OR email IS NOT NULL"
    ) == [(0,)]
    assert yard.sql(yard.app, "SELECT id FROM orders WHERE id < 20000 ORDER BY id") == blanked
    assert yard.sql(yard.web, "SELECT count(*) FROM visits WHERE customer_id IS NOT NULL") == [(0,)]
    if yard.ledger_url:
        touched = Counter(yard.sql(yard.app, "SELECT id, what FROM counted.touched WHERE id < 20000"))
        assert touched == Counter({(n, "UPDATE" if n % 2 == 0 else "DELETE"): 1 for n in range(1, due + 1)})


def _proof_is_right(yard: Yard, retentions: list[str], erasures: list[str]) -> None:
    """Receipts add up to the rows there were, and what happens once stands in the evidence once."""
    ledger, due = yard.ledger(), DAYS * PER_DAY
    runs = [run for hash in retentions for run in ledger.runs.of_plan(hash)]
    assert {run.state for run in runs} == {"finished"}
    by_store = Counter[str]()
    for run in runs:
        by_store[run.store] += ledger.runs.totals(run.id).rows
    assert by_store == {"app": due, "web": due}
    entries = yard.entries()
    for kind, hashes in (
        ("plan.sealed", retentions),
        ("erasure.finished", erasures),
        ("plan.started", retentions),
    ):
        found = Counter(str(one.body["plan"]) for one in entries if one.kind == kind)
        assert {hash: found[hash] for hash in hashes} == dict.fromkeys(hashes, 1), kind
    steps = Counter((str(e.body["run"]), str(e.body["step"])) for e in entries if e.kind == "step.receipt")
    assert set(steps.values()) == {1}
