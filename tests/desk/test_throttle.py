"""Counting tries: exactly, across processes, and without keeping who tried."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from desk.serving import Project

MANY = """
from troth.desk import throttle
said = [throttle.allow("a-test", sys.argv[2], 20, 86_400) for _ in range(15)]
sys.stdout.write(str(sum(said)))
"""
KEPT = """
import time
from django.db import connection
from troth.desk import cache, throttle
throttle.allow("kept", "somebody@example.org", 5, 60)
with connection.cursor() as cursor:
    cursor.execute("SELECT who, until FROM troth_tries")
    sys.stdout.write(str(cursor.fetchall()))
"""
ENDS = """
from unittest import mock
from troth.desk import throttle
with mock.patch("troth.desk.throttle.time.time", return_value=1_000.0):
    first = [throttle.allow("ends", "x", 2, 60) for _ in range(3)]
with mock.patch("troth.desk.throttle.time.time", return_value=1_061.0):
    then = [throttle.allow("ends", "x", 2, 60) for _ in range(3)]
sys.stdout.write(str((first, then)))
"""
CACHE = """
from unittest import mock
from troth.desk.cache import Cache
cache = Cache("", {})
with mock.patch("troth.desk.cache.time.time", return_value=1_000.0), \\
     mock.patch("django.core.cache.backends.base.time.time", return_value=1_000.0):
    said = [cache.add("k", [1, "two"], 10), cache.add("k", 3, 10), cache.get("k")]
with mock.patch("troth.desk.cache.time.time", return_value=1_020.0), \\
     mock.patch("django.core.cache.backends.base.time.time", return_value=1_020.0):
    said += [cache.get("k", "gone"), cache.add("k", 4, 10), cache.get("k"), cache.delete("k"), cache.get("k")]
sys.stdout.write(str(said))
"""


def test_processes_count_together(project: Project) -> None:
    """Of 45 tries by three processes at once exactly the first 20 are allowed."""
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(lambda _: int(project.run(MANY, "203.0.113.9")), range(3)))
    assert sum(counts) == 20


def test_who_tries_is_not_kept(project: Project) -> None:
    """The table holds keyed digests and ends of windows, and nothing else."""
    kept = project.run(KEPT)
    assert "example.org" not in kept
    assert "kept" not in kept


def test_a_window_ends(project: Project) -> None:
    """After the window the count begins anew."""
    assert project.run(ENDS) == "([True, True, False], [True, True, False])"


def test_the_cache_keeps_values_until_they_end(project: Project) -> None:
    """A value is added once, read until it ends, and may then be added again."""
    assert project.run(CACHE) == "[True, False, [1, 'two'], 'gone', True, 4, True, None]"


def test_a_ledger_that_is_gone_is_said(project: Project) -> None:
    """Without its table counting fails loudly: nobody is let through unseen."""
    script = 'from django.db import connection\nconnection.cursor().execute("DROP TABLE troth_tries")\n'
    script += 'from troth.desk import throttle\nthrottle.allow("a", "b", 1, 60)\n'
    head = "import os, sys\nfrom pathlib import Path\nfrom troth.desk import setup\n"
    head += "setup.configure(Path(sys.argv[1]), os.environ)\n"
    done = subprocess.run(
        [sys.executable, "-c", head + script, str(project.folder)],
        env=project.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
