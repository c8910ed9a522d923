"""Requests to look at: listed by what is left of their time, shown with clocks and needs, read with a reason.

Nothing is written but the evidence that somebody read what a request says of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from troth.app import ledgers
from troth.app.requests import intake
from troth.app.requests.steps import Place, said
from troth.cases import clocks, kinds, left, moves, needs, register, repeats
from troth.cases.case import UNKNOWN, Case, Contents
from troth.cases.clocks import Dates
from troth.cases.left import Left
from troth.cases.repeats import Counted, Earlier
from troth.evidence.entry import Entry
from troth.ledger.case_records import CaseRecord
from troth.ledger.ledger import Ledger

if TYPE_CHECKING:
    from troth.ledger.outbox import LetterRecord
    from troth.ledger.tasks import TaskRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list."""

    record: CaseRecord
    left: Left
    received: date
    """Where the law's days are counted."""
    legal: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One request, with everything about it that says nothing of the person."""

    case: Case
    dates: Dates
    left: Left
    allowed: tuple[str, ...]
    """Events that may come now."""
    missing: tuple[str, ...]
    together: tuple[CaseRecord, ...]
    """Of the same message."""
    others: tuple[CaseRecord, ...]
    """Of the same person."""
    earlier: tuple[Earlier, ...]
    """Those of the twelve months before."""
    counted: tuple[Counted, ...]
    """Laws that count how often it is asked for."""
    tasks: tuple[TaskRecord, ...]
    letters: tuple[LetterRecord, ...]
    staff: dict[int, str]
    """Names behind the ids of whoever wrote events down."""
    forgotten: bool


def listed(
    at: Place, *, every: bool = False, kind: str = "", asked: datetime | None = None
) -> tuple[Row, ...]:
    """List requests, the earliest end first; closed ones too where `every` asks for them.

    Args:
        at: Project, environment and clock.
        every: Also those that are closed.
        kind: Of this kind only.
        asked: The instant by which the time left is said; now by default.

    Raises:
        BadInput: when the kind is none.
    """
    if kind:
        kinds.kind(kind)
    now = asked or at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return tuple(row(record, now) for record in ledger.cases.listed(every=every, kind=kind))


def show(id: int, at: Place, *, asked: datetime | None = None) -> Shown:
    """Show a request.

    Raises:
        BadInput: when there is none of that number.
    """
    now = asked or at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        case = register.read(ledger, id)
        dates = clocks.dates(case, max(now, *(event.at for event in case.events)))
        standing = left.Standing(
            state=case.state,
            received_at=case.received,
            legal_due=dates.legal,
            safe_due=dates.safe,
            own_target=dates.own_target,
        )
        others = ledger.cases.akin(id)
        earlier = [_earlier(one) for one in others]
        return Shown(
            case=case,
            dates=dates,
            left=left.left(standing, now),
            allowed=moves.allowed(case.state),
            missing=needs.missing(case, dates),
            together=_together(ledger, case),
            others=others,
            earlier=repeats.within_a_year(case, earlier),
            counted=repeats.counted(case, earlier),
            tasks=_tasks(ledger, case),
            letters=ledger.outbox.listed(every=True, case=id),
            staff=ledger.staff.names(*{event.by for event in case.events if event.by}),
            forgotten=ledger.cases.contents(id) is None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a request says of a person."""

    contents: Contents
    texts: tuple[tuple[int, str, dict[str, Any]], ...]
    """Number and kind of each event with a sealed part, and that part."""


def read(id: int, because: str, at: Place, *, by: str) -> Read:
    """Return what is sealed of a request, and write down who read it.

    Raises:
        BadInput: when no reason is given, or there is no such request.
        Refused: when it was destroyed.
    """
    said("Whoever reads what a request says of a person says why.", because)
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        case = register.read(ledger, id)
        found = _sealed(ledger, case)
        body = {
            "case": case.reference,
            "reason": ledger.sealing.digest(intake.plain(because).strip(), use="reason"),
            "by": f"staff:{ledger.staff.identify(by, at=now)}",
        }
        ledger.append(Entry(kind="case.read", at=now, body=body))
        ledger.checkpoint(at=now)
        return found


def again(id: int, at: Place) -> Read:
    """Return what is sealed of a request to somebody whose reason was written down a moment ago.

    Raises:
        BadInput: when there is no such request.
        Refused: when it was destroyed.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return _sealed(ledger, register.read(ledger, id))


def _sealed(ledger: Ledger, case: Case) -> Read:
    texts = (
        (event.number, event.kind, ledger.cases.text(case.id, event.number) or {})
        for event in case.events
        if event.has_text
    )
    return Read(contents=register.contents(ledger, case), texts=tuple(texts))


def row(record: CaseRecord, now: datetime) -> Row:
    """Say of a request what a line of a list says."""
    standing = left.Standing(
        state=record.state,
        received_at=record.received_at,
        legal_due=record.legal_due,
        safe_due=record.safe_due,
        own_target=record.own_target,
    )
    here = record.place or ("" if record.residence == UNKNOWN else record.residence)
    return Row(
        record=record,
        left=left.left(standing, now),
        received=clocks.local(record.received_at, record.due_law, here),
        legal=clocks.local(record.legal_due, record.due_law, here) if record.legal_due else None,
    )


def _together(ledger: Ledger, case: Case) -> tuple[CaseRecord, ...]:
    first = case.together_with or case.id
    linked = ledger.cases.listed(every=True, together_with=first)
    head = ledger.cases.read(first)
    every = sorted((*((head,) if head else ()), *linked), key=lambda one: one.id)
    return tuple(one for one in every if one.id != case.id)


def _tasks(ledger: Ledger, case: Case) -> tuple[TaskRecord, ...]:
    plans = dict.fromkeys(str(e.body["plan"]) for e in case.events if "plan" in e.body)
    return tuple(task for plan in plans for task in ledger.tasks.read(plan=plan))


def _earlier(record: CaseRecord) -> Earlier:
    return Earlier(
        id=record.id,
        kind=record.kind,
        received=record.received_at.astimezone(UTC).date(),
        outcome=record.outcome,
        laws=record.laws,
    )
