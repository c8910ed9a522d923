"""A server that is killed in the middle of calls: each call, made again under its key, took effect once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

from desk import serving
from desk.api_calls import Api, make_keys
from desk.serving import Project, Served

CALLS = 40
BEFORE = 8
"""Calls that are answered before the server is killed."""


def kill(served: Served) -> None:
    """Kill the server with its children, at once."""
    pid = served.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def test_calls_take_effect_once_though_the_server_is_killed(project: Project) -> None:
    """Whether the call had not begun, was at work, or was done and not answered."""
    keys = make_keys(project)
    bodies = [{"kinds": ["access"], "identities": [f"email:crash{n}@example.org"]} for n in range(CALLS)]
    answered: dict[int, bytes] = {}
    enough = threading.Event()

    def call(number: int, api: Api) -> int:
        answer = api.post("/requests", bodies[number], idempotency=f"crash-{number}")
        if answer.status == 201:
            answered.setdefault(number, answer.body)
            assert answered[number] == answer.body
        if len(answered) >= BEFORE:
            enough.set()
        return answer.status

    def surely(number: int, api: Api) -> None:
        with contextlib.suppress(OSError, HTTPException):
            call(number, api)

    with serving.serving(project) as served, ThreadPoolExecutor(8) as pool:
        api = Api(served=served, keys=keys)
        tried = [pool.submit(surely, number, api) for number in range(CALLS)]
        assert enough.wait(60)
        kill(served)
        for one in tried:
            one.result(60)
    assert len(answered) < CALLS
    # What was at work is taken over after a while.
    later = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    with serving.serving(project, TROTH_TEST_CLOCK=later) as served:
        api = Api(served=served, keys=keys)
        assert {call(number, api) for number in range(CALLS)} == {201}
        assert len(list(api.client().requests())) == CALLS
        opened = [one for one in api.client().evidence() if one.kind == "case.opened"]
        assert len(opened) == CALLS
