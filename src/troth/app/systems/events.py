"""Which entries of the evidence other systems are told of, and what they are told. Pure.

A body holds references, codes and counts, which is all that evidence holds: nobody is told anything of a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from troth.evidence.entry import Entry
from troth.evidence.instants import instant

EVENTS: Mapping[str, str] = {
    "request.opened": "a request of a person came in",
    "request.answered": "the answer to a request went out",
    "request.closed": "a request is over",
    "promise.broken": "a check found a promise broken that was not",
    "promise.kept": "a check found a promise kept that was not",
    "plan.waiting": "a plan waits for a second person's approval",
    "plan.done": "a plan was carried out",
}
"""Every event, and what it says."""
TEST = "webhook.test"
_ENDS = {"answered": "request.answered", "closed": "request.closed", "withdrawn": "request.closed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing to tell."""

    event: str
    key: str
    """The same for the same thing, however often it is looked at."""
    at: datetime
    data: Mapping[str, object]


def told(entries: Iterable[tuple[int, Entry]], statuses: dict[str, str]) -> Iterator[Told]:
    """Yield what some entries tell; statuses of promises are brought up to date on the way.

    Args:
        entries: Entries with their numbers, in order.
        statuses: The status of each promise as it was seen last; changed.
    """
    for index, entry in entries:
        found = _request(entry) or _plan(entry) or _promise(entry, statuses)
        if found is not None:
            event, data = found
            yield Told(event=event, key=f"entry/{index}", at=entry.at, data={**data, "entry": index})


def body(told: Told) -> dict[str, object]:
    """Return what is sent, as Standard Webhooks has it: type, timestamp, data."""
    return {"type": told.event, "timestamp": instant(told.at), "data": dict(told.data)}


def message(webhook: int, told: Told) -> str:
    """Return the id by which a webhook knows a repetition."""
    named = f"{webhook}/{told.event}/{told.key}"
    return f"msg_{hashlib.sha256(named.encode()).hexdigest()[:32]}"


def _request(entry: Entry) -> tuple[str, dict[str, object]] | None:
    if entry.kind == "case.opened":
        return "request.opened", {"request": _number(entry), "right": entry.body["right"]}
    if entry.kind == "case.event" and (event := _ENDS.get(str(entry.body["event"]))):
        outcome = entry.body.get("outcome") or ("withdrawn" if entry.body["event"] == "withdrawn" else None)
        return event, {"request": _number(entry), "outcome": outcome}
    return None


def _plan(entry: Entry) -> tuple[str, dict[str, object]] | None:
    if entry.kind == "plan.kept" and entry.body["approvals"]:
        named = ("plan", "made_for", "rows")
        return "plan.waiting", {name: entry.body[name] for name in named}
    return None


def _promise(entry: Entry, statuses: dict[str, str]) -> tuple[str, dict[str, object]] | None:
    """Tell what changed: a promise seen for the first time is told of only when it is broken."""
    if entry.kind != "check.result":
        return None
    promise, status = str(entry.body["promise"]), str(entry.body["status"])
    before = statuses.get(promise)
    statuses[promise] = status
    if status == before or (status != "broken" and (status != "kept" or before is None)):
        return None
    return f"promise.{status}", {"promise": promise, "before": before, "rows": entry.body.get("rows", 0)}


def _number(entry: Entry) -> int:
    return int(str(entry.body["case"]).removeprefix("case:"))
