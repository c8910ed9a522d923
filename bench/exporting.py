"""Export people of the shop beside the same by hand: CPU of both sides, from connection to the last file.

Troth finds the people, reads, labels, writes a JSON file for each, a signed manifest over all and its evidence. The
script by hand knows the eight tables, reads each at once and writes a JSON file for each, without labels or hashes.
One person has been exported before in this process, which keeps the ledger open as a worker does: statements are
remembered, and the project's files are known.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import linked
import psycopg
import shop
from psycopg.rows import dict_row

from troth.app import ledgers
from troth.app.clock import Clock, Moment
from troth.app.export import make as exporting
from troth.app.wishes import Wish
from troth.people.typed import Line

CLOCK = Clock(now=lambda: datetime.now(UTC))
FIRST = 30_000


def mails(count: int) -> list[str]:
    """Write the addresses of so many customers in a row."""
    return [f"user{n}@example.com" for n in range(FIRST, FIRST + count)]


def by_troth(
    url: str, folder: Path, out: Path, who: Sequence[str], formats: tuple[str, ...] = ("json",)
) -> int:
    """Export people; return the rows."""
    lines = tuple(Line(source="<file>", line=n, text=f"email:{m}") for n, m in enumerate(who, 1))
    package = exporting.Package(out=out, formats=formats, by="bench")  # type: ignore[arg-type]
    wish = Wish(lines=lines, limit=len(who) * 4)
    moment = Moment(at=CLOCK.now())
    return exporting.export(wish, package, folder, {"SHOP_DB": url}, CLOCK, moment).rows


def by_hand(url: str, out: Path, who: Sequence[str]) -> int:
    """Export people as somebody would who knows the tables: eight statements, grouped, one JSON file each."""
    people: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    with psycopg.connect(url, row_factory=dict_row) as connection:
        cursor = connection.cursor()
        mails = list(who)
        found = cursor.execute("SELECT * FROM customers WHERE email = ANY (%s)", (mails,)).fetchall()
        owner = {row["email"]: row["id"] for row in found}
        keys = list(owner.values())
        for row in found:
            people[row["id"]]["customers"].append(row)
        orders: dict[int, int] = {}
        for table in ("addresses", "logins", "orders"):
            for row in cursor.execute(f"SELECT * FROM {table} WHERE customer_id = ANY (%s)", (keys,)):
                people[row["customer_id"]][table].append(row)
                if table == "orders":
                    orders[row["id"]] = row["customer_id"]
        for table in ("order_items", "payments"):
            for row in cursor.execute(f"SELECT * FROM {table} WHERE order_id = ANY (%s)", (list(orders),)):
                people[orders[row["order_id"]]][table].append(row)
        tickets = "SELECT * FROM support_tickets WHERE customer_id = ANY (%s) OR email = ANY (%s)"
        for row in cursor.execute(tickets, (keys, mails)):
            people[row["customer_id"] or owner[row["email"]]]["support_tickets"].append(row)
        for row in cursor.execute("SELECT * FROM newsletter_subscriptions WHERE email = ANY (%s)", (mails,)):
            people[owner[row["email"]]]["newsletter_subscriptions"].append(row)
    out.mkdir(parents=True)
    for person, tables in people.items():
        (out / f"{person}.json").write_text(json.dumps(tables, default=str))
    return sum(len(rows) for tables in people.values() for rows in tables.values())


def timed(
    server: linked.servers.Server, job: Callable[[Path], int], home: Path, again: int
) -> tuple[float, ...]:
    """Run a job so many times into fresh folders; return CPU and wall seconds of one, and its rows.

    The folders stay until the end: ext4 leaves the inodes of files just deleted alone for some seconds, and passes by
    each of them for every file it makes (fs/ext4/ialloc.c), which would be measured in whoever comes next.
    """
    home.mkdir()
    gc.collect()
    cpu, wall = linked.cpu(server), time.perf_counter()
    rows = [job(home / f"out{n}") for n in range(again)]
    wall = time.perf_counter() - wall
    time.sleep(0.3)
    cpu = linked.cpu(server) - cpu
    return cpu / again, wall / again, rows[0]


def after(writing: psycopg.Connection[Any] | None, job: Callable[[Path], int]) -> Callable[[Path], int]:
    """Let somebody write a row before each run of a job, in a session of their own that stays open."""
    if writing is None:
        return job

    def both(out: Path) -> int:
        writing.execute("UPDATE newsletter_subscriptions SET source = source WHERE id = 1")
        return job(out)

    return both


def pairs(server: linked.servers.Server, url: str, home: Path, options: argparse.Namespace) -> None:
    """Export the same people in turn by hand and by Troth, and print the ratios."""
    who, folder = mails(options.people), home / "project"
    writing = psycopg.connect(url, autocommit=True) if options.written else None
    found: list[dict[str, tuple[float, ...]]] = []
    for number in range(options.pairs):
        jobs: dict[str, Callable[[Path], int]] = {
            "troth": lambda out: by_troth(url, folder, out, who),
            "hand": lambda out: by_hand(url, out, who),
        }
        order = list(jobs) if number % 2 else list(reversed(jobs))
        took = {
            name: timed(server, after(writing, jobs[name]), home / f"{number}-{name}", options.again)
            for name in order
        }
        assert took["troth"][2] == took["hand"][2], took
        print(f"pair {number + 1}: {took['troth'][2]} rows", file=sys.stderr, flush=True)
        found.append(took)
    ratios = [one["troth"][0] / one["hand"][0] for one in found]
    told = []
    for name, words in (("troth", "Troth"), ("hand", "by hand")):
        cpu, wall = (statistics.median(one[name][n] for one in found) for n in (0, 1))
        told.append(f"{words} {cpu:.3f} CPU-s ({wall:.3f} s wall)")
    print(
        f"{options.people} people, {found[0]['troth'][2]} rows: {', '.join(told)}; ratio, median of "
        f"{len(found)} pairs: {statistics.median(ratios):.2f}"
    )
    print("all ratios:", " ".join(f"{ratio:.2f}" for ratio in ratios), flush=True)


def _alone(url: str, home: Path, count: int, formats: tuple[str, ...], out: Any) -> None:
    began = time.perf_counter()
    rows = by_troth(url, home / "project", home / "alone", mails(count), formats)
    out.put((rows, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def memory(url: str, home: Path, count: int, formats: tuple[str, ...]) -> None:
    """Export in a process of its own, and print its peak."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    process = context.Process(target=_alone, args=(url, home, count, formats, out))
    process.start()
    rows, wall, peak = out.get()
    process.join()
    shutil.rmtree(home / "alone")
    print(
        f"{count} people, {rows:,} rows, {'+'.join(formats)}: {wall:.1f} s, peak memory {peak:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Load the shop, run the pairs or measure memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--again", type=int, default=1, help="so many times within one measurement")
    parser.add_argument("--heavy", action="store_true", help="give the first person 70,000 rows more")
    parser.add_argument("--written", action="store_true", help="let somebody write a row before each export")
    parser.add_argument("--memory", action="store_true", help="peak memory instead of pairs")
    options = parser.parse_args()
    with linked.server() as server, tempfile.TemporaryDirectory() as place:
        home = Path(place)
        server.create_database("shop")
        server.run_script("shop", shop.script())
        if options.heavy:
            server.run_script("shop", shop.HEAVY.format(id=FIRST) + "VACUUM ANALYZE;")
        shop.project(home / "project")
        url = server.url("shop")
        ledgers.keep(home / "project", {"SHOP_DB": url}, CLOCK)
        by_troth(url, home / "project", home / "warm", mails(1))
        if options.memory:
            for formats in (("json",), ("json", "csv", "html")):
                memory(url, home, options.people, formats)
        else:
            pairs(server, url, home, options)


if __name__ == "__main__":
    main()
