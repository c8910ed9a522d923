"""Apply at full speed beside batched deletes by hand: rows per CPU second, on copies of one database.

Three ways an expert would write it stand against Troth; the best of them is the opponent. All commit batch by
batch, so that nothing is locked for the length of the job.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import linked
import psycopg

from troth.apply import run as applying
from troth.apply.guards import Permit
from troth.apply.ports import Purged
from troth.plan.model import Plan
from troth.stores.sql.store import SqlStore
from troth.testing import MemoryJournal

BATCH = 50_000
CHILDREN = {
    "items": "DELETE FROM items USING orders o, customers c "
    "WHERE items.order_id = o.id AND o.customer_id = c.id AND c.closed_at < %(cutoff)s",
    "orders": "DELETE FROM orders USING customers c WHERE orders.customer_id = c.id AND c.closed_at < %(cutoff)s",
    "logins": "DELETE FROM logins USING customers c WHERE logins.customer_id = c.id AND c.closed_at < %(cutoff)s",
    "customers": "DELETE FROM customers WHERE closed_at < %(cutoff)s",
}


def by_key_ranges(url: str) -> int:
    """Delete each table in ranges of its primary key."""
    done = 0
    with psycopg.connect(url, autocommit=True) as connection:
        for table, sql in CHILDREN.items():
            last = connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            for low in range(0, last + 1, BATCH):
                ranged = f"{sql} AND {table}.id > %(low)s AND {table}.id <= %(high)s"
                given = {"cutoff": linked.CUTOFF, "low": low, "high": low + BATCH}
                done += connection.execute(ranged, given).rowcount
    return done


def by_people(url: str) -> int:
    """Take so many people at a time, and delete what is theirs in every table."""
    done = 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE gone (id bigint PRIMARY KEY)")
        while True:
            connection.execute("TRUNCATE gone")
            found = connection.execute(
                "INSERT INTO gone SELECT id FROM customers WHERE closed_at < %s LIMIT %s",
                (linked.CUTOFF, BATCH // 10),
            ).rowcount
            if not found:
                return done
            connection.execute("ANALYZE gone")
            with connection.transaction():
                for sql in (
                    "DELETE FROM items USING orders o, gone WHERE items.order_id = o.id AND o.customer_id = gone.id",
                    "DELETE FROM orders USING gone WHERE orders.customer_id = gone.id",
                    "DELETE FROM logins USING gone WHERE logins.customer_id = gone.id",
                    "DELETE FROM customers USING gone WHERE customers.id = gone.id",
                ):
                    done += connection.execute(sql).rowcount


def by_limit(url: str) -> int:
    """Delete any so many rows at a time, found by a subquery with a limit."""
    done = 0
    with psycopg.connect(url, autocommit=True) as connection:
        for table, sql in CHILDREN.items():
            rest = sql.partition("WHERE ")[2]
            tables = {"items": "items, orders o, customers c", "customers": "customers"}.get(
                table, f"{table}, customers c"
            )
            limited = (
                f"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT {table}.ctid FROM {tables} WHERE {rest} "
                f"LIMIT {BATCH}))"
            )
            while found := connection.execute(limited, {"cutoff": linked.CUTOFF}).rowcount:
                done += found
    return done


class WithoutPurge(SqlStore):
    """A store that leaves the vacuum out: nobody else does one."""

    def purge(self, datasets: Sequence[str]) -> Purged:
        """Say what a vacuum would have dealt with."""
        return Purged(store=self.name, engine="postgresql", outcome="partly", readable=tuple(datasets))


def by_troth(url: str) -> int:
    """Carry out a plan that exists: re-tests, marks, receipts, recheck."""
    looked, engine = linked.world(url)
    store = WithoutPurge(engine, looked.catalogs["app"], lambda: datetime.now(UTC))
    tools = applying.Tools(
        store=store,
        journal=MemoryJournal(),
        world=looked,
        permit=Permit(),
        hold_lock=None,
        now=lambda: datetime.now(UTC),
    )
    outcome = applying.run(PLANS[0], tools)
    assert outcome.clean
    engine.dispose()
    return outcome.rows


PLANS: list[Plan] = []
"""The plan every run of Troth carries out, made once from the database all copies are made of."""

HANDS: dict[str, Callable[[str], int]] = {
    "key ranges": by_key_ranges,
    "people at a time": by_people,
    "limit": by_limit,
}


def timed(server: linked.servers.Server, job: Callable[[str], int]) -> tuple[float, float, int]:
    """Run a job on a fresh copy; return CPU seconds, wall seconds and rows."""
    url = server.url(linked.copy(server, "base", "work"))
    cpu, wall = linked.cpu(server), time.perf_counter()
    rows = job(url)
    wall = time.perf_counter() - wall
    time.sleep(0.3)
    return linked.cpu(server) - cpu, wall, rows


def main() -> None:
    """Choose the best script by hand, run the pairs, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--against", choices=HANDS, help="skip the choice of the opponent")
    options = parser.parse_args()
    with linked.server() as server:
        PLANS.append(linked.plan(server.url(linked.build(server, options.rows))))
        tried = {} if options.against else {name: timed(server, hand) for name, hand in HANDS.items()}
        for name, (cpu, wall, rows) in tried.items():
            print(f"by hand, {name}: {rows:,} rows, {cpu:.1f} CPU-s, {wall:.1f} s wall", flush=True)
        best = options.against or min(tried, key=lambda name: tried[name][0])
        pairs = [(timed(server, by_troth), timed(server, HANDS[best])) for _ in range(options.pairs)]
        assert len({rows for pair in pairs for _, _, rows in pair}) == 1
        rates = [(hand[0] / troth[0]) for troth, hand in pairs]
        for name, runs in (("troth", [p[0] for p in pairs]), (best, [p[1] for p in pairs])):
            cpu, wall = statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs)
            rows = runs[0][2]
            print(
                f"{name}: {rows:,} rows, {cpu:.1f} CPU-s ({rows / cpu:,.0f} rows/CPU-s), {wall:.1f} s wall (medians)"
            )
        print(
            f"row rate of Troth by {best}, CPU, median of {options.pairs} pairs: {statistics.median(rates):.2f}"
        )
        print("all ratios:", " ".join(f"{rate:.2f}" for rate in rates))


if __name__ == "__main__":
    main()
