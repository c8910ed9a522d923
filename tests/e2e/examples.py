"""An example of the repository as a project: its files, its lock, its text where at hand, and its commands."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from e2e import inside
from troth.policy import lint, promises
from troth.policy.text import coverage, reading
from troth.policy.text import lock as locks
from troth.policy.text.model import Text
from troth.promises import listing
from troth.reading import Reading, read_project

ROOT = Path(__file__).parents[2]
DAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Example:
    """One folder under `examples/`."""

    name: str

    @property
    def folder(self) -> Path:
        """Say where it is."""
        return ROOT / "examples" / self.name

    @cached_property
    def project(self) -> Reading:
        """Read its files."""
        return read_project({file.name: file.read_bytes() for file in self.folder.glob("*.yaml")})

    @cached_property
    def lock(self) -> locks.Lock:
        """Read its lock."""
        return locks.loads("policy.lock", (self.folder / "policy.lock").read_text())

    def text(self, shared: Path) -> Text:
        """Read the published text."""
        return reading.read_bytes("policy.txt", (shared / "seeds" / f"{self.name}.txt").read_bytes())

    def open(self, text: Text | None = None) -> set[str]:
        """Name the findings nobody has accepted."""
        return {p.code for p in lint.outcome(self.project, text=text, lock=self.lock, at=DAY).open}

    def found(self, text: Text | None = None) -> set[str]:
        """Name all findings, open and accepted."""
        outcome = lint.outcome(self.project, text=text, lock=self.lock, at=DAY)
        return {p.code for p in outcome.open} | {problem.code for problem, _ in outcome.accepted}

    def about(self, code: str) -> set[str]:
        """Say what the findings of one code are about, without the text."""
        return {
            p.about
            for p in lint.outcome(self.project, text=None, lock=self.lock, at=DAY).open
            if p.code == code
        }

    def covered(self, text: Text) -> coverage.Coverage:
        """Hold the sentences of the text against the rules that cite them."""
        assert self.project.policy is not None
        return coverage.coverage(text, self._citations(), self.project.policy.wording_only)

    def _citations(self) -> Mapping[str, list[str]]:
        assert self.project.policy is not None
        found: dict[str, list[str]] = {}
        for listed in promises.each(self.project.policy):
            for cited in listed.promise.says:
                found.setdefault(cited, []).append(listed.id)
        rights = self.project.policy.rights
        for right, said in rights.sentences.items() if rights else ():
            for cited in said:
                found.setdefault(cited, []).append(f"rights.{right}")
        return found

    @cached_property
    def answers(self) -> list[dict[str, str]]:
        """Read which promise or finding answers each row of the list drawn from the text."""
        with (self.folder / "promises.csv").open() as listed:
            return list(csv.DictReader(listed))

    @property
    def named(self) -> set[str]:
        """Name the promises that answer some row."""
        return {name for answer in self.answers for name in answer["promise"].split()}

    @property
    def known(self) -> set[str]:
        """Name the promises there are."""
        assert self.project.policy is not None
        return {promise.id for promise in listing.promises(self.project.policy)}

    def copied(self, text: Text) -> list[int]:
        """Number the sentences of the text that stand in the example's files; short labels are none."""
        files = (file for file in self.folder.iterdir() if file.is_file())
        ours = " ".join(" ".join(file.read_text().split()).casefold() for file in files)
        return [s.ordinal for s in text.sentences if len(s.text) > 45 and s.text.casefold() in ours]


def rows_of(shared: Path, name: str) -> list[str]:
    """List the rows that were drawn from one text."""
    with (shared / "promises" / "promises.csv").open() as listed:
        return [row["id"] for row in csv.DictReader(listed) if row["id"].startswith(f"{name}-")]


@dataclass(frozen=True)
class Walk:
    """A copy of an example with its stores, to give commands in."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def of(cls, example: Example, folder: Path, stores: Mapping[str, str]) -> Walk:
        """Copy an example and make its stores.

        Args:
            example: Which one.
            folder: Where the copy goes.
            stores: Option of generate.py and name of the variable for each store.
        """
        ignored = shutil.ignore_patterns("*.sqlite", ".troth", "policy.txt", "__pycache__")
        shutil.copytree(example.folder, folder, ignore=ignored)
        files = {variable: f"{variable.lower()}.sqlite" for variable in stores.values()}
        made = [word for option, variable in stores.items() for word in (option, files[variable])]
        subprocess.run([sys.executable, "generate.py", *made], cwd=folder, check=True, capture_output=True)
        return cls(folder, {variable: f"sqlite:///{file}" for variable, file in files.items()})

    def read_me(self) -> list[str]:
        """Give every command the README shows, one after the other; return those that failed."""
        programs = self.folder / "bin"
        programs.mkdir()
        for name, words in {"troth": " -m troth", "python": ""}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{words} "$@"\n')
            (programs / name).chmod(0o700)
        environment = {
            **os.environ,
            **self.environment,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        }
        shown = re.findall(r"^    (\S.*)$", (self.folder / "README.md").read_text(), re.M)
        script = "\n".join(f"{line} || echo failed: {shlex.quote(line)} $?" for line in shown)
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return [line for line in done.stdout.splitlines() if line.startswith("failed: ")]

    def troth(self, *words: str, asked: str = "") -> subprocess.CompletedProcess[str]:
        """Give a command."""
        return inside.give(words, self.folder, {**os.environ, **self.environment}, asked)
