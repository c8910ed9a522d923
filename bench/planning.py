"""Planning beside the same counts by hand: expired, not started, total, oldest and newest, per table."""

from __future__ import annotations

import argparse
import statistics
import time

import linked
import psycopg

HAND = {
    "customers": """
        SELECT count(*), count(*) FILTER (WHERE closed_at < %(cutoff)s),
               count(*) FILTER (WHERE closed_at IS NULL AND status <> 'open'),
               min(closed_at) FILTER (WHERE closed_at < %(cutoff)s),
               max(closed_at) FILTER (WHERE closed_at < %(cutoff)s)
        FROM customers""",
    "orders": """
        SELECT count(*), count(*) FILTER (WHERE c.closed_at < %(cutoff)s),
               count(*) FILTER (WHERE c.closed_at IS NULL AND c.status <> 'open')
        FROM orders o JOIN customers c ON c.id = o.customer_id""",
    "logins": """
        SELECT count(*), count(*) FILTER (WHERE c.closed_at < %(cutoff)s),
               count(*) FILTER (WHERE c.closed_at IS NULL AND c.status <> 'open')
        FROM logins l JOIN customers c ON c.id = l.customer_id""",
    "items": """
        SELECT count(*), count(*) FILTER (WHERE c.closed_at < %(cutoff)s),
               count(*) FILTER (WHERE c.closed_at IS NULL AND c.status <> 'open')
        FROM items i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id""",
}


def by_hand(url: str) -> dict[str, int]:
    """Count with one good statement per table."""
    with psycopg.connect(url) as connection:
        return {
            f"app.{table}": connection.execute(sql, {"cutoff": linked.CUTOFF}).fetchone()[1]
            for table, sql in HAND.items()
        }


def by_troth(url: str) -> dict[str, int]:
    """Make a whole plan."""
    return {step.dataset: step.planned.rows for step in linked.plan(url).steps}


def timed(server: linked.servers.Server, job, url: str) -> tuple[float, float, dict[str, int]]:
    """Return CPU seconds, wall seconds and the counts."""
    cpu, wall = linked.cpu(server), time.perf_counter()
    counts = job(url)
    time.sleep(0.3)
    return linked.cpu(server) - cpu, time.perf_counter() - wall - 0.3, counts


def main() -> None:
    """Run the pairs and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    with linked.server() as server:
        linked.build(server, options.rows)
        url = server.url("base")
        by_hand(url), by_troth(url)
        ratios, troths, hands = [], [], []
        for _ in range(options.pairs):
            troth, hand = timed(server, by_troth, url), timed(server, by_hand, url)
            assert troth[2] == hand[2], (troth[2], hand[2])
            ratios.append(troth[0] / hand[0])
            troths.append(troth)
            hands.append(hand)
        print(f"rows {options.rows:,}; counts agree: {hands[0][2]}")
        for name, runs in (("troth", troths), ("by hand", hands)):
            cpu, wall = statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs)
            print(f"{name}: {cpu:.2f} CPU-s, {wall:.2f} s wall (medians)")
        print(f"ratio of CPU seconds, median of {options.pairs} pairs: {statistics.median(ratios):.2f}")
        print("all ratios:", " ".join(f"{ratio:.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
