"""How fast the desk answers: the privacy centre under a steady stream of visitors, the console over many requests.

    python bench/serving.py                       40 requests a second for 60 seconds on the privacy centre
    python bench/serving.py --cases 10000         each screen of the console over ten thousand requests

Visitors come at fixed instants, whether those before them were answered or not, and the length of time counts from
that instant: a server that stalls is not spared (no coordinated omission). The generator's own CPU is told.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from desk import serving  # noqa: E402
from desk.serving import Project, Served  # noqa: E402

VISITS = (
    "/",
    "/policy/",
    "/requests/",
    "/requests/new/access/",
    "/contact/",
    "/complain/",
    "/static/desk/troth.css",
)
"""What a visitor looks at; addresses that are not there are left out before the first visitor comes."""
SCREENS = (
    "/desk/",
    "/desk/requests/",
    "/desk/requests/?page=100",
    "/desk/requests/5000/",
    "/desk/promises/",
    "/desk/holds/",
)
THREADS = 48
FILL = """
sys.path[:0] = [sys.argv[2]]
from troth.desk import here
import cases
cases.fill(here.ledger(), int(sys.argv[3]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What one visit came to."""

    status: int
    seconds: float
    """From the instant it was due."""


def stream(address: str, paths: list[str], rate: float, seconds: float) -> list[Came]:
    """Visit at fixed instants, and return what came."""
    at, began, own = urlsplit(address), time.perf_counter() + 0.5, threading.local()

    def visit(number: int) -> Came:
        due = began + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        status = 0
        for _ in range(2):  # a line kept open may have been closed by the server meanwhile
            line = getattr(own, "line", None) or http.client.HTTPConnection(at.hostname, at.port, timeout=30)
            own.line = line
            try:
                line.request("GET", paths[number % len(paths)])
                answer = line.getresponse()
                answer.read()
                status = answer.status
                break
            except (OSError, http.client.HTTPException):
                line.close()
                own.line = None
        return Came(status=status, seconds=time.perf_counter() - due)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(visit, range(int(rate * seconds))))


def quantile(values: list[float], share: float) -> float:
    """Return the value that a share of all lies at or below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process and its children (proc(5))."""
    total, tick = 0.0, os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (str(pid), *children):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / tick
    return total


def memory(pid: int) -> float:
    """Return the memory of a process and its children in MB, shared pages counted once (PSS)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    kept = 0
    for one in (str(pid), *children):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        kept += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kept / 1024


def visitors(served: Served, rate: float, seconds: float) -> None:
    """Measure the privacy centre."""
    paths = [path for path in VISITS if served.visitor().get(path).status == 200]
    print(f"pages: {' '.join(paths)}")
    before, own = cpu(served.process.pid), time.process_time()
    came = stream(served.address, paths, rate, seconds)
    used, mine = cpu(served.process.pid) - before, time.process_time() - own
    took = [one.seconds * 1000 for one in came]
    bad = sum(one.status != 200 for one in came)
    print(f"{len(came)} visits at {rate:g} a second for {seconds:g} s: {bad} not answered with 200")
    figures = ", ".join(f"p{int(share * 100)} {quantile(took, share):.0f} ms" for share in (0.5, 0.95, 0.99))
    print(f"{figures}, longest {max(took):.0f} ms")
    print(
        f"server: {used:.1f} s CPU ({1000 * used / len(came):.1f} ms a visit), {memory(served.process.pid):.0f} MB"
    )
    print(f"generator: {mine:.1f} s CPU ({100 * mine / seconds:.0f} % of one core)")


def screens(served: Served, times: int) -> None:
    """Measure each screen of the console, one reader at a time."""
    visitor = served.signed_in("lead")
    for path in SCREENS:
        took, status = [], 0
        for _ in range(times):
            before = time.perf_counter()
            answer = visitor.get(path)
            took.append((time.perf_counter() - before) * 1000)
            status = answer.status
        print(f"{path:28} {status}  median {quantile(took, 0.5):6.0f} ms, longest {max(took):6.0f} ms")


def started(project: Project) -> None:
    """Say what starting costs."""
    before = time.perf_counter()
    with serving.serving(project) as served:
        wall = time.perf_counter() - before
        pid = served.process.pid
        print(f"ready after {wall:.1f} s, {cpu(pid):.1f} s CPU, {memory(pid):.0f} MB with one process")


def main() -> None:
    """Make a project, serve it, measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=40)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--start", action="store_true", help="measure starting alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = serving.make_project(Path(folder) / "project")
        if given.start:
            started(project)
            return
        if given.cases:
            project.run(FILL, str(ROOT / "bench"), str(given.cases))
        with serving.serving(project) as served:
            if given.cases:
                screens(served, given.times)
            else:
                visitors(served, given.rate, given.seconds)


if __name__ == "__main__":
    main()
