"""Example projects with the clock set by hand: commands on given days."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from e2e.examples import Example, Walk

SAM = ("--by", "Sam")


@dataclass(frozen=True)
class Days:
    """An example on a given day."""

    walk: Walk

    @classmethod
    def of(cls, name: str, folder: Path, stores: dict[str, str]) -> Days:
        """Copy an example."""
        return cls(Walk.of(Example(name), folder, stores))

    def on(self, instant: str, *words: str, code: int | None = 0, asked: str = "") -> str:
        """Give a command at an instant; return everything it said."""
        walk = replace(self.walk, environment={**self.walk.environment, "TROTH_TEST_CLOCK": instant})
        done: subprocess.CompletedProcess[str] = walk.troth(*words, asked=asked)
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert code is None or done.returncode == code, said
        return said

    def rows(self, variable: str, sql: str) -> list[tuple[object, ...]]:
        """Ask a store."""
        file = self.walk.folder / self.walk.environment[variable].removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute(sql).fetchall()

    def events(self, at: str, case: int) -> list[str]:
        """Name what happened to a request."""
        shown = json.loads(self.on(at, "request", "show", str(case), "--format", "json"))
        return [one["event"] for one in shown["events"]]


def janusipm_days(folder: Path) -> Days:
    """Copy the JanusIPM example, with a thousand accounts."""
    ignored = ("policy.txt", "*.sqlite", ".troth", "__pycache__")
    shutil.copytree(Example("janusipm").folder, folder, ignore=shutil.ignore_patterns(*ignored))
    make = [sys.executable, "generate.py", "--out", "app.sqlite", "--accounts", "1000"]
    subprocess.run(make, cwd=folder, check=True, capture_output=True)
    return Days(Walk(folder, {"APP_DB": "sqlite:///app.sqlite"}))
