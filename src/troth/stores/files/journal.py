"""What a store of files remembers of erasures: finished batches, and of one at work which files are dealt with.

A file cannot be changed in one transaction with a mark. So what is going to happen to it is written down before,
with the inode its new version has: a run after a kill sees by that whether it has happened, and counts are honest.
Files are named by a salted digest; when a batch is finished only its counts stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from troth.apply.people import Done
from troth.stores.files import writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is going to happen to one file."""

    key: str
    """What tells the file from others; only its digest is written."""
    rows: Mapping[int, int]
    """Rows touched, by step."""
    inode: int = 0
    """Of the new version; 0 where the file is removed."""
    within: bool = False
    """The file is changed where it stands: only what is left of it tells how far that went."""


@dataclass(slots=True)
class Settled:
    """What a run before has done of a batch."""

    rows: Counter[int]
    within: Mapping[str, Counter[int]]
    """Rows that were to be touched in files that are changed where they stand, by key: what is left goes off."""


@dataclass(slots=True)
class Journal:
    """One file beside the data, a JSON object a line."""

    path: Path
    _salt: str = ""

    def prepare(self) -> bool:
        """Make the file; False where nothing can be written here."""
        try:
            with self.path.open("ab"):
                return True
        except OSError:
            return False

    def done(self, plan: str) -> tuple[Done, ...]:
        """List the finished batches of a plan."""
        found = [one["done"] for one in self._read() if "done" in one]
        batches = [
            Done(number=d["number"], rows=_numbers(d["rows"]), at=datetime.fromisoformat(d["at"]))
            for d in found
            if d["plan"] == plan
        ]
        return tuple(sorted(batches, key=lambda batch: batch.number))

    def begin(self, plan: str, number: int, present: Iterable[tuple[str, int]]) -> Settled:
        """Begin a batch, or go on with it: return what a run before has done of it.

        Args:
            plan: Hash of the plan.
            number: Number of the batch.
            present: Key and inode of every file that is there now.
        """
        rows: Counter[int] = Counter()
        intents: list[Any] = []
        for one in self._read():
            if one.get("begun") == [plan, number]:
                self._salt = one["salt"]
                rows = Counter(_numbers(one["rows"]))
                intents = []
            elif one.get("of") == [plan, number]:
                intents.append(one)
        within: dict[str, Counter[int]] = {}
        if intents:
            self._settle(intents, present, rows, within)
        self._salt = self._salt or secrets.token_hex(16)
        self._append([{"begun": [plan, number], "salt": self._salt, "rows": rows}])
        return Settled(rows, within)

    def _settle(
        self,
        intents: Iterable[Any],
        present: Iterable[tuple[str, int]],
        rows: Counter[int],
        within: dict[str, Counter[int]],
    ) -> None:
        keys = {self._digest(key): (key, inode) for key, inode in present}
        inodes = {inode for _, inode in keys.values()}
        for one in intents:
            intended = _numbers(one["rows"])
            if one["within"]:
                if one["file"] in keys:
                    within.setdefault(keys[one["file"]][0], Counter()).update(intended)
            elif one["inode"] in inodes if one["inode"] else one["file"] not in keys:
                rows.update(intended)

    def intend(self, plan: str, number: int, intents: Iterable[Intent]) -> None:
        """Write down, for good, what happens next."""
        self._append(
            {
                "of": [plan, number],
                "file": self._digest(one.key),
                "inode": one.inode,
                "within": one.within,
                "rows": dict(one.rows),
            }
            for one in intents
        )

    def finish(self, plan: str, done: Done) -> None:
        """Remember a batch and forget its files."""
        kept = [one for one in self._read() if "done" in one]
        mark = {"plan": plan, "number": done.number, "rows": dict(done.rows), "at": done.at.isoformat()}
        if not any((d["done"]["plan"], d["done"]["number"]) == (plan, done.number) for d in kept):
            kept.append({"done": mark})
        writing.drafted(self.path, (_line(one) for one in kept)).put()
        self._salt = ""

    def _digest(self, key: str) -> str:
        return hashlib.sha256(f"{self._salt}\0{key}".encode(errors="surrogateescape")).hexdigest()

    def _append(self, values: Iterable[Mapping[str, object]]) -> None:
        with self.path.open("ab") as file:
            for value in values:
                file.write(_line(value))
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> Iterator[dict[str, Any]]:
        """Yield every line; one that a kill has cut off is none."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                try:
                    found = json.loads(line)
                except ValueError:
                    continue
                if isinstance(found, dict):
                    yield found


def _line(value: Mapping[str, object]) -> bytes:
    # The line end before it keeps a line that a kill has cut off from swallowing this one.
    return b"\n" + json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _numbers(rows: Mapping[str, int]) -> dict[int, int]:
    return {int(number): count for number, count in rows.items()}
