"""The log of a Delta table on disk: a commit of our own, what old entries still show, and taking that out of them.

A commit is one JSON file that must not exist before (Delta protocol, "Delta Log Entries"): a hard link makes it whole
or not at all. It names the files that come and go and no predicate, so that no value of anybody stands in it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from troth.stores.delta.snapshot import LOG, Live, Snapshot
from troth.stores.files import pattern, writing

OPERATION = "ERASE"
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(?:\..+)?\.parquet")
_STATISTICS = ("minValues", "maxValues")


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A file that takes the place of another."""

    old: Live
    encoded: str = ""
    """Its path as the log writes it; empty where nothing is left of the old one."""
    size: int = 0
    statistics: Mapping[str, object] | None = None


def commit(snapshot: Snapshot, files: Sequence[New], mark: Mapping[str, object], at: datetime) -> bool:
    """Add a version to the table that has these files changed; False where somebody else was faster."""
    milliseconds = int(at.timestamp() * 1000)
    info = {
        "timestamp": milliseconds,
        "operation": OPERATION,
        "operationParameters": {},
        "readVersion": snapshot.version,
        "isBlindAppend": False,
        "engineInfo": "troth",
        "troth": mark,
    }
    lines: list[Mapping[str, object]] = [{"commitInfo": info}]
    for one in files:
        lines.append({"remove": _removed(one.old, milliseconds)})
    lines += [{"add": _added(one, milliseconds)} for one in files if one.encoded]
    folder = snapshot.folder / LOG
    target = folder / f"{snapshot.version + 1:020}.json"
    draft = folder / f"{pattern.OURS}{secrets.token_hex(8)}{writing.SUFFIX}"
    try:
        with draft.open("xb") as file:
            for line in lines:
                file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    writing.sync_folder(folder)
    return True


def _removed(old: Live, milliseconds: int) -> Mapping[str, object]:
    return {
        "path": old.encoded,
        "deletionTimestamp": milliseconds,
        "dataChange": True,
        "extendedFileMetadata": True,
        "partitionValues": dict(old.partition),
        "size": old.size,
    }


def _added(one: New, milliseconds: int) -> Mapping[str, object]:
    return {
        "path": one.encoded,
        "partitionValues": dict(one.old.partition),
        "size": one.size,
        "modificationTime": milliseconds,
        "dataChange": True,
        "stats": json.dumps(one.statistics or {}, separators=(",", ":")),
    }


def marks(folder: Path, plan: str) -> Iterator[tuple[int, Mapping[int, int]]]:
    """Yield (batch, rows by step) for every commit that a plan has made."""
    for _, path in commits(folder):
        for action in actions(path):
            mark = action.get("commitInfo", {}).get("troth")
            if isinstance(mark, dict) and mark.get("plan") == plan:
                yield int(mark["batch"]), {int(step): int(rows) for step, rows in mark["rows"].items()}


def commits(folder: Path) -> list[tuple[int, Path]]:
    """List the commits that are there, oldest first."""
    found = ((_COMMIT.fullmatch(path.name), path) for path in (folder / LOG).iterdir())
    return sorted((int(name[1]), path) for name, path in found if name)


def checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """List the checkpoint files that are there, oldest first."""
    found = ((_CHECKPOINT.fullmatch(path.name), path) for path in (folder / LOG).iterdir())
    return sorted((int(name[1]), path) for name, path in found if name)


def others(folder: Path) -> list[Path]:
    """List what else there is: checksums, compacted commits, files of newer kinds of checkpoints."""
    found = (path for path in (folder / LOG).rglob("*") if path.is_file())
    return sorted(
        path
        for path in found
        if not _COMMIT.fullmatch(path.name)
        and not _CHECKPOINT.fullmatch(path.name)
        and path.name != "_last_checkpoint"
    )


def actions(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the actions of one commit."""
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def strip(folder: Path, live: Iterable[str], shows: Callable[[str], bool]) -> int:
    """Take out of old entries what they show of values: minima and maxima of files that are gone, and predicates.

    Args:
        folder: The table's folder.
        live: Paths of live files, as the log writes them: their statistics are of rows that are there.
        shows: Tells whether a text shows somebody who was erased; such parameters of an operation go.

    Returns:
        How many commits were changed.
    """
    alive = frozenset(live)
    changed = 0
    for _, path in commits(folder):
        found = list(actions(path))
        new = [_stripped(action, alive, shows) for action in found]
        if new != found:
            changed += 1
            lines = (
                json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in new
            )
            writing.drafted(path, lines).put()
    return changed


def _stripped(action: dict[str, Any], alive: frozenset[str], shows: Callable[[str], bool]) -> dict[str, Any]:
    add = action.get("add")
    if isinstance(add, dict) and add.get("path") not in alive and isinstance(add.get("stats"), str):
        return {**action, "add": {**add, "stats": _without(add["stats"])}}
    info = action.get("commitInfo")
    if isinstance(info, dict) and shows(json.dumps(info, ensure_ascii=False)):
        parameters = info.get("operationParameters", {})
        kept = {
            key: "[erased]" if shows(json.dumps(one, ensure_ascii=False)) else one
            for key, one in parameters.items()
        }
        return {**action, "commitInfo": {**info, "operationParameters": kept}}
    return action


def _without(statistics: str) -> str:
    try:
        found = json.loads(statistics)
    except ValueError:
        return "{}"
    if not isinstance(found, dict):
        return "{}"
    return json.dumps({k: v for k, v in found.items() if k not in _STATISTICS}, separators=(",", ":"))
