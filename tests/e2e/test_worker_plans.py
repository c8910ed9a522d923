"""Kept plans carried out turn by turn, without a worker: stretches, pauses, guards, stores that are away."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from e2e.work_yard import PER_DAY, Yard
from troth.app import ordering, retention, stores
from troth.app import project as projects
from troth.app.plans import carrier, carrying, kept
from troth.app.plans.carrier import Carrier
from troth.app.plans.carrying import Order
from troth.apply.guards import Permit
from troth.errors import Refused, StoreError
from troth.jobs.model import Given, Leash, Turn
from troth.plan.model import Plan

AT_ONCE = Leash(enough=lambda: True)
"""Every batch is enough; the high numbers of people make several of them."""
FREE = Leash(enough=lambda: False)


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    """Return a small yard in SQLite."""
    made = Yard(
        folder=tmp_path / "yard",
        app=f"sqlite:///{tmp_path}/app.sqlite",
        web=f"sqlite:///{tmp_path}/web.sqlite",
    )
    made.fill(2, 1)
    return made


def _given(yard: Yard, hash: str, store: str = "") -> Given:
    job = yard.ledger().kept_plans.read(hash).job
    return {"plan": hash, "job": job, "backup_taken": True, **({"store": store} if store else {})}


def _begun(yard: Yard, leash: Leash = FREE) -> tuple[str, Carrier]:
    """Start the second day's plan and take its first turn."""
    hash = yard.retention_plans(2)[1]
    yard.start(hash)
    carry = Carrier(at=yard.place)
    turn = carry.begin(_given(yard, hash), {}, leash)
    assert [one.given["store"] for one in turn.start] == ["web", "app"]
    return hash, carry


def _through(carry: Carrier, given: Given, leash: Leash) -> int:
    """Take turns until the job is over; return how many there were."""
    for number in range(1, 1_000):
        if carry.on_store(given, {}, leash).over:
            return number
    raise AssertionError("the job does not end")


def _left(yard: Yard) -> tuple[int, int]:
    """Count the rows that are due and still there."""
    due = 2 * PER_DAY
    app = yard.sql(yard.app, f"SELECT count(*) FROM customers WHERE id <= {due} AND name IS NOT NULL")
    web = yard.sql(yard.web, f"SELECT count(*) FROM visits WHERE id <= {due}")
    return int(str(app[0][0])), int(str(web[0][0]))


def _state(yard: Yard, hash: str) -> str:
    return yard.ledger().kept_plans.read(hash).state


def test_in_stretches_as_in_one_go(yard: Yard) -> None:
    """Stopped after every batch a plan ends as it would in one go, and each thing stands in the evidence once."""
    hash, carry = _begun(yard)
    turns = _through(carry, _given(yard, hash, "app"), AT_ONCE)
    assert turns > 2
    assert _state(yard, hash) == "running"
    _through(carry, _given(yard, hash, "web"), AT_ONCE)
    assert _state(yard, hash) == "done"
    assert _left(yard) == (0, 0)
    found = Counter(one.kind for one in yard.entries())
    assert found["apply.started"] == found["apply.finished"] == 2
    assert found["plan.sealed"] == found["backup.acknowledged"] / 2 == 1
    steps = Counter((e.body["run"], e.body["step"]) for e in yard.entries() if e.kind == "step.receipt")
    assert set(steps.values()) == {1}


def test_a_turn_taken_twice_changes_nothing(yard: Yard) -> None:
    """The first turn again, and a store's job again after its end, write nothing down and touch nothing."""
    hash, carry = _begun(yard)
    before = len(yard.entries())
    assert len(carry.begin(_given(yard, hash), {}, FREE).start) == 2
    assert len(yard.entries()) == before
    for store in ("app", "web"):
        _through(carry, _given(yard, hash, store), FREE)
    before = len(yard.entries())
    assert carry.on_store(_given(yard, hash, "app"), {}, FREE) == Turn()
    assert len(yard.entries()) == before


