"""Work that is done after a page was answered, so that how long it takes tells nobody anything.

A few threads of this process and a short queue: it is for letters that somebody asks for again when they do not come,
and for nothing that must not be lost. It begins some time after the answer has gone, nobody can say when: at once it
would slow that answer, and the next, by as much as there is to do.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import close_old_connections

from troth.errors import StoreError

THREADS = 2
SOONEST, LATEST = 0.3, 0.9
"""Seconds after which it begins; chance says when."""
LONGEST = 200
"""Tasks that may wait at once."""
_log = logging.getLogger("troth.desk.public")
_room = threading.BoundedSemaphore(LONGEST)
_lock = threading.Lock()
_pool: list[ThreadPoolExecutor] = []
_waiting: set[Future[None]] = set()


def do(work: Callable[[], object]) -> None:
    """Do something soon; what goes wrong with it is logged by its kind and nothing else.

    Raises:
        StoreError: when too much waits already.
    """
    if not _room.acquire(blocking=False):
        raise StoreError("Too much is waiting to be done.", hint="Try again in a minute.")
    with _lock:
        if not _pool:
            _pool.append(ThreadPoolExecutor(THREADS, thread_name_prefix="centre"))
        begins = time.monotonic() + random.uniform(SOONEST, LATEST)  # noqa: S311 no secret: it blurs a time
        task = _pool[0].submit(_done, work, begins)
        _waiting.add(task)
    task.add_done_callback(_over)


def settle(seconds: float = 30) -> None:
    """Wait until everything that was asked for before is done."""
    with _lock:
        tasks = tuple(_waiting)
    for task in tasks:
        task.result(timeout=seconds)


def _over(task: Future[None]) -> None:
    with _lock:
        _waiting.discard(task)
    _room.release()


def _done(work: Callable[[], object], begins: float) -> None:
    time.sleep(max(0.0, begins - time.monotonic()))
    close_old_connections()
    try:
        work()
    except Exception as error:  # noqa: BLE001 a thread's edge: nobody above can say it
        _log.error("work after an answer failed: %s", type(error).__name__)
    finally:
        close_old_connections()
