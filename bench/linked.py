"""Four linked tables, 30 % expired: customers, their orders, the items of those, and logins.

The data set of the benchmarks, its policy, and what an expert would write by hand for the same job.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from db import servers  # the server the tests start
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.plan import draft as drafting
from troth.plan import seal as sealing
from troth.plan.model import Plan
from troth.plan.world import Facts, World
from troth.policy.model import Policy
from troth.stores.sql import introspect, measure
from troth.stores.sql import open as opening

AT = datetime(2026, 6, 1, tzinfo=UTC)
CUTOFF = "2024-06-01 00:00:00+00"
"""Two years before: the bound of the rule, written by hand."""

SCHEMA = """
CREATE TABLE customers (id bigint PRIMARY KEY, email text, name text, status text NOT NULL, closed_at timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, ship_to text, total int);
CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint NOT NULL, sku text, engraving text);
CREATE TABLE logins (id bigint PRIMARY KEY, customer_id bigint NOT NULL, ip inet, at timestamptz NOT NULL);
"""
LOAD = """
INSERT INTO customers SELECT g, 'user' || g || '@example.com', 'First' || g % 997 || ' Last' || g % 7919,
  CASE WHEN g % 10 < 4 THEN 'closed' ELSE 'open' END,
  CASE WHEN g % 10 < 3 THEN timestamptz '2020-01-01Z' + (g * 13 % 1500) * interval '1 day'
       WHEN g % 10 = 3 THEN timestamptz '2025-01-01Z' + (g * 13 % 300) * interval '1 day' END
FROM generate_series(1, {customers}) g;
INSERT INTO orders SELECT g, 1 + g % {customers}, g || ' Street', g % 20000 FROM generate_series(1, {orders}) g;
INSERT INTO items SELECT g, 1 + g % {orders}, 'SKU' || g % 5000, CASE WHEN g % 20 = 0 THEN 'For ' || g END
FROM generate_series(1, {items}) g;
INSERT INTO logins SELECT g, 1 + g % {customers}, ('10.2.' || g / 256 % 256 || '.' || g % 256)::inet,
  timestamptz '2018-01-01Z' + g % 3000 * interval '1 day' FROM generate_series(1, {logins}) g;
"""
KEYS = """
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE logins ADD FOREIGN KEY (customer_id) REFERENCES customers;
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON items (order_id);
CREATE INDEX ON logins (customer_id);
VACUUM ANALYZE;
"""

POLICY = Policy.model_validate(
    {
        "organisation": {"name": "Bench"},
        "retention": {"account": {"for": "2 years", "after": "account.closed"}},
        "limits": {"share": 100, "drift": 0},
    }
)
DATAMAP = DataMap.model_validate(
    {
        "stores": {"app": {"url": "given"}},
        "subjects": {"customer": {"dataset": "app.customers", "key": "id"}},
        "datasets": {
            "app.customers": {
                "kept-as": "account",
                "on-expiry": "delete-row",
                "fields": {"contact": ["email", "name"]},
                "anchors": {"account.closed": "closed_at"},
                "open-while": {"account.closed": {"column": "status", "is": ["open"]}},
            },
            "app.orders": {
                "kept-as": "account",
                "on-expiry": "delete-row",
                "fields": {"contact": ["ship_to"]},
            },
            "app.items": {
                "kept-as": "account",
                "on-expiry": "delete-row",
                "fields": {"contact": ["engraving"]},
            },
            "app.logins": {"kept-as": "account", "on-expiry": "delete-row", "fields": {"technical": ["ip"]}},
        },
    }
)

SETTINGS = ["shared_buffers=2GB", "max_wal_size=8GB", "work_mem=64MB", "max_parallel_workers_per_gather=0"]


@dataclass(frozen=True)
class Sizes:
    """How many rows each table has."""

    rows: int

    @property
    def parts(self) -> dict[str, int]:
        """Split the rows over the tables, as 1 : 3 : 5 : 1."""
        tenth = self.rows // 10
        return {"customers": tenth, "orders": 3 * tenth, "items": 5 * tenth, "logins": tenth}


@contextmanager
def server() -> Iterator[servers.Server]:
    """Start a PostgreSQL server, tuned the same for everybody."""
    started = servers.start(die_with_parent=True)
    with started.admin() as connection:
        for setting in SETTINGS[1:]:
            name, _, value = setting.partition("=")
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield started
    finally:
        servers.stop(started)


def build(started: servers.Server, rows: int, name: str = "base") -> str:
    """Load the data set into a new database."""
    started.create_database(name)
    began = time.perf_counter()
    started.run_script(name, SCHEMA + LOAD.format(**Sizes(rows).parts) + KEYS)
    print(f"loaded {rows:,} rows in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return name


def copy(started: servers.Server, source: str, name: str) -> str:
    """Copy a database file by file, so that every run starts from the same pages."""
    with started.admin() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
        connection.execute("CHECKPOINT")
    return name


def cpu(started: servers.Server) -> float:
    """Return the CPU seconds of this process and of every PostgreSQL process, finished ones included."""
    master = int((started.data / "postmaster.pid").read_text().split()[0])
    own = os.times()
    return (
        own.user
        + own.system
        + _spent(master, reaped=True)
        + sum(_spent(child) for child in _children(master))
    )


def _children(master: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == master:
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue
    return found


def _spent(pid: int, *, reaped: bool = False) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    ticks = sum(int(value) for value in (fields[11:15] if reaped else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def world(url: str) -> tuple[World, object]:
    """Open a database and look at it as the planner does."""
    engine = opening.connect(url, store="app")
    catalogs = {"app": introspect.read(engine, "app")}
    reaches = reach.resolve(DATAMAP, catalogs)
    return World(
        policy=POLICY, datamap=DATAMAP, catalogs=catalogs, reaches=reaches, facts=Facts(), at=AT
    ), engine


def plan(url: str) -> Plan:
    """Make a plan from connection to seal, as the command does."""
    looked, engine = world(url)
    made = drafting.draft(looked)
    answers = measure.measure(engine, looked.catalogs["app"], made.surveys)
    engine.dispose()
    return sealing.seal(looked, made, answers, simulation=False)
