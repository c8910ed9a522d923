"""The queue of requests as a screen shows it: a page of a tab, with the time that is left and what comes next.

Only the events of the page at hand are read, so that ten thousand requests cost no more than fifty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.app import ledgers
from troth.app import project as projects
from troth.app.casework import steps
from troth.app.project import Project
from troth.app.requests import opening as requests
from troth.app.requests.steps import Place
from troth.app.requests.views import Row, row
from troth.cases import kinds, moves, register
from troth.errors import Refused
from troth.ledger.case_records import CaseRecord
from troth.ledger.ledger import Ledger
from troth.people import typed
from troth.people.typed import Line
from troth.problems import BadInput

PAGE = 50
TABS = ("open", "overdue", "soon", "mine", "waiting", "elsewhere", "answered", "closed")
"""`ledger.case_queue.TABS`, which needs Django."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to see of the queue; a word that is none is left out of account."""

    tab: str = "open"
    kind: str = ""
    law: str = ""
    state: str = ""
    page: int = 1
    by: str = ""
    """Whose requests `mine` are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request of the page."""

    row: Row
    next: str
    """The step that comes next, as `casework.steps` names it; empty where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A page of the queue."""

    entries: tuple[Entry, ...]
    wanted: Wanted
    """As it was understood."""
    counts: Mapping[str, int]
    laws: tuple[str, ...]
    pages: int

    @property
    def total(self) -> int:
        """Count the requests of the tab."""
        return self.counts[self.wanted.tab]


def queue(wanted: Wanted, at: Place) -> Queue:
    """Return a page of the queue."""
    from troth.ledger.case_queue import CaseQueue, Sought  # Django's models load once the ledger is open

    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        register_ = CaseQueue(session=ledger.session)
        laws = register_.laws()
        seen = _understood(wanted, laws)
        staff = ledger.staff.identify(seen.by, at=now) if seen.by else 0
        sought = Sought(
            tab=seen.tab,  # type: ignore[arg-type]  # one of TABS
            now=now,
            staff=staff,
            kind=seen.kind,
            law=seen.law,
            state=seen.state,
        )
        counts = register_.counts(sought)
        pages = max(1, -(-counts[sought.tab] // PAGE))
        page = min(max(1, seen.page), pages)
        records = register_.page(sought, first=(page - 1) * PAGE, most=PAGE)
        return Queue(
            entries=_entries(ledger, records, at, project),
            wanted=Wanted(
                tab=seen.tab, kind=seen.kind, law=seen.law, state=seen.state, page=page, by=seen.by
            ),
            counts={str(name): count for name, count in counts.items()},
            laws=laws,
            pages=pages,
        )


def of_person(identity: str, at: Place) -> tuple[CaseRecord, ...]:
    """Return the requests of whoever has an identity, newest first; nothing is said of anybody else.

    Raises:
        BadInput: when it cannot be read as one.
        Refused: when nothing was typed.
    """
    text = identity.strip()
    if not text:
        raise Refused("Nothing was typed.", hint="Write an identity, as email:… or customer/12.")
    project = projects.load(at.folder, at.clock.now().date())
    line = Line(source="<search>", line=1, text=text if _has_kind(text) else f"email:{text}")
    found, problems = typed.read([line], requests.known(project))
    if problems:
        raise BadInput(problems)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        ids = ledger.cases.of([requests.written_as(one.identity) for one in found])
        records = (ledger.cases.read(id) for id in reversed(ids))
        return tuple(one for one in records if one is not None)


def _has_kind(text: str) -> bool:
    return ":" in text or "/" in text or "@" not in text


def _understood(wanted: Wanted, laws: tuple[str, ...]) -> Wanted:
    return Wanted(
        tab=wanted.tab if wanted.tab in TABS else "open",
        kind=wanted.kind if wanted.kind in kinds.ALL else "",
        law=wanted.law if wanted.law in laws else "",
        state=wanted.state if wanted.state in moves.STATES else "",
        page=wanted.page,
        by=wanted.by,
    )


def _entries(
    ledger: Ledger, records: tuple[CaseRecord, ...], at: Place, project: Project
) -> tuple[Entry, ...]:
    now = at.clock.now()
    cases = {case.id: case for case in register.every(ledger, records)}
    return tuple(
        Entry(row=row(record, now), next=steps.first(steps.standing(cases[record.id], project, now)))
        for record in records
    )
