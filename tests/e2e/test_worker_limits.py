"""Stores that say how hard they may be worked: `work:` of the data map, from the file to what workers do."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from e2e.work_yard import Yard
from troth.app import working
from troth.app.plans.carrier import Carrier
from troth.jobs.model import Given, Leash

AT_ONCE = Leash(enough=lambda: True)
LIMITS = {"app": "work: {at-once: 1, per-minute: 600}", "web": "work: {}"}


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    """Return a small yard in SQLite whose stores are limited."""
    made = Yard(
        folder=tmp_path / "yard",
        app=f"sqlite:///{tmp_path}/app.sqlite",
        web=f"sqlite:///{tmp_path}/web.sqlite",
    )
    made.fill(2, 1)
    _limit(made, LIMITS)
    yield made
    made.end()


def _limit(yard: Yard, limits: dict[str, str]) -> None:
    file = yard.folder / "datamap.yaml"
    text = file.read_text()
    for store, limit in limits.items():
        text = text.replace(f'"${{{store.upper()}_DB}}", ', f'"${{{store.upper()}_DB}}", {limit}, ')
    file.write_text(text)


def _asked(yard: Yard, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(yard.folder / ".troth" / "jobs.sqlite")) as connection:
        return connection.execute(statement).fetchall()


def _troth(yard: Yard, *arguments: str) -> str:
    command = [sys.executable, "-m", "troth", *arguments]
    return subprocess.run(
        command, cwd=yard.folder, env=yard.environment, text=True, capture_output=True, check=True
    ).stdout


def test_the_data_map_sets_the_queues(yard: Yard) -> None:
    """Each store's queue goes by its `work:`; a store without it lets one plan through, however often."""
    found = {one.name: (one.at_once, one.rate) for one in working.queues(yard.place)}
    assert found["store:app"] == (1, (600, 60.0))
    assert found["store:web"] == (1, None)
    _limit(yard, {})
    text = (yard.folder / "datamap.yaml").read_text()
    (yard.folder / "datamap.yaml").write_text(text.replace("work: {}", "work: {at-once: 3, per-minute: 7}"))
    assert {one.name: (one.at_once, one.rate) for one in working.queues(yard.place)}["store:web"] == (
        3,
        (7, 60.0),
    )


def test_plans_are_not_made_stale_by_it(yard: Yard) -> None:
    """How hard a store is worked is no part of what a plan follows from: plans made before still are good."""
    hash = yard.retention_plans(1)[0]
    text = (yard.folder / "datamap.yaml").read_text()
    (yard.folder / "datamap.yaml").write_text(text.replace("per-minute: 600", "per-minute: 500"))
    yard.start(hash)
    carry = Carrier(at=yard.place)
    given: Given = {"plan": hash, "job": yard.ledger().kept_plans.read(hash).job, "backup_taken": True}
    assert len(carry.begin(given, {}, AT_ONCE).start) == 2
    assert yard.ledger().kept_plans.read(hash).state == "running"


def test_a_plan_gives_way_after_each_turn(yard: Yard) -> None:
    """In a limited store each turn is a job of its own, so that what waits there is let in between two of them."""
    hash = yard.retention_plans(2)[1]
    yard.start(hash)
    carry = Carrier(at=yard.place)
    job = yard.ledger().kept_plans.read(hash).job
    given: Given = {"plan": hash, "job": job, "store": "app"}
    carry.begin({"plan": hash, "job": job, "backup_taken": True}, {}, AT_ONCE)
    ids = []
    for _ in range(100):
        turn = carry.on_store(given, {}, AT_ONCE)
        assert turn.over
        if not turn.start:
            break
        (order,) = turn.start
        given = order.given
        ids.append(order.id)
    assert ids[:2] == [f"{job}-app+2", f"{job}-app+3"]
    (run,) = (one for one in yard.ledger().runs.of_plan(hash) if one.store == "app")
    assert run.state == "finished"


def test_workers_keep_to_what_the_data_map_says(yard: Yard) -> None:
    """Plans and an erasure over two limited stores are done; each turn in a store went through its queue."""
    hashes = [*yard.retention_plans(2), *yard.erasure_plans(1)]
    for hash in hashes:
        yard.start(hash)
    yard.worker()
    yard.wait(lambda: yard.states()["done"] == len(hashes), 120)
    limits = _asked(yard, "SELECT name, concurrency, rate_limit_max, rate_limit_period_sec FROM queues")
    found = {str(row[0]): row[1:] for row in limits}
    assert found["store:app"] == (1, 600, 60.0)
    assert found["store:web"][:2] == (1, None)
    told = _troth(yard, "job", "queues")
    assert "store:app" in told
    assert "600 a minute" in told
    shown = {one["queue"]: one for one in json.loads(_troth(yard, "job", "queues", "--json"))["queues"]}
    assert shown["store:app"] | {"running": 0, "waiting": 0} == {
        "queue": "store:app",
        "at-once": 1,
        "per-minute": 600,
        "running": 0,
        "waiting": 0,
    }
    assert shown["plans"]["per-minute"] is None
    erasure = yard.ledger().kept_plans.read(hashes[-1]).job
    let_in = _asked(
        yard, f"SELECT workflow_uuid FROM workflow_status WHERE workflow_uuid LIKE 'in-%-{erasure}'"
    )
    names = {str(row[0]).removesuffix(f"-{erasure}").split(":")[1] for row in let_in}
    assert names == {"app", "web"}
    begun = dict(
        _asked(
            yard,
            "SELECT queue_name, count(started_at_epoch_ms) FROM workflow_status "
            "WHERE workflow_uuid NOT LIKE '%scheduled-%' GROUP BY 1",
        )
    )
    # In each store: two plans begin and are carried out, and the erasure works there and looks again.
    assert begun["store:app"] == begun["store:web"] == 6
