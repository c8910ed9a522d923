"""Erase people from the shop beside the same blanking by hand: CPU of both sides, from connection to last receipt.

Troth finds the people, plans, counts, seals, erases and writes receipts; the script by hand finds them and blanks.
Both work in turn on people of equal shape in one database. The vacuum is left out: the script does none. One person
has been erased before in this process, which keeps the ledger open as a worker does: statements are remembered, and
the project's files are known.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import linked
import psycopg
import shop
import sqlalchemy as sa
from django.db.backends.utils import CursorWrapper

from troth.app import erasing, ledgers, people
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.wishes import Wish
from troth.apply import erase as applying
from troth.apply.ports import Purged
from troth.ledger.people_journal import LedgerPeopleJournal
from troth.people.typed import Line
from troth.stores.sql.people import SqlPeople

CLOCK = Clock(now=lambda: datetime.now(UTC))
FIRST = 1_000
"""The first customer that is erased."""


def _unpurged(self: SqlPeople, datasets: Sequence[str]) -> Purged:
    return Purged(
        store=self.name, engine="postgresql", outcome="partly", readable=("dead-tuples",) if datasets else ()
    )


def by_troth(url: str, folder: Path, mails: Sequence[str]) -> int:
    """Erase people; return the rows touched."""
    environment = {"SHOP_DB": url}
    moment = Moment(at=CLOCK.now())
    lines = tuple(Line(source="<file>", line=n, text=f"email:{m}") for n, m in enumerate(mails, 1))
    project = projects.load(folder, moment.at.date())
    with (
        people.everywhere(project, environment, moment, readonly=False) as where,
        ledgers.opened(folder, environment, CLOCK) as ledger,
    ):
        wish = Wish(lines=lines, limit=len(mails) * 4)
        selected = people.select(where, wish)
        made, _ = erasing.make(where, ledger, selected.manifest, moment, by="bench")
        assert made is not None
        world, _ = erasing.seen(where, ledger)
        with ledger.writing():
            staff = ledger.staff.identify("bench", at=moment.at)
        tools = applying.Tools(
            stores=where.stores,
            journal=LedgerPeopleJournal(ledger, made, staff=staff, test_clock=False, now=CLOCK.now),
            world=world,
            holds=lambda: world.facts.holds,
            ways=where.ways,
            held=lambda _: frozenset(),
            now=CLOCK.now,
        )
        results = applying.run(made, selected.manifest, tools)
    assert all(one.state == "done" for one in results), [one.message for one in results]
    return sum(sum(one.rows.values()) for one in results)


class Statements:
    """Counts what is sent to the store, and to the ledger, while it is on; BEGIN and COMMIT are not counted."""

    def __init__(self) -> None:
        self.store: list[str] = []
        self.ledger: list[str] = []

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Listen to SQLAlchemy, to COPY, and to Django."""
        copy, run = psycopg.Cursor.copy, CursorWrapper.execute

        def seen(_c: Any, _cursor: Any, text: str, *_: Any) -> None:
            self.store.append(text)

        def copied(cursor: Any, text: str, *given: Any, **named: Any) -> Any:
            self.store.append(text)
            return copy(cursor, text, *given, **named)

        def ran(cursor: Any, text: str, *given: Any) -> Any:
            if not text.startswith("BEGIN"):
                self.ledger.append(text)
            return run(cursor, text, *given)

        sa.event.listen(sa.Engine, "before_cursor_execute", seen)
        try:
            with (
                mock.patch.object(psycopg.Cursor, "copy", copied),
                mock.patch.object(CursorWrapper, "execute", ran),
            ):
                yield
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", seen)


def mails(first: int, count: int) -> list[str]:
    """Write the addresses of so many customers in a row."""
    return [f"user{n}@example.com" for n in range(first, first + count)]


def timed(server: linked.servers.Server, job: Callable[[], int]) -> tuple[float, float, int]:
    """Run a job; return CPU seconds, wall seconds and rows; what was imported before is no garbage of either side."""
    gc.collect()
    gc.freeze()
    cpu, wall = linked.cpu(server), time.perf_counter()
    rows = job()
    wall = time.perf_counter() - wall
    time.sleep(0.3)
    return linked.cpu(server) - cpu, wall, rows


