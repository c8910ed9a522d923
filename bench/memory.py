"""Peak memory of planning and applying, at a small and at a large size of the same tables."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
from datetime import UTC, datetime

import linked

from troth.apply import run as applying
from troth.apply.guards import Permit
from troth.stores.sql.store import SqlStore
from troth.testing import MemoryJournal


def work(url: str, out: multiprocessing.Queue) -> None:
    """Plan and apply in a process of its own; hand back its peak in MiB."""
    plan = linked.plan(url)
    looked, engine = linked.world(url)
    tools = applying.Tools(
        store=SqlStore(engine, looked.catalogs["app"], lambda: datetime.now(UTC)),
        journal=MemoryJournal(),
        world=looked,
        permit=Permit(),
        hold_lock=None,
        now=lambda: datetime.now(UTC),
    )
    outcome = applying.run(plan, tools)
    assert outcome.clean
    out.put((outcome.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> None:
    """Measure both sizes and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    peaks = []
    with linked.server() as server:
        for rows in (100_000, options.rows):
            out = context.Queue()
            process = context.Process(
                target=work, args=(server.url(linked.build(server, rows, f"m{rows}")), out)
            )
            process.start()
            done, peak = out.get()
            process.join()
            peaks.append(peak)
            print(f"{rows:,} rows, {done:,} deleted: peak {peak:.0f} MiB", flush=True)
    print(f"ratio: {peaks[1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main()
