"""Care of all requests: clocks computed anew after packs changed, contents destroyed when their time is over.

That a request was made and how it was answered stays (11 CCR 7101 wants 24 months); what it says of a person goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from troth.app import ledgers
from troth.app import project as projects
from troth.app.casework import drawers, freezing
from troth.app.project import Project
from troth.app.proving import identity as proving
from troth.app.requests.steps import Place
from troth.cases import register
from troth.evidence.entry import Entry
from troth.laws import shelf
from troth.ledger.case_records import CaseRecord
from troth.ledger.ledger import Ledger
from troth.periods import Period, end, parse

DEFAULT = parse("36 months")
"""For which contents are kept, where neither the policy nor a law of the request has a number."""
RECORD = "request-record"
"""What packs call the record of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What was destroyed."""

    cases: int
    papers: int
    """Given as proof of identity, whose time was over."""


def recompute(at: Place) -> int:
    """Compute every open clock anew; return how many days moved."""
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        return register.recompute(ledger, now)


def tidy(at: Place, *, by: str) -> Tidied:
    """Destroy what closed requests say of people, and papers given as proof, once their time is over."""
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        freezing.thaw_reviewed(ledger, by=by, at=now)
        closed = [one for one in ledger.cases.listed(every=True) if one.closed_at and not one.forgotten_at]
        over = [one for one in closed if until(one, project) < now.date()]
        over = _over(ledger, over)
        if over:
            ledger.cases.forget([one.id for one in over], at=now)
            staff = f"staff:{ledger.staff.identify(by, at=now)}"
            ledger.append(
                *(
                    Entry(kind="case.forgotten", at=now, body={"case": one.reference, "by": staff})
                    for one in over
                )
            )
            ledger.checkpoint(at=now)
    for one in closed:
        drawers.empty(at.folder, one.id)
    where = proving.Place(folder=at.folder, environment=at.environment, clock=at.clock)
    return Tidied(cases=len(over), papers=proving.tidy(where, by=by))


def _over(ledger: Ledger, found: Sequence[CaseRecord]) -> list[CaseRecord]:
    """Leave out erasures of which something still stays: whose it is must be known when its ground ends."""
    erasures = {one.id for one in found if one.kind == "erase"}
    kept: dict[int, bool] = {}
    for event in ledger.cases.events(erasures):
        if event.kind == "done":
            kept[event.case] = bool(event.body.get("kept"))
    return [one for one in found if not kept.get(one.id)]


def until(record: CaseRecord, project: Project) -> date:
    """Return the last day on which the contents of a closed request are kept."""
    assert record.closed_at is not None
    closed = record.closed_at.date()
    floors = _floors(record.laws)
    wished = project.policy.rights.keep_requests if project.policy.rights else None
    chosen: Sequence[Period] = (wished, *floors) if wished else floors or (DEFAULT,)
    return max(end(closed, period) for period in chosen)


def _floors(laws: Sequence[str]) -> list[Period]:
    """Return how long laws want records of requests to be kept at least."""
    terms = [term for law in laws for term in shelf.load(law).terms if RECORD in term.of]
    return [term.takes for term in terms if isinstance(term.takes, Period)]