def pairs(server: linked.servers.Server, url: str, folder: Path, options: argparse.Namespace) -> None:
    """Erase so many people, in turn by hand and by Troth, and print the ratios."""
    count, again = options.people, options.again
    found: list[tuple[float, float]] = []
    walls: list[tuple[float, float]] = []
    for number in range(options.pairs):
        begin = FIRST + 2 * number * shop.SHAPE

        def by_hand(begin: int = begin) -> int:
            return sum(shop.by_hand(url, mails(begin + n * count, count)) for n in range(again))

        def troth(begin: int = begin) -> int:
            return sum(
                by_troth(url, folder, mails(begin + shop.SHAPE + n * count, count)) for n in range(again)
            )

        order = (by_hand, troth) if number % 2 else (troth, by_hand)
        took = {job: timed(server, job) for job in order}
        found.append((took[troth][0], took[by_hand][0]))
        walls.append((took[troth][1], took[by_hand][1]))
        print(f"pair {number + 1}: rows {took[troth][2]} and {took[by_hand][2]}", file=sys.stderr, flush=True)
    _say(f"{count} people" if count > 1 else "one person", found, walls, again)


def heavy(server: linked.servers.Server, folder: Path, options: argparse.Namespace) -> None:
    """Erase one person with 70,000 rows, each time on a fresh copy."""
    found: list[tuple[float, float]] = []
    walls: list[tuple[float, float]] = []
    for _ in range(options.pairs):
        took = []
        for side in ("troth", "hand"):
            url = server.url(linked.copy(server, "heavy", "work"))
            took.append(timed(server, _of_one(side, url, folder)))
        found.append((took[0][0], took[1][0]))
        walls.append((took[0][1], took[1][1]))
        print(f"rows {took[0][2]} and {took[1][2]}", file=sys.stderr, flush=True)
    _say("one person with 70,000 rows", found, walls, 1)


def _of_one(side: str, url: str, folder: Path) -> Callable[[], int]:
    who = mails(FIRST, 1)
    return (lambda: by_troth(url, folder, who)) if side == "troth" else (lambda: shop.by_hand(url, who))


def _say(what: str, found: list[tuple[float, float]], walls: list[tuple[float, float]], again: int) -> None:
    ratios = [ours / theirs for ours, theirs in found]
    ours, theirs = (statistics.median(side) / again for side in zip(*found, strict=True))
    wall = [statistics.median(side) / again for side in zip(*walls, strict=True)]
    print(
        f"{what}: Troth {ours:.3f} CPU-s ({wall[0]:.3f} s wall), by hand {theirs:.3f} CPU-s ({wall[1]:.3f} s wall); "
        f"ratio, median of {len(found)} pairs: {statistics.median(ratios):.2f}"
    )
    print("all ratios:", " ".join(f"{ratio:.2f}" for ratio in ratios), flush=True)


def main() -> None:
    """Load the shop, run the pairs, count the statements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--again", type=int, default=1, help="so many times within one measurement")
    parser.add_argument("--heavy", action="store_true", help="one person with 70,000 rows")
    parser.add_argument("--statements", action="store_true", help="count statements for one person")
    parser.add_argument("--memory", action="store_true", help="peak memory of one erasure")
    options = parser.parse_args()
    SqlPeople.purge_people = _unpurged  # type: ignore[method-assign]
    with linked.server() as server, tempfile.TemporaryDirectory() as home:
        with server.admin() as connection:
            connection.execute("ALTER SYSTEM SET autovacuum = off")
            connection.execute("SELECT pg_reload_conf()")
        server.create_database("shop")
        server.run_script("shop", shop.script())
        folder, url = shop.project(Path(home) / "project"), server.url("shop")
        ledgers.keep(folder, {"SHOP_DB": url}, CLOCK)
        by_troth(url, folder, mails(10, 1))
        if options.statements:
            seen = Statements()
            with seen.counting():
                by_troth(url, folder, mails(11, 1))
            print(f"statements: {len(seen.store)} on the store, {len(seen.ledger)} on the ledger")
            for text in (*seen.store, *seen.ledger):
                print("  ", " ".join(text.split())[:150], file=sys.stderr)
        elif options.memory:
            by_troth(url, folder, mails(FIRST, options.people))
            print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        elif options.heavy:
            server.run_script(
                linked.copy(server, "shop", "heavy"), shop.HEAVY.format(id=FIRST) + "VACUUM ANALYZE;"
            )
            heavy(server, folder, options)
        else:
            pairs(server, url, folder, options)


if __name__ == "__main__":
    main()
