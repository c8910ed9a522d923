"""A worker with jobs of its own, run as a process: `python job_worker.py URL LOG [SECONDS THE CLOCK IS OFF]`.

Each turn writes a line to LOG: what, which turn or when, and the process. A line from standard input ends it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from troth.errors import StoreError, TrothError
from troth.jobs import admission, logs, worker
from troth.jobs.model import Given, Json, Kind, Leash, Order, Place, Queue, Schedule, Turn
from troth.jobs.orders import Orders, open_orders

CANARY = "canary-4711@example.org"
URL, LOG = sys.argv[1], Path(sys.argv[2])
RATED = Queue(name="rated", at_once=None, rate=(3, 2.0))
PAIR = Queue(name="pair", at_once=2)
EAST, WEST = Queue(name="east"), Queue(name="west")
OFF = timedelta(seconds=float(sys.argv[3])) if len(sys.argv) > 3 else timedelta()


def place(url: str) -> Place:
    """Return where jobs are kept."""
    return Place(url=url, file=Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None)


def say(text: str) -> None:
    """Tell whoever started this process."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(*what: object) -> None:
    """Write a line whole."""
    with LOG.open("a") as log:
        log.write(" ".join(map(str, (*what, os.getpid()))) + "\n")


def count(given: Given, state: Given, _leash: Leash) -> Turn:
    """Take so many turns."""
    turn = int(str(state.get("turn", 0))) + 1
    note(given["who"], turn)
    time.sleep(float(str(given.get("seconds", 0))))
    return Turn(over=turn >= int(str(given["turns"])), state={"turn": turn})


def parent(given: Given, _state: Given, _leash: Leash) -> Turn:
    """Put in two jobs."""
    told: list[dict[str, Json]] = [{"who": f"{given['who']}.{n}", "turns": 2} for n in (1, 2)]
    return Turn(start=tuple(Order(kind="count", id=str(one["who"]), queue="q", given=one) for one in told))


def bug(_given: Given, _state: Given, _leash: Leash) -> Turn:
    """Fail with a message that must stand nowhere."""
    raise ValueError(CANARY)


def away(_given: Given, _state: Given, _leash: Leash) -> Turn:
    """Fail for want of a store."""
    note("away")
    raise StoreError(CANARY)


def killer(_given: Given, _state: Given, _leash: Leash) -> Turn:
    """End the worker."""
    note("killer")
    os._exit(9)


def tick(_given: Given, _state: Given, _leash: Leash) -> Turn:
    """Be due every minute."""
    note("tick")
    return Turn()


def span(given: Given, _state: Given, _leash: Leash) -> Turn:
    """Write down when it begins and ends."""
    note("begin", given["who"], time.time())
    time.sleep(float(str(given.get("seconds", 0))))
    note("end", given["who"], time.time())
    return Turn()


@cache
def orders() -> Orders:
    """Return the jobs, as a process sees them that only puts some in."""
    return open_orders(place(URL))


def both(given: Given, state: Given, leash: Leash) -> Turn:
    """Take turns of which each begins and ends by itself, in east and in west."""
    turn = int(str(state.get("turn", 0))) + 1
    span({**given, "who": f"both-{given['who']}-{turn}"}, {}, leash)
    return Turn(over=turn >= int(str(given["turns"])), state={"turn": turn})


def failed(_given: Given, code: str) -> None:
    """Write down why a job was given up."""
    note("failed", code)


def main() -> None:
    """Work until a line comes or the input ends."""
    turns = (count, parent, bug, away, killer, tick, span)
    kinds = [Kind(name=one.__name__, turn=one, queue="q", tries=0, failed=failed) for one in turns]
    let_in = admission.needed(orders, both, lambda *_: (EAST, WEST))
    paced = admission.needed(orders, both, lambda *_: (RATED,))
    kinds += [Kind(name="both", turn=let_in, queue="q"), Kind(name="paced", turn=paced, queue="q")]
    kinds.append(admission.kind(orders, "q"))
    what = worker.Work(
        kinds=kinds,
        queues=(Queue(name="q", at_once=8), Queue(name="narrow"), RATED, PAIR, EAST, WEST),
        schedules=(Schedule(kind="tick", every=timedelta(minutes=1), stale=timedelta(minutes=10)),),
        now=lambda: datetime.now(UTC) + OFF,
    )
    logs.configure()
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    try:
        clean = worker.work(place(URL), what, stop, say)
    except TrothError as error:
        say(f"exit {error.exit_code}: {error.message}")
        os._exit(error.exit_code)
    say("clean" if clean else "cut")
    os._exit(0)


if __name__ == "__main__":
    main()
