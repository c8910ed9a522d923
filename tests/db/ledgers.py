"""Ledgers for tests: the clock, and the commands run in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SRC = Path(__file__).parents[2] / "src"

APPEND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from troth import ledger
from troth.evidence.entry import Entry
url, keys, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
book = ledger.open(url, keys_dir=keys)
for number in range(count):
    with book.writing():
        book.settings.set(f"worker-{sys.argv[4]}", number)
        entry = Entry(kind="clock.went-back", at=datetime.now(UTC), body={"previous": "2026-01-01T00:00:00Z"})
        book.append(entry)
    print(number, flush=True)
"""
"""Open a ledger, perhaps as the first one to do so, and append; each entry together with a change beside it."""


def appender(url: str, keys: Path, count: int, worker: int = 0) -> subprocess.Popen[str]:
    """Start a process that appends `count` entries and prints a line for each once it is written."""
    return subprocess.Popen(
        [sys.executable, "-c", APPEND, url, str(keys), str(count), str(worker)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(SRC)},
    )


KINDS = ["sqlite", "postgresql"]


def url_of(request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the URL of a place for a new ledger, on the kind of database the fixture is parametrised with."""
    if request.param == "sqlite":
        return f"sqlite:///{folder}/home/ledger.sqlite"
    made: str = request.getfixturevalue("pg_url")
    return made
