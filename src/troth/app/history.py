"""The history of promises: kept by every check, read by the board.

A simulation leaves no trace here either. What a promise says comes from the project's files as they are; what it came
to comes from the ledger, so that a board needs no look at any store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from troth.app import ledgers
from troth.app import project as projects
from troth.app.requests.steps import Place
from troth.app.screens import sections
from troth.app.screens.sections import Section
from troth.errors import Damaged
from troth.evidence.entry import Entry
from troth.ledger.evidence_pages import Numbered
from troth.ledger.ledger import Ledger
from troth.ledger.promise_history import Finding, Present, Stretch
from troth.problems import BadInput, Problem, nearest
from troth.promises import listing
from troth.promises.listing import Promise
from troth.promises.report import Report
from troth.promises.results import Status

NEVER = "not-checked"
"""Stands for the status of a promise no check has looked at."""
ORDER = (*Status, NEVER)
DAYS = 60
"""Days the chart of all promises goes back."""
MOST_ENTRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One promise on the board."""

    promise: Promise
    status: str
    number: int = 0
    why: str = ""
    since: datetime | None = None
    """Since when it has had this status."""
    last: datetime | None = None
    """The newest check of it."""
    entry: int | None = None
    """Evidence of that check."""
    sections: tuple[str, ...] = ()
    """Fingerprints of the headings its sentences stand under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCheck:
    """The newest check of which there is evidence."""

    at: datetime
    by: str
    entry: int
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Every promise as it was last seen."""

    lines: tuple[Line, ...]
    """Broken first, then as in reports; within a status by id."""
    last: LastCheck | None
    sections: tuple[Section, ...]
    days: tuple[tuple[date, Mapping[str, int]], ...]
    """For each day of the chart, how many promises had which status at its end."""

    @property
    def totals(self) -> Mapping[str, int]:
        """Count the promises of each status."""
        return {status: sum(line.status == status for line in self.lines) for status in ORDER}

    @property
    def blocks(self) -> tuple[str, ...]:
        """Name the blocks there are promises of."""
        return tuple(dict.fromkeys(sorted(line.promise.block for line in self.lines)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to see of the board; an empty word asks for everything."""

    status: str = ""
    section: str = ""
    block: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One entry of the evidence log about a promise."""

    index: int
    at: datetime | None
    status: str
    """Empty for an entry that is no result of a check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One promise with its past."""

    line: Line
    stretches: tuple[Stretch, ...]
    """Oldest first."""
    entries: tuple[Proof, ...]
    """Evidence of its newest checks, newest first."""
    first_bad: int | None
    """The first entry of the present run of broken checks."""
    sentences: tuple[sections.Cited, ...]


def keep(ledger: Ledger, made: Report, *, at: datetime) -> None:
    """Write down what each promise came to, right after the evidence of it was appended, in its transaction."""
    # The check's entries are the last ones of the log: a result each, then one for the whole.
    first = ledger.evidence.tree().size - 1 - len(made.results)
    ledger.promise_history.keep(
        (
            Finding(
                promise=result.promise.id,
                status=str(result.status),
                number=result.rows,
                why=result.why,
                entry=first + index,
            )
            for index, result in enumerate(made.results)
        ),
        at=at,
    )


def board(at: Place) -> Board:
    """Return every promise as the newest check found it.

    Raises:
        BadInput: when the project has faults.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    found = sections.of(project)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        present = ledger.promise_history.present()
        start = now - timedelta(days=DAYS)
        stretches = ledger.promise_history.since(start)
        last = last_check(ledger, now)
    promises = listing.promises(project.policy, project.reading.spans)
    lines = [_line(promise, present.get(promise.id), found.under(promise.says)) for promise in promises]
    return Board(
        lines=tuple(sorted(lines, key=lambda line: (ORDER.index(line.status), line.promise.id))),
        last=last,
        sections=found.sections,
        days=daily(stretches, frozenset(line.promise.id for line in lines), now.date()),
    )


def chosen(lines: Iterable[Line], wanted: Wanted) -> tuple[Line, ...]:
    """Return the lines somebody wants to see; words are looked for in id, title and reason, in any case."""
    words = wanted.text.casefold().split()
    return tuple(
        line
        for line in lines
        if wanted.status in ("", line.status)
        and wanted.block in ("", line.promise.block)
        and (not wanted.section or wanted.section in line.sections)
        and all(word in f"{line.promise.id} {line.promise.title} {line.why}".casefold() for word in words)
    )


def one(id: str, at: Place) -> Told:
    """Return one promise with its past and its proofs.

    Raises:
        BadInput: when the policy makes no such promise.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    found = sections.of(project)
    promises = listing.promises(project.policy, project.reading.spans)
    promise = next((p for p in promises if p.id == id), None)
    if promise is None:
        raise BadInput([_unknown(id, tuple(p.id for p in promises))])
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        stretches = ledger.promise_history.of(id)
        pages = ledger.evidence_pages
        entries = pages.newest(about=id, limit=MOST_ENTRIES)
        present = ledger.promise_history.present().get(id)
        line = _line(promise, present, found.under(promise.says))
        before = _before(stretches, line.status)
        bad = pages.first(about=id, kind="check.result", after=before) if line.status == "broken" else None
    return Told(
        line=line,
        stretches=stretches,
        entries=tuple(map(_proof, entries)),
        first_bad=bad,
        sentences=tuple(found.cited(reference) for reference in promise.says),
    )


def daily(
    stretches: Sequence[Stretch], promised: frozenset[str], today: date, days: int = DAYS
) -> tuple[tuple[date, Mapping[str, int]], ...]:
    """Count statuses at the end of each day, from the first day there was a check.

    A promise keeps its status until a check says otherwise; one that is promised no more ends with its last check.
    """
    by_promise: dict[str, list[Stretch]] = {}
    for stretch in stretches:
        by_promise.setdefault(stretch.promise, []).append(stretch)
    if not by_promise:
        return ()
    first = max(min(s.since.date() for s in stretches), today - timedelta(days=days - 1))
    counts: list[dict[str, int]] = [{} for _ in range((today - first).days + 1)]
    for name, past in by_promise.items():
        end = today if name in promised else max(s.last for s in past).date()
        for stretch, after in zip(past, [*past[1:], None], strict=True):
            until = after.since.date() - timedelta(days=1) if after else end
            for day in range(
                max((stretch.since.date() - first).days, 0), (min(until, today) - first).days + 1
            ):
                counts[day][stretch.status] = counts[day].get(stretch.status, 0) + 1
    return tuple((first + timedelta(days=n), found) for n, found in enumerate(counts))


def _line(promise: Promise, present: Present | None, under: tuple[str, ...]) -> Line:
    if present is None:
        return Line(promise=promise, status=NEVER, sections=under)
    newest = present.newest
    return Line(
        promise=promise,
        status=newest.status,
        number=newest.number,
        why=newest.why,
        since=present.since,
        last=newest.last,
        entry=newest.entry,
        sections=under,
    )


def last_check(ledger: Ledger, now: datetime) -> LastCheck | None:
    """Return the newest check there is evidence of."""
    found = ledger.evidence_pages.newest(kind="check.finished", limit=1)
    if not found:
        return None
    try:
        entry = Entry.decode(found[0].data)
    except Damaged:
        return None
    return LastCheck(at=entry.at, by=_name(ledger, entry), entry=found[0].index, age=now - entry.at)


def _name(ledger: Ledger, entry: Entry) -> str:
    kind, _, number = str(entry.body.get("by", "")).partition(":")
    try:
        return ledger.staff.names(int(number))[int(number)] if kind == "staff" else ""
    except Damaged:
        return ""


def _proof(numbered: Numbered) -> Proof:
    try:
        entry = Entry.decode(numbered.data)
    except Damaged:
        return Proof(index=numbered.index, at=None, status="")
    return Proof(index=numbered.index, at=entry.at, status=str(entry.body.get("status", "")))


def _before(stretches: Sequence[Stretch], status: str) -> int:
    """Return the newest entry of another status than the present one; -1 where there is none."""
    others = [s.entry for s in stretches if s.status != status and s.entry is not None]
    return max(others, default=-1)


def _unknown(id: str, valid: tuple[str, ...]) -> Problem:
    return Problem(
        code="unknown-name",
        message="The policy makes no promise of that name.",
        found=id,
        nearest=nearest(id, valid),
        hint="The board lists every promise.",
    )
