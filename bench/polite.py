"""How long other people wait while an apply runs with a bound on locks, beside a script by hand at the same rate.

A foreground process reads and updates random customers, expired ones included, and keeps the time each statement
took. First Troth works for a while with `--max-lock`; then the script deletes on a fresh copy, in ranges of the
primary key, at the row rate Troth had.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import linked
import psycopg
from applying import CHILDREN, WithoutPurge

from troth.apply import run as applying
from troth.apply.guards import Permit
from troth.plan.model import Plan
from troth.testing import MemoryJournal

MAX_LOCK = timedelta(milliseconds=200)
RANGE = 2_000
RATE = 200
"""Foreground statements a second."""


def foreground(url: str, seconds: float, people: int, seed: int, out: multiprocessing.Queue) -> None:
    """Read and update random customers at a steady rate; hand back how long each statement took."""
    chance = random.Random(seed)
    waits: list[float] = []
    with psycopg.connect(url, autocommit=True) as connection:
        until = time.perf_counter() + seconds
        due = time.perf_counter()
        while (began := time.perf_counter()) < until:
            person = chance.randrange(1, people + 1)
            if chance.random() < 0.5:
                connection.execute("UPDATE customers SET name = name WHERE id = %s", (person,))
            else:
                connection.execute("SELECT name FROM customers WHERE id = %s", (person,))
            waits.append(time.perf_counter() - began)
            due += 1 / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
    out.put(waits)


def troth(url: str, plan: Plan) -> None:
    """Apply until somebody ends this process."""
    looked, engine = linked.world(url)
    tools = applying.Tools(
        store=WithoutPurge(engine, looked.catalogs["app"], lambda: datetime.now(UTC)),
        journal=MemoryJournal(),
        world=looked,
        permit=Permit(),
        hold_lock=MAX_LOCK,
        now=lambda: datetime.now(UTC),
    )
    applying.run(plan, tools)


def by_hand(url: str, rate: float) -> None:
    """Delete in small ranges, resting so that so many rows go per second."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table, sql in CHILDREN.items():
            last = connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            for low in range(0, last + 1, RANGE):
                began = time.perf_counter()
                ranged = f"{sql} AND {table}.id > %(low)s AND {table}.id <= %(high)s"
                given = {"cutoff": linked.CUTOFF, "low": low, "high": low + RANGE}
                rows = connection.execute(ranged, given).rowcount
                time.sleep(max(0.0, rows / rate - (time.perf_counter() - began)))


def watched(
    url: str, seconds: float, people: int, seed: int, work: Callable[[], None]
) -> tuple[list[float], int]:
    """Let a job and the foreground run side by side; return the waits and the rows that went."""
    out: multiprocessing.Queue = multiprocessing.Queue()
    front = multiprocessing.Process(target=foreground, args=(url, seconds, people, seed, out))
    back = multiprocessing.Process(target=work)
    with psycopg.connect(url, autocommit=True) as connection:
        before = _rows(connection)
        back.start()
        front.start()
        waits = out.get()
        front.join()
        back.kill()
        back.join()
        time.sleep(0.5)
        return waits, before - _rows(connection)


def _rows(connection: psycopg.Connection) -> int:
    counted = (connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in CHILDREN)
    return sum(counted)


def percentile(waits: list[float], share: float) -> float:
    """Return the wait below which a share of all waits lies, in milliseconds."""
    return sorted(waits)[int(len(waits) * share)] * 1000


def main() -> None:
    """Run the pairs and print waits and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    people = linked.Sizes(options.rows).parts["customers"]
    ratios, mine, theirs = [], [], []
    with linked.server() as server:
        plan = linked.plan(server.url(linked.build(server, options.rows)))
        for pair in range(options.pairs):
            url = server.url(linked.copy(server, "base", "work"))
            waits, rows = watched(url, options.seconds, people, pair, functools.partial(troth, url, plan))
            rate = max(1.0, rows / options.seconds)
            url = server.url(linked.copy(server, "base", "work"))
            other, gone = watched(
                url, options.seconds, people, pair, lambda url=url, rate=rate: by_hand(url, rate)
            )
            ratios.append(percentile(waits, 0.99) / percentile(other, 0.99))
            mine.append(waits)
            theirs.append(other)
            print(
                f"pair {pair}: {rows / options.seconds:,.0f} and {gone / options.seconds:,.0f} rows/s; "
                f"p99 {percentile(waits, 0.99):.1f} and {percentile(other, 0.99):.1f} ms; "
                f"longest {max(waits) * 1000:.0f} and {max(other) * 1000:.0f} ms",
                flush=True,
            )
    median = statistics.median(ratios)
    longest = max(max(waits) for waits in mine) * 1000
    print(f"p99 of Troth by that of the script, median of {options.pairs} pairs: {median:.2f}")
    print(f"longest wait under Troth: {longest:.0f} ms, bound {MAX_LOCK.microseconds // 1000} ms")


if __name__ == "__main__":
    main()
