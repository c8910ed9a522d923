"""Erase 10,000 people from Parquet files: bytes rewritten, peak memory, seconds; once every file hit, once three.

Each run is a process of its own, so that its peak memory is its own. Opponent is the same work by hand in DuckDB: one
COPY with an anti join for each file, which loses the order of rows and checks nothing.

With `--recheck` nobody is erased: people are looked for in every text of every file, beside one regular expression
over the same columns by hand, in CPU seconds of interleaved pairs in one process.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from troth.apply.people import PeopleBatch
from troth.catalog.datamap import Dataset, Store
from troth.people import tokens
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.predicates import Staged
from troth.rights.model import EraseRows
from troth.stores import lake

PEOPLE = 10_000
CHUNK = 10_000
"""People in one batch."""
ENTRY = Entry(number=0, subject="customer", dataset="app.customers", columns=("id",))


def build(folder: Path, rows: int, *, files: int, group: int, hit: int) -> None:
    """Make events of 5 million people: those to be erased stand in as many files as are to be hit."""
    (folder / "events").mkdir(parents=True)
    each = rows // files
    with duckdb.connect(config={"threads": 2, "memory_limit": "8GB"}) as db:
        for number in range(files):
            # People from 5,000,000 on are the ones to be erased.
            erased = f"CASE WHEN i % 500 = 0 THEN 5000000 + (i * 7919) % {PEOPLE} ELSE"
            mine = erased if number < hit else "CASE WHEN false THEN 0 ELSE"
            db.execute(
                f"COPY (SELECT i AS id, {mine} (i * 2654435761) % 5000000 END AS customer_id, "
                f"TIMESTAMP '2024-01-01' + to_seconds(i) AS at, ['view', 'click', 'buy'][i % 3 + 1] AS kind, "
                f"'/shop/' || (i * 48271 % 100003) AS page, md5(i::VARCHAR) AS session "
                f"FROM (SELECT range + {number * each} AS i FROM range({each}))) "
                f"TO '{folder}/events/part-{number:03}.parquet' (FORMAT parquet, COMPRESSION zstd, "
                f"ROW_GROUP_SIZE {group})"
            )


def troth(folder: Path) -> dict[str, float]:
    """Erase with Troth, as apply does: alone, with marks."""
    everyone = tuple(Person(number=n + 1, values={0: ((5_000_000 + n,),)}) for n in range(PEOPLE))
    people = Manifest(entries=(ENTRY,), people=everyone)
    mine = Staged(entry=0, columns=("customer_id",))
    way = Way(role="customer", subject="customer", path=(), end=mine)
    step = EraseRows(id="1", dataset="lake.events", where=mine, promises=())
    declared = Store(files="events/*.parquet")
    rows = 0
    with (
        lake.opened("lake", declared, {"lake.events": Dataset()}, folder, lambda: datetime.now(UTC)) as store,
        store.exclusive(),
    ):
        store.prepare()
        for number, chunk in enumerate(people.chunks(CHUNK), 1):
            batch = PeopleBatch(
                plan="bench",
                number=number,
                people=chunk,
                steps=((1, step),),
                ways={"lake.events": (way,)},
                at_most={},
            )
            rows += store.erase(batch).rows[1]
        store.purge_people(["lake.events"])
    return {"rows": rows}


def by_hand(folder: Path) -> dict[str, float]:
    """Erase with a script, run again with more memory where that is not enough."""
    try:
        return scripted(folder, "280MB")
    except duckdb.OutOfMemoryException:
        return scripted(folder, "4GB")


def scripted(folder: Path, memory: str) -> dict[str, float]:
    """Erase with a script."""
    rows = 0
    with duckdb.connect(
        config={"threads": 2, "memory_limit": memory, "temp_directory": str(folder / "tmp")}
    ) as db:
        db.execute(f"CREATE TABLE gone AS SELECT 5000000 + range AS id FROM range({PEOPLE})")
        for path in sorted((folder / "events").glob("*.parquet")):
            (found,) = db.execute(
                f"SELECT count(*) FROM '{path}' WHERE customer_id IN (SELECT id FROM gone)"
            ).fetchone()
            if found:
                new = path.with_suffix(".new")
                rest = f"SELECT * FROM '{path}' WHERE customer_id NOT IN (SELECT id FROM gone)"
                db.execute(f"COPY ({rest}) TO '{new}' (FORMAT parquet, COMPRESSION zstd)")
                new.replace(path)
                rows += found
    return {"rows": rows}


def measured(how: str, folder: Path) -> dict[str, float]:
    """Run in a process of its own."""
    ran = subprocess.run(
        [sys.executable, __file__, "--run", how, str(folder)], check=True, capture_output=True, text=True
    )
    return json.loads(ran.stdout.splitlines()[-1])


def peak() -> float:
    """Return the most megabytes this program had; `ru_maxrss` would also count those of the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def run(how: str, folder: Path) -> None:
    """Do one run and print its figures."""
    before = {path.name: path.stat() for path in (folder / "events").glob("*.parquet")}
    start = time.perf_counter()
    found = {"troth": troth, "hand": by_hand}[how](folder)
    found["wall"] = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found |= {"cpu": usage.ru_utime + usage.ru_stime, "peak": peak()}
    after = {path.name: path.stat() for path in (folder / "events").glob("*.parquet")}
    changed = [name for name in before if after[name].st_ino != before[name].st_ino]
    found["files"] = len(changed)
    found["written"] = sum(after[name].st_size for name in changed)
    found["affected"] = sum(before[name].st_size for name in changed)
    print(json.dumps(found))


