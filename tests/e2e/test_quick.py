"""Help and version are quick: nothing heavy is imported for them."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SRC)}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
HEAVY = ("django", "sqlalchemy", "pydantic", "dbos", "psycopg", "rich", "yaml", "phonenumbers")
LISTEN = """
import contextlib, functools, io, json, sys, typer.main
typer.main.get_command = functools.cache(typer.main.get_command)  # building it is a tenth of a second each time
from troth.cli import edge
from troth.cli.main import app
def paths(command, path):
    yield [*path, "--help"]
    for name, one in getattr(command, "commands", {}).items():
        yield from paths(one, [*path, name])
names = list(paths(typer.main.get_command(app), []))
with contextlib.redirect_stdout(io.StringIO()):
    codes = [edge.run(app, name) for name in names]
assert len(names) > 15
print(json.dumps([codes, sorted({m.partition(".")[0] for m in sys.modules})]))
"""


def test_help_imports_nothing_heavy() -> None:
    """No help of any command imports Django, SQLAlchemy, pydantic or their like."""
    done = subprocess.run(
        [sys.executable, "-c", LISTEN], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    codes, modules = json.loads(done.stdout)
    assert set(codes) == {0}
    assert not set(HEAVY) & set(modules)


def test_the_version_is_answered_at_once() -> None:
    """The median of five takes at most 0.2 seconds of CPU with byte-code present."""
    used = []
    for _ in range(6):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "troth", "--version"], env=ENVIRONMENT, check=True, capture_output=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(used[1:]) <= 0.2
