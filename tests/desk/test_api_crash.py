"""A server that is killed in the middle of calls: each call, made again under its key, took effect once."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import pytest

from desk import serving
from desk.api_calls import Api, make_keys
from desk.serving import Project, Served

CALLS = 40
BEFORE = 8
"""Calls that are answered before the server is killed."""


@pytest.fixture(scope="module")
def keys(project: Project) -> dict[str, str]:
    """Give the file's project its keys."""
    return make_keys(project)


def kill(served: Served) -> None:
    """Kill the server with its children, at once."""
    pid = served.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def test_calls_take_effect_once_though_the_server_is_killed(project: Project, keys: dict[str, str]) -> None:
    """Whether the call had not begun, was at work, or was done and not answered."""
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
        assert enough.wait(180)
        kill(served)
        for one in tried:
            one.result(180)
    assert len(answered) < CALLS
    # What was at work is taken over after a while.
    later = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    with serving.serving(project, TROTH_TEST_CLOCK=later) as served:
        api = Api(served=served, keys=keys)
        assert {call(number, api) for number in range(CALLS)} == {201}
        assert len(list(api.client().requests())) == CALLS
        opened = [one for one in api.client().evidence() if one.kind == "case.opened"]
        assert len(opened) == CALLS


def test_a_call_that_died_says_when_it_can_be_made_again(project: Project, keys: dict[str, str]) -> None:
    """409 in problem details: soon while it may be at work, then the rest of two minutes; after them it is done."""
    body = {"kinds": ["access"], "identities": ["email:died@example.org"]}
    with serving.serving(project) as served:
        api = Api(served=served, keys=keys)
        assert api.post("/requests", body, idempotency="died").status == 201
        for age, earliest, latest in ((0, 1, 1), (30, 80, 90), (115, 1, 5)):
            _as_if_it_died(project, age)
            answer = api.post("/requests", body, idempotency="died")
            assert (answer.status, answer.headers["content-type"]) == (409, "application/problem+json")
            assert earliest <= int(answer.headers["retry-after"]) <= latest
            assert answer.json["type"].endswith("#at-work")
            assert (
                f"Ask again in {answer.headers['retry-after']} seconds, under the same"
                in answer.json["detail"]
            )
            assert "died@example.org" not in answer.text
        _as_if_it_died(project, 121)
        assert api.post("/requests", body, idempotency="died").status == 201


def _as_if_it_died(project: Project, age: int) -> None:
    """Leave the newest call as a server does that was killed between claim and answer so many seconds ago."""
    came = (datetime.now(UTC) - timedelta(seconds=age)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with contextlib.closing(
        sqlite3.connect(project.folder / ".troth" / "ledger.sqlite", timeout=30)
    ) as ledger:
        ledger.execute(
            "UPDATE troth_api_call SET status = NULL, sealed = NULL, made_at = ? "
            "WHERE id = (SELECT max(id) FROM troth_api_call)",
            [came],
        )
        ledger.commit()
