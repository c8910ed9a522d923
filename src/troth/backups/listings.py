"""Read the listings of tools that make backups: `pgbackrest info --output=json` and `restic snapshots --json`. Pure.

Tolerant: keys that are not known are passed over, an entry that cannot be read is a problem and the others count.
Copies are dated by when they were begun: what was erased afterwards may still be in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from troth.problems import Problem

MOST = 100_000
"""Entries of one listing."""
_FRACTION = re.compile(r"(\.\d{1,6})\d*")
FINE = frozenset({0, 2})
"""pgBackRest's states of a stanza in which its list is whole: ok, and no valid backups (user guide, `info`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One copy, as a listing names it."""

    name: str
    made: datetime
    ends: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything a listing says."""

    copies: tuple[Listed, ...]
    problems: tuple[Problem, ...]


def read(text: str, format: str, *, only: str = "") -> Listing:
    """Read a listing.

    Args:
        text: What the tool printed.
        format: `pgbackrest` or `restic`.
        only: A stanza of pgBackRest; a tag, host or path of restic. Everything when left out.
    """
    try:
        value: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return Listing(copies=(), problems=(_bad("is not JSON"),))
    if value is None and format == "restic":
        value = []
    if not isinstance(value, list) or len(value) > MOST:
        return Listing(copies=(), problems=(_bad("is no list of at most 100,000 entries"),))
    found = list(READERS[format](value, only))
    copies = {one.name: one for one in found if isinstance(one, Listed)}
    return Listing(
        copies=tuple(sorted(copies.values(), key=lambda one: (one.made, one.name))),
        problems=tuple(one for one in found if isinstance(one, Problem)),
    )


def _pgbackrest(value: list[Any], only: str) -> Iterator[Listed | Problem]:
    names = [stanza.get("name") for stanza in value if isinstance(stanza, dict)]
    if only and only not in names:
        yield _bad("has no stanza of the name given")
    for number, stanza in enumerate(value, 1):
        if not isinstance(stanza, dict):
            yield _bad(f"has a stanza, number {number}, that is no object")
            continue
        if only and stanza.get("name") != only:
            continue
        state = stanza.get("status")
        if isinstance(state, dict) and state.get("code", 0) not in FINE:
            yield _bad(f"says that stanza number {number} is not in order")
        yield from _backups(number, stanza.get("backup"))


def _backups(number: int, listed: object) -> Iterator[Listed | Problem]:
    if not isinstance(listed, list):
        yield _bad(f"names no `backup` list in stanza number {number}")
        return
    for place, backup in enumerate(listed, 1):
        made = _started(backup)
        label = backup.get("label") if isinstance(backup, dict) else None
        if made is None or not isinstance(label, str) or not label:
            yield _bad(f"has a backup, number {place} of stanza number {number}, without label or start")
        else:
            yield Listed(name=label[:300], made=made)


def _started(backup: object) -> datetime | None:
    times = backup.get("timestamp") if isinstance(backup, dict) else None
    start = times.get("start") if isinstance(times, dict) else None
    if isinstance(start, bool) or not isinstance(start, int) or not 0 < start < 2**35:
        return None
    return datetime.fromtimestamp(start, UTC)


def _restic(value: list[Any], only: str) -> Iterator[Listed | Problem]:
    for number, snapshot in enumerate(value, 1):
        if not isinstance(snapshot, dict):
            yield _bad(f"has a snapshot, number {number}, that is no object")
            continue
        if only and only not in _marks(snapshot):
            continue
        made, name = _time(snapshot.get("time")), snapshot.get("id") or snapshot.get("short_id")
        if made is None or not isinstance(name, str):
            yield _bad(f"has a snapshot, number {number}, without id or time")
        else:
            yield Listed(name=name[:300], made=made)


def _marks(snapshot: Mapping[str, Any]) -> set[str]:
    listed = [*(snapshot.get("tags") or ()), *(snapshot.get("paths") or ()), snapshot.get("hostname")]
    return {one for one in listed if isinstance(one, str)}


def _time(value: object) -> datetime | None:
    """Read RFC 3339 with the nanoseconds restic writes."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _bad(what: str) -> Problem:
    return Problem(
        code="bad-listing",
        message=f"The listing of backups {what}.",
        hint="Feed the register what the tool prints; until all of it can be read, no copy is taken for gone.",
    )


READERS: Mapping[str, Callable[[list[Any], str], Iterator[Listed | Problem]]] = {
    "pgbackrest": _pgbackrest,
    "restic": _restic,
}
"""One reader for each format."""
