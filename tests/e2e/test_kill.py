"""Killed at any instant and run again, an apply ends as if nothing had happened: rows, receipts and proof."""

from __future__ import annotations

import json
import random
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from e2e.shops import Shop

Connection: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any] | pymysql.Connection[Any]"

CUSTOMERS = 1500
KILLS = 5
"""On each of three databases, each a few batches further on."""
SLOW = ("apply", "plan.json", "--backup-taken", "--max-lock", "2ms")
"""A small bound makes many small batches, so that a kill falls between or into them."""


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def twins(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Shop, Shop]:
    """Return two equal shops."""
    servers = {"postgresql": "new_pg_url", "mariadb": "new_mariadb_url"}
    new: Callable[[], str] | None = None
    if request.param in servers:
        new = request.getfixturevalue(servers[request.param])

    def make(name: str) -> Shop:
        url = new() if new else f"sqlite:///{tmp_path}/{name}.sqlite"
        shop = Shop.make(tmp_path / name, url, customers=CUSTOMERS)
        shop.sql("ALTER TABLE orders ADD COLUMN note text")
        shop.sql(f"UPDATE orders SET note = '{'x' * 1000}'")  # makes many pages of few rows
        return shop

    return make("killed"), make("whole")


def test_kills_leave_no_trace(twins: tuple[Shop, Shop]) -> None:
    """After five kills and a rerun, tables, counts per step and verdict equal those of a run left alone."""
    killed, whole = twins
    whole.plan()
    assert whole.troth("apply", "plan.json", "--backup-taken").returncode == 0
    killed.plan()
    chance = random.Random(7)
    stopped = sum(_kill(killed, chance) for _ in range(KILLS))
    assert stopped >= KILLS // 2
    last = killed.troth("apply", "plan.json", "--backup-taken")
    assert last.returncode == 0, last.stdout + last.stderr
    for table in ("customers", "orders"):
        query = f"SELECT * FROM {table} ORDER BY id"
        assert killed.sql(query) == whole.sql(query)
    assert _receipts(killed) == _receipts(whole)
    assert killed.troth("evidence", "verify").stdout.startswith("verified")


def _kill(shop: Shop, chance: random.Random) -> bool:
    """Start an apply and kill it a few batches later; tell whether it was still at work."""
    with closing(_connected(shop)) as connection:
        enough = _batches(connection) + chance.randint(0, 4)
        process = shop.start(*SLOW)
        deadline = time.monotonic() + 180
        while process.poll() is None and _batches(connection) <= enough:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    time.sleep(chance.random() * 0.02)
    process.kill()
    process.communicate(timeout=180)
    return process.returncode == -9


def _connected(shop: Shop) -> Connection:
    if shop.url.startswith("sqlite"):
        return sqlite3.connect(shop.url.removeprefix("sqlite:///"), isolation_level=None)
    if shop.url.startswith("mariadb"):
        url = make_url(shop.url)
        return pymysql.connect(
            host=url.host, port=url.port or 0, user=url.username, password=str(url.password),
            database=url.database, autocommit=True,
        )  # fmt: skip
    return psycopg.connect(shop.url, autocommit=True)


def _batches(connection: Connection) -> int:
    """Count the batches the store knows of; none before the first one."""
    schema = "troth." if isinstance(connection, psycopg.Connection) else ""
    cursor = connection.cursor()
    try:
        cursor.execute(f"SELECT count(*) FROM {schema}troth_batches")
        found = cursor.fetchone()
    except (sqlite3.OperationalError, psycopg.errors.UndefinedTable, pymysql.err.ProgrammingError):
        return 0
    return int(found[0])


def _receipts(shop: Shop) -> dict[int, tuple[int, int, str]]:
    """Return the rows, rows left and action of each step that is done, as evidence has them."""
    assert shop.troth("evidence", "export", "--out", "b.zip").returncode == 0
    with zipfile.ZipFile(shop.folder / "b.zip") as bundle:
        lines = bundle.read("entries.jsonl").decode().splitlines()
    entries = [json.loads(line)["entry"] for line in lines]
    done = [e["body"] for e in entries if e["kind"] == "step.receipt"]
    assert not any("rows_at_most" in body for body in done)
    return {body["step"]: (body["rows"], body["rows_left"], body["action"]) for body in done}
