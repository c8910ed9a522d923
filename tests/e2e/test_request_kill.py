"""A request that is carried out is killed at some instant: given again, the same command finishes it, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from e2e.days import SAM, Days

AT = "2026-04-07T10:00:00Z"


def killed(days: Days, *words: str, after: float) -> int:
    """Start a command and kill it after some seconds; return its exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "troth", *words],
        cwd=days.walk.folder,
        env={**os.environ, **days.walk.environment, "TROTH_TEST_CLOCK": AT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    return process.wait()


@pytest.mark.parametrize("after", [0.5, 0.8, 1.1])
def test_killed_and_given_again(tmp_path: Path, after: float) -> None:
    """Nothing is lost and nothing is done twice: one event says done, and the person is gone."""
    days = Days.of("smartjac", tmp_path / "shop", {"--out": "APP_DB", "--office": "OFFICE_DB"})
    days.on(
        AT, "request", "open", "erase", "--from", "-", "--residence", "IE", "--role", "controller",
        "--channel", "mail", *SAM, asked="email:rex@mail.example\n",
    )  # fmt: skip
    days.on(AT, "request", "verify", "1", "--accept", "no-doubt", "--because", "From his account.", *SAM)
    days.on(AT, "request", "plan", "1", *SAM)
    days.on(AT, "request", "decide", "1", "--grant", *SAM)
    for _ in range(2):
        killed(days, "request", "carry-out", "1", *SAM, after=after)
    said = days.on(AT, "request", "carry-out", "1", *SAM, code=None)
    assert "done" in said or "nothing decided that waits" in said
    assert days.events(AT, 1).count("done") == 1
    assert days.rows("APP_DB", "SELECT count(*) FROM accounts WHERE email = 'rex@mail.example'") == [(0,)]
    assert "verified" in days.on(AT, "evidence", "verify")