def test_paused_between_batches(yard: Yard) -> None:
    """A paused plan's job ends at once and touches nothing; resumed, a new job finishes, the old one does not."""
    hash, carry = _begun(yard)
    old = _given(yard, hash, "web")
    carrying.pause(hash, yard.place, by="mira")
    assert carry.on_store(old, {}, FREE).over
    assert _left(yard)[1] == 2 * PER_DAY
    carrying.resume(hash, yard.place, by="mira")
    assert carry.on_store(old, {}, FREE).over
    assert _left(yard)[1] == 2 * PER_DAY
    for one in carry.begin(_given(yard, hash), {}, FREE).start:
        _through(carry, one.given, FREE)
    assert _state(yard, hash) == "done"
    assert _left(yard) == (0, 0)


def test_cancelled_is_over(yard: Yard) -> None:
    """What was done before a plan was cancelled stays done, nothing more is, and nobody starts it again."""
    hash, carry = _begun(yard)
    _through(carry, _given(yard, hash, "app"), FREE)
    carrying.cancel(hash, yard.place, by="mira")
    assert carry.on_store(_given(yard, hash, "web"), {}, FREE).over
    assert _left(yard) == (0, 2 * PER_DAY)
    with pytest.raises(Refused, match="cancelled"):
        yard.start(hash)


def test_a_cancelled_plan_is_not_applied_from_its_file_either(yard: Yard) -> None:
    """Whoever has the file of a plan that was cancelled on the desk is refused, and nothing is touched."""
    hash = yard.retention_plans(2)[1]
    carrying.cancel(hash, yard.place, by="mira")
    ledger, at = yard.ledger(), yard.place
    made = kept.of_text(ledger.kept_plans.text(hash))
    assert isinstance(made, Plan)
    project = projects.load(at.folder, at.clock.now().date())
    order = retention.Order(by="theo", permit=Permit(), backup_taken=True)
    with (
        stores.opened(project, at.environment, readonly=False) as opened,
        pytest.raises(Refused, match="was cancelled"),
    ):
        retention.apply(project, opened, ledger, made, order, at.clock, lambda *_: None)
    assert _left(yard) == (2 * PER_DAY, 2 * PER_DAY)


def test_a_guard_stops_it_in_words(yard: Yard) -> None:
    """Without the word that a backup exists nothing is touched and the reason is told; said, the plan runs."""
    hash = yard.retention_plans(1)[0]
    carrying.start(hash, Order(by="mira"), yard.place)
    carry = Carrier(at=yard.place)
    given = {**_given(yard, hash), "backup_taken": False}
    assert carry.begin(given, {}, FREE) == Turn()
    record = yard.ledger().kept_plans.read(hash)
    assert record.state == "stopped"
    assert "backup" in record.reason
    yard.start(hash)
    for one in carry.begin(_given(yard, hash), {}, FREE).start:
        _through(carry, one.given, FREE)
    assert _state(yard, hash) == "done"


def test_a_store_that_is_away(yard: Yard, tmp_path: Path) -> None:
    """A store that is away is left to be tried again; given up, the plan has failed, and started again it goes on."""
    hash, carry = _begun(yard)
    away = (tmp_path / "web.sqlite").rename(tmp_path / "elsewhere.sqlite")
    for _ in range(2):
        with pytest.raises(StoreError):
            carry.on_store(_given(yard, hash, "web"), {}, FREE)
    assert _state(yard, hash) == "running"
    assert "web" in yard.ledger().kept_plans.read(hash).reason
    for store in ("web", "app"):
        carry.failed(_given(yard, hash, store), "store-away")
    assert _state(yard, hash) == "failed"
    away.rename(tmp_path / "web.sqlite")
    yard.start(hash)
    for one in carry.begin(_given(yard, hash), {}, FREE).start:
        _through(carry, one.given, FREE)
    assert _state(yard, hash) == "done"