ANYBODY = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|\+?[0-9][0-9 ().-]{6,}|([0-9]{1,3}\.){3}[0-9]{1,3}"


def whom(count: int) -> Manifest:
    """Make people with an address, a phone number and an IP address each, hashes of the address included."""
    people = tuple(
        Person(
            number=n + 1,
            values={0: ((5_000_000 + n,),)},
            identities=(
                Identity(match="email", value=f"user{n}@example.com"),
                Identity(match="phone", value=f"+44{n * 7:010}"),
                Identity(match="ip", value=f"10.2.{n // 256 % 256}.{n % 256}"),
            ),
            names=(f"First{n % 997} Last{n % 7919}",),
        )
        for n in range(count)
    )
    return Manifest(entries=(ENTRY,), people=people)


def looked(folder: Path, whole: tokens.Tokens) -> int:
    """Look for people with Troth."""
    mine = Staged(entry=0, columns=("customer_id",))
    ways = {"lake.events": (Way(role="customer", subject="customer", path=(), end=mine),)}
    declared = Store(files="events/*.parquet")
    with lake.opened(
        "lake", declared, {"lake.events": Dataset()}, folder, lambda: datetime.now(UTC)
    ) as store:
        found = store.scan(whole, ways, {}, lambda _: None)
    return sum(one.rows for one in found.coverage)


def scanned(folder: Path, pattern: str) -> int:
    """Look with one regular expression."""
    given = {"threads": 2, "memory_limit": "280MB"}
    with duckdb.connect(config=given) as db:
        matched = "count(*) FILTER (WHERE regexp_matches(concat_ws(' ', kind, page, session), ?))"
        files = f"read_parquet('{folder}/events/*.parquet')"
        return int(db.execute(f"SELECT count(*), {matched} FROM {files}", [pattern]).fetchone()[0])


def spent(job: Callable[[], int]) -> tuple[float, int]:
    """Return CPU seconds and rows."""
    before = time.process_time()
    rows = job()
    return time.process_time() - before, rows


def recheck(folder: Path, pairs: int) -> None:
    """Print the ratios for one person and for many."""
    one = r"user0@example\.com|\+440*0|10\.2\.0\.0"
    for count in (1, PEOPLE):
        people = whom(count)
        hands = {"one person": f"(?i){one}", "anybody": ANYBODY}
        ratios: dict[str, list[float]] = {name: [] for name in hands}
        making: list[float] = []
        for _ in range(pairs):
            before = time.process_time()
            whole = tokens.tokens(people)
            assert whole.shapes
            making.append(time.process_time() - before)
            troth_cpu, rows = spent(lambda whole=whole: looked(folder, whole))
            for name, pattern in hands.items():
                hand_cpu, same = spent(lambda pattern=pattern: scanned(folder, pattern))
                assert rows == same
                ratios[name].append(troth_cpu / hand_cpu)
        # Made once for all stores, and the same however many rows there are.
        print(
            f"{count:,} people: {statistics.median(making):.2f} CPU-s for what to look for, not counted below"
        )
        for name, some in ratios.items():
            told = f"{statistics.median(some):.2f} ({min(some):.2f}-{max(some):.2f})"
            print(
                f"{count:,} people, {troth_cpu:.1f} CPU-s the last time: {told} x {name} by hand", flush=True
            )


def main() -> None:
    """Build, run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--group", type=int, default=122_880, help="rows of a row group")
    parser.add_argument("--run", nargs=2, metavar=("HOW", "FOLDER"))
    parser.add_argument("--recheck", action="store_true", help="look for people instead of erasing them")
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    if options.recheck:
        with tempfile.TemporaryDirectory() as name:
            build(Path(name), options.rows, files=options.files, group=options.group, hit=options.files)
            recheck(Path(name), options.pairs)
        return
    if options.run:
        run(options.run[0], Path(options.run[1]))
        return
    for hit in dict.fromkeys((options.files, min(3, options.files))):
        for how in ("troth", "hand"):
            with tempfile.TemporaryDirectory() as name:
                build(Path(name), options.rows, files=options.files, group=options.group, hit=hit)
                f = measured(how, Path(name))
            print(
                f"{how:5} {hit:2} of {options.files} files hit: {f['rows']:,.0f} rows, "
                f"{f['files']:.0f} files written, {f['written'] / f['affected']:.3f} x their bytes, "
                f"{f['peak']:.0f} MB, {f['cpu']:.1f} CPU-s, {f['wall']:.1f} s wall",
                flush=True,
            )
            assert f["files"] == hit


if __name__ == "__main__":
    main()
