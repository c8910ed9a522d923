"""What other systems get of requests: references, codes and days; of the person nothing, but in `Contents`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from troth.app.requests import opening
from troth.app.requests.views import Read, Row, Shown
from troth.app.systems.requests import Page
from troth.cases.case import Case
from troth.cases.clocks import Dates
from troth.laws.due import Clocked

REPEATED = "The same person asked"


class Request(Schema):
    """A request of a person for one right."""

    id: int
    reference: str
    kind: str
    state: str
    outcome: str | None
    received: datetime
    act_by: datetime
    """The earliest end that can be defended."""
    legal_end: datetime | None
    """By the law to act by; nothing while it lets its clock wait, or where no law gives a day."""
    own_target: bool
    """No law gives the day: it is a target of our own."""
    law: str | None
    """To act by."""
    laws: list[str]
    time_left: str
    """overdue, late, soon, half, in time, waiting, elsewhere, answered or closed."""
    days_left: int
    events: int
    together_with: int | None
    closed: datetime | None


class Requests(Schema):
    """A page of requests."""

    requests: list[Request]
    next: int | None
    """Give it as `after` for the next page; nothing on the last one."""


class OpenedRequest(Schema):
    """A request that was opened."""

    id: int
    reference: str
    kind: str
    state: str
    received: datetime
    act_by: datetime
    legal_end: datetime | None
    own_target: bool
    laws: list[str]
    url: str


class Opened(Schema):
    """Requests that were opened, one for each right."""

    requests: list[OpenedRequest]
    acknowledged: bool
    """The person is told that it came in."""
    notes: list[str]


class ClockOf(Schema):
    """What the clock of one law says."""

    law: str
    legal: str
    """A day, an instant, or a word as `waiting`."""
    safe: str


class EventOf(Schema):
    """Something that happened to a request."""

    number: int
    event: str
    happened: datetime
    by: str
    """As evidence names staff."""


class Followed(Request):
    """A request with what became of it."""

    waiting: bool
    """The law lets its clock wait for the person."""
    clocks: list[ClockOf]
    next: list[str]
    """Events that may come now."""
    needs: list[str]
    """In words."""
    history: list[EventOf]


class SealedText(Schema):
    """What is sealed beside an event."""

    number: int
    event: str
    text: dict[str, Any]


class Contents(Schema):
    """What a request says of a person."""

    identities: list[str]
    name: str
    reply_to: str
    text: str
    language: str
    agent: str
    controller: str
    texts: list[SealedText]


def address(id: int) -> str:
    """Return the address of a request."""
    return f"/api/v1/requests/{id}"


def opened(made: opening.Opened) -> Opened:
    """Return requests that were opened. Who else has requests, and of which kind, is not said."""
    return Opened(
        requests=[_opened(case, dates) for case, dates in zip(made.cases, made.dates, strict=True)],
        acknowledged=bool(made.letter),
        notes=[note for note in made.notes if not note.startswith(REPEATED) and ": number " not in note],
    )


def requests(page: Page) -> Requests:
    """Return a page of requests."""
    return Requests(requests=[row(one) for one in page.rows], next=page.next)


def row(one: Row) -> Request:
    """Return a request as a list has it."""
    return Request(**_row(one))


def followed(shown: Shown) -> Followed:
    """Return a request with its clocks and events."""
    case, dates = shown.case, shown.dates
    return Followed(
        id=case.id,
        reference=case.reference,
        kind=case.kind.name,
        state=case.state,
        outcome=case.outcome or None,
        received=case.received,
        act_by=dates.safe,
        legal_end=dates.legal,
        own_target=dates.own_target,
        law=dates.law or None,
        laws=list(case.laws),
        time_left=shown.left.word,
        days_left=shown.left.days,
        events=len(case.events),
        together_with=case.together_with,
        closed=case.closed_at,
        waiting=dates.waiting,
        clocks=[_clock(one) for one in dates.clocks],
        next=list(shown.allowed),
        needs=list(shown.missing),
        history=[
            EventOf(number=e.number, event=e.kind, happened=e.at, by=f"staff:{e.by}" if e.by else "system")
            for e in case.events
        ],
    )


def contents(read: Read) -> Contents:
    """Return what is sealed of a request."""
    of = read.contents
    return Contents(
        identities=list(of.identities),
        name=of.name,
        reply_to=of.reply_to,
        text=of.text,
        language=of.language,
        agent=of.agent,
        controller=of.controller,
        texts=[SealedText(number=number, event=kind, text=text) for number, kind, text in read.texts],
    )


def _row(one: Row) -> dict[str, Any]:
    record = one.record
    return {
        "id": record.id,
        "reference": record.reference,
        "kind": record.kind,
        "state": record.state,
        "outcome": record.outcome or None,
        "received": record.received_at,
        "act_by": record.safe_due,
        "legal_end": record.legal_due,
        "own_target": record.own_target,
        "law": record.due_law or None,
        "laws": list(record.laws),
        "time_left": one.left.word,
        "days_left": one.left.days,
        "events": record.events_kept,
        "together_with": record.together_with,
        "closed": record.closed_at,
    }


def _opened(case: Case, dates: Dates) -> OpenedRequest:
    return OpenedRequest(
        id=case.id,
        reference=case.reference,
        kind=case.kind.name,
        state=case.state,
        received=case.received,
        act_by=dates.safe,
        legal_end=dates.legal,
        own_target=dates.own_target,
        laws=list(case.laws),
        url=address(case.id),
    )


def _clock(one: Clocked) -> ClockOf:
    return ClockOf(law=one.pack.law, legal=str(one.legal), safe=str(one.safe))
