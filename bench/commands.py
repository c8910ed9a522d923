"""What the small commands cost: lint of 2,000 lines, introspection of 500 tables, `troth --version`."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import linked

from troth.stores.sql import introspect
from troth.stores.sql import open as opening

RUNS = 9


def spent(command: list[str], folder: str = ".") -> float:
    """Return the median CPU seconds of a command over several runs, after one to warm up."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    found = []
    for _ in range(RUNS + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(found[1:])


def project(folder: Path) -> int:
    """Write a project of about 2,000 lines; return how many."""
    lines = ["organisation: {name: Large}", "categories:"]
    lines += [f"  kind{n}:\n    label: Kind {n}\n    covers: [thing {n}]" for n in range(150)]
    lines += ["purposes:"]
    lines += [f"  use{n}:\n    uses: [kind{n}]\n    basis: contract" for n in range(150)]
    lines += ["retention:"]
    lines += [f"  kind{n}:\n    for: {1 + n % 9} years\n    after: thing.made" for n in range(150)]
    lines += ["stores: {app: {url: 'sqlite:///app.sqlite', located: US, timezone: UTC}}"]
    lines += ["subjects: {person: {dataset: app.t0, key: id}}", "datasets:"]
    for n in range(100):
        lines += [
            f"  app.t{n}:",
            "    subject: person",
            "    on-expiry: delete-row",
            "    fields:",
            f"      kind{n}: [a{n}, b{n}]",
            "    anchors: {thing.made: made_at}",
        ]
    text = "\n".join(lines) + "\n"
    (folder / "troth.yaml").write_text(text)
    return text.count("\n")


def tables(server: linked.servers.Server) -> tuple[float, float]:
    """Introspect 500 tables of 12 columns; return CPU and wall seconds."""
    server.create_database("wide")
    columns = ", ".join(f"c{n} text" for n in range(10))
    script = "".join(
        f"CREATE TABLE t{n} (id bigint PRIMARY KEY, parent bigint REFERENCES t{n - 1 if n else 0}, {columns});"
        for n in range(500)
    )
    server.run_script("wide", script)
    engine = opening.connect(server.url("wide"), store="app")
    cpu, wall = linked.cpu(server), time.perf_counter()
    assert len(introspect.read(engine, "app").tables) == 500
    wall = time.perf_counter() - wall
    engine.dispose()
    time.sleep(0.3)
    return linked.cpu(server) - cpu, wall


def main() -> None:
    """Print the three figures."""
    with tempfile.TemporaryDirectory() as folder:
        lines = project(Path(folder))
        command = [sys.executable, "-m", "troth", "lint"]
        print(f"lint of {lines:,} lines: {spent(command, folder):.2f} CPU-s (median of {RUNS})")
    with linked.server() as server:
        cpu, wall = tables(server)
        print(f"introspection of 500 tables: {wall:.2f} s wall, {cpu:.2f} CPU-s with the server's")
    version = spent([sys.executable, "-m", "troth", "--version"])
    print(f"troth --version: {version:.3f} CPU-s (median of {RUNS})")


if __name__ == "__main__":
    main()
