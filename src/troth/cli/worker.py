"""`troth worker`: do what waits to be done, until told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading

from troth.cli import edge, exits, options, screen


def worker(project: options.Project = None) -> None:
    """Do the jobs that wait: plans, checks, letters, and what is due every minute or every night."""
    from troth.app import working
    from troth.app.requests.steps import Place

    session = options.begin(project)
    at = Place(folder=session.folder, environment=session.environment, clock=session.clock)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        clean = working.work(at, stop, _tell)
    except Exception as error:  # noqa: BLE001 the edge of the process, which threads must not outlive
        edge.leave(error)
    screen.say("Stopped." if clean else "Stopped in the middle of a batch; the next worker goes on with it.")
    sys.stdout.flush()
    os._exit(exits.DONE)  # threads may hold jobs between two turns


def _tell(name: str) -> None:
    from troth.jobs.worker import ALONE

    screen.say("At work: the only worker of this ledger." if name == ALONE else f"At work as worker {name}.")
    sys.stdout.flush()