def test_it_waits_for_another_apply(yard: Yard, tmp_path: Path) -> None:
    """While somebody else has the store a job waits, and writes nothing down."""
    hash, carry = _begun(yard)
    before = len(yard.entries())
    with Path(f"{tmp_path}/app.sqlite.troth-lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        turn = carry.on_store(_given(yard, hash, "app"), {}, FREE)
    assert not turn.over
    assert turn.wait > 0
    assert len(yard.entries()) == before
    assert _left(yard)[0] == 2 * PER_DAY


def _put(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> list[Given]:
    """Return a list that fills with what jobs that are put in are told."""
    told: list[Given] = []
    monkeypatch.setattr(ordering, "put", lambda _at, order: told.append(order.given))
    return told


def test_what_was_said_stays_said(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paused before its first batch and resumed, or its job lost, a plan knows of the backup and large shares."""
    told = _put(yard, monkeypatch)
    hash = yard.retention_plans(1)[0]
    order = Order(by="mira", backup_taken=True, allow=("app.customers", "no dataset", "web.Über uns"))
    carrying.start(hash, order, yard.place)
    monkeypatch.undo()
    carrying.pause(hash, yard.place, by="mira")
    more = _put(yard, monkeypatch)
    carrying.resume(hash, yard.place, by="theo")
    told = [*told, *more]
    assert len(told) == 2
    for given in told:
        assert given["backup_taken"] is True
        assert given["allow"] == ["app.customers", "web.Über uns"]
    monkeypatch.undo()
    assert carrying.care(yard.place) == 1
    carry = Carrier(at=yard.place)
    for one in carry.begin(told[-1], {}, FREE).start:
        _through(carry, one.given, FREE)
    assert _state(yard, hash) == "done"
    assert [e.kind for e in yard.entries()].count("backup.acknowledged") == 2


def test_every_running_plan_is_cared_for(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans beyond the first page of running ones get their lost jobs, too."""
    monkeypatch.setattr("troth.ledger.kept_plans.PAGE", 1)
    monkeypatch.setattr(ordering, "put", lambda *_: None)
    for hash in yard.retention_plans(2):
        yard.start(hash)
    assert carrying.care(yard.place) == 2


def test_a_lost_job_is_put_in_again(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan whose process died before its job was put in gets it from whoever looks after plans, once."""
    hash = yard.retention_plans(1)[0]
    with monkeypatch.context() as broken:
        broken.setattr(ordering, "put", lambda *_: None)
        yard.start(hash)
    assert carrying.care(yard.place) == 1
    assert carrying.care(yard.place) == 0
    job = yard.ledger().kept_plans.read(hash).job
    assert [one.id for one in ordering.orders(yard.place).listed(prefix=job)] == [job]


def test_a_plan_that_ended_too_many_workers_says_so(yard: Yard) -> None:
    """What the engine has given up after so many workers is no fault that a log would tell of."""
    hash = yard.retention_plans(1)[0]
    yard.start(hash)
    with closing(sqlite3.connect(yard.folder / ".troth" / "jobs.sqlite")) as jobs, jobs:
        jobs.execute("UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'")
    assert carrying.care(yard.place) == 1
    record = yard.ledger().kept_plans.read(hash)
    assert (record.state, record.reason) == ("failed", carrier.WHY["ends-workers"])


def test_an_erasure_store_by_store(yard: Yard) -> None:
    """An erasure takes a turn for each store and then looks again; its certificate names every row of every turn."""
    hash = yard.erasure_plans(1)[0]
    yard.start(hash)
    carry, given = Carrier(at=yard.place), _given(yard, hash)
    state: Given = {}
    turns = 0
    while True:
        turn = carry.erase(given, state, FREE)
        turns, state = turns + 1, turn.state
        if turn.over:
            break
    assert turns == 3
    assert _state(yard, hash) == "done"
    folder = yard.folder / ".troth" / carrier.CERTIFICATES
    written = json.loads((folder / f"{hash}.json").read_text())
    assert {one["dataset"]: one["rows"] for one in written["gone"]} == {
        "app.customers": 1,
        "app.orders": 1,
        "web.visits": 1,
    }
    assert yard.sql(yard.web, "SELECT count(*) FROM visits WHERE id > 20000") == [(0,)]
    assert carry.erase(given, {}, FREE) == Turn()
