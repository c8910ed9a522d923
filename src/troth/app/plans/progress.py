"""How far a plan is, step by step, and who did what with it: read from receipts and evidence, never counted anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from troth.app.plans.kept import Read
from troth.evidence.entry import Entry
from troth.ledger.ledger import Ledger
from troth.ledger.records import RunRecord, StepRecord, Totals

MOST = 500
"""Entries of evidence that are looked through for one plan."""
DEEDS = {
    "plan.sealed": "Sealed in the evidence",
    "plan.kept": "Kept, to be looked at",
    "plan.approved": "Approved",
    "plan.started": "Started",
    "plan.paused": "Paused",
    "plan.resumed": "Resumed",
    "plan.cancelled": "Cancelled",
    "apply.started": "Work began",
    "apply.finished": "Work ended",
    "purge": "Free space was purged",
    "guard.overridden": "Let pass, though it is a large share",
    "backup.acknowledged": "Said that a backup exists",
    "erasure.finished": "Looked at again, and certified",
    "manifest.destroyed": "Whom it was about was forgotten",
    "task.done": "A task was done by hand",
}
"""What entries of evidence are about, in words; entries of other kinds are not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """How far one step is."""

    number: int
    dataset: str
    planned: int
    done: int
    exact: bool
    """False when a kill lost a count: then `done` is the most it can have been."""
    state: str
    """`waits`, `works`, `partly` (a pilot ended it), `done` or `left`."""
    left: int

    @property
    def says(self) -> str:
        """Say how it stands, in words."""
        if self.state == "left":
            return f"done, {self.left:,} rows left"
        return {"waits": "waits", "works": "at work", "partly": "partly done", "done": "done"}[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a plan is."""

    steps: tuple[StepProgress, ...]
    begun: bool
    finished: bool
    """Every store of it is finished."""
    reasons: tuple[tuple[str, str], ...]
    """Store and code of each run that stopped."""

    @property
    def done(self) -> int:
        """Count the rows done; never more than planned, so that it makes a fraction."""
        return sum(min(step.done, step.planned) for step in self.steps)

    @property
    def planned(self) -> int:
        """Count the rows planned."""
        return sum(step.planned for step in self.steps)

    @property
    def percent(self) -> int:
        """Return how far it is; a hundred only once all of it is finished."""
        if self.finished:
            return 100
        return min(99, self.done * 100 // self.planned) if self.planned else 0

    @property
    def steps_done(self) -> int:
        """Count the steps that are done."""
        return sum(step.state in {"done", "left"} for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing somebody did with a plan."""

    at: datetime
    who: str
    what: str
    detail: str = ""
    entry: int | None = None
    """Its number in the evidence log."""


def of(ledger: Ledger, found: Read) -> Progress:
    """Return how far a plan is."""
    runs = {run.store: run for run in ledger.runs.of_plan(found.record.hash)}
    began = {store: {step.step: step for step in ledger.runs.steps(run.id)} for store, run in runs.items()}
    steps = []
    for step in found.told.steps:
        run = runs.get(step.store)
        record = began.get(step.store, {}).get(step.number)
        totals = ledger.runs.totals(run.id, step.number) if run is not None else None
        steps.append(_step(step.number, step.dataset, step.rows, run, record, totals))
    stores = found.told.stores
    return Progress(
        steps=tuple(steps),
        begun=bool(runs),
        finished=bool(stores) and all(store in runs and runs[store].state == "finished" for store in stores),
        reasons=tuple((s, run.reason) for s, run in runs.items() if run.state == "stopped" and run.reason),
    )


def _step(
    number: int,
    dataset: str,
    planned: int,
    run: RunRecord | None,
    record: StepRecord | None,
    totals: Totals | None,
) -> StepProgress:
    exact = totals is None or not totals.recovered
    done = 0 if totals is None else totals.rows if exact else totals.at_most
    finished = run is not None and run.state == "finished"
    ended = record is not None and record.ended_at is not None
    left = (record.rows_left or 0) if record is not None else 0
    if finished or (ended and done >= planned):
        state = "left" if left else "done"
    elif ended:
        state = "left" if left else "partly"
    else:
        state = "works" if record is not None or done else "waits"
    return StepProgress(
        number=number, dataset=dataset, planned=planned, done=done, exact=exact, state=state, left=left
    )


def history(ledger: Ledger, found: Read) -> tuple[Deed, ...]:
    """Return who did what with a plan, oldest first."""
    record = found.record
    pages = ledger.evidence_pages.oldest(about=record.hash, limit=MOST)
    entries = [(one.index, Entry.decode(one.data)) for one in pages]
    staff = {number for _, entry in entries if (number := _staff(entry.body)) is not None}
    names = dict(found.names) | ledger.staff.names(*staff)
    told = [deed for index, entry in entries for deed in _told(index, entry, names)]
    if not any(entry.kind == "plan.kept" for _, entry in entries):
        # Of a plan for a request, the entry is listed under the request.
        told.append(Deed(at=record.made_at, who=found.name(record.made_by), what=DEEDS["plan.kept"]))
    return tuple(sorted(told, key=lambda deed: deed.at))


def _told(index: int, entry: Entry, names: Mapping[int, str]) -> Iterator[Deed]:
    if entry.kind not in DEEDS:
        return
    number = _staff(entry.body)
    yield Deed(
        at=entry.at,
        who=names.get(number, "") if number is not None else "",
        what=DEEDS[entry.kind],
        detail=", ".join(_details(entry)),
        entry=index,
    )


def _details(entry: Entry) -> Iterator[str]:
    body = entry.body
    if entry.kind in {"apply.started", "apply.finished"}:
        yield from (str(one) for one in _list(body.get("stores")))
    for name in ("store", "dataset", "outcome"):
        if isinstance(body.get(name), str):
            yield str(body[name])
    rows = body.get("rows")
    if entry.kind in {"apply.finished", "guard.overridden"} and isinstance(rows, int):
        yield f"{rows:,} rows"


def _list(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _staff(body: Mapping[str, object]) -> int | None:
    kind, _, number = str(body.get("by", "")).partition(":")
    return int(number) if kind == "staff" and number.isdecimal() else None
