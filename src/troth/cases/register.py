"""Requests in the ledger: opened, added to, read; every event with its evidence entry in the same transaction.

Nothing is changed but what can be computed again from the events. Evidence has codes, references and hashes; who
asked stands sealed in the ledger only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from troth.cases import clocks, kinds, moves
from troth.cases.case import Case, Contents
from troth.cases.events import Event
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.case_records import CaseRecord, EventRecord, NewCase, NewEvent, Standing
from troth.plan.frozen import digest
from troth.problems import BadInput, Problem

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

SHOWN = (
    "means",
    "reason",
    "reasons",
    "outcome",
    "instruction",
    "plan",
    "certificate",
    "letter",
    "laws",
)
"""What an entry shows of an event's body; the rest is in its hash."""
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A request for one right, as it came in."""

    kind: str
    channel: str
    received: datetime
    whom: str = "self"
    role: str = "controller"
    residence: str = "unknown"
    place: str = ""
    child: bool = False
    laws: tuple[str, ...] = ()
    together_with: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something to add to a case."""

    kind: str
    at: datetime
    body: Mapping[str, object] | None = None
    text: Mapping[str, object] | None = None
    """What is sealed beside it."""
    laws: tuple[str, ...] | None = None
    """New laws of the case, with `residence.stated`."""
    residence: str | None = None
    role: str | None = None


def open_case(
    ledger: Ledger,
    opening: Opening,
    contents: Contents,
    *,
    identities: Collection[str],
    by: int,
    now: datetime,
) -> Case:
    """Open a request.

    Args:
        ledger: Where it is kept.
        opening: What it is.
        contents: What is sealed.
        identities: Identities in normal form, for other requests of the same person.
        by: Staff id of who wrote it down.
        now: The clock.

    Raises:
        BadInput: when it cannot have come in at that instant.
    """
    first = Event(kind="received", at=opening.received, by=by, body={"channel": opening.channel})
    case = Case(
        id=0,
        kind=kinds.kind(opening.kind),
        whom=opening.whom,  # type: ignore[arg-type]
        role=opening.role,  # type: ignore[arg-type]
        residence=opening.residence,
        place=opening.place,
        child=opening.child,
        together_with=opening.together_with,
        laws=opening.laws,
        events=(first,),
    )
    _possible(case, first, now)
    standing = stands(case, now)
    new = NewCase(
        kind=case.kind.name,
        whom=case.whom,
        role=case.role,
        residence=case.residence,
        place=case.place,
        child=case.child,
        together_with=case.together_with,
        laws=case.laws,
    )
    kept = NewEvent(kind=first.kind, at=first.at, by=by, body=first.body)
    with ledger.writing():
        id = ledger.cases.open(new, asdict(contents), identities, kept, standing, at=now)
        body: dict[str, object] = {
            "case": f"case:{id}",
            "right": case.kind.name,
            "received": instant(first.at),
            "laws": list(case.laws),
            "channel": opening.channel,
            "whom": case.whom,
            "role": case.role,
            "by": _staff(by),
        }
        if case.together_with is not None:
            body["together_with"] = f"case:{case.together_with}"
        ledger.append(Entry(kind="case.opened", at=now, body=body))
    return replace(case, id=id, events=(replace(first, number=1, recorded_at=now),))


def add(ledger: Ledger, case: Case, happened: Happened, *, by: int, now: datetime) -> Case:
    """Add an event to a request as it was read; return it with the event.

    Raises:
        Refused: when the event may not come now, or somebody else added one meanwhile.
        BadInput: when it cannot have happened at that instant.
    """
    event = Event(
        kind=happened.kind,
        # What happens now is not before the request came in: the clock went back since.
        at=max(now, case.received) if happened.at == now else happened.at,
        by=by,
        body=happened.body or {},
        has_text=happened.text is not None,
    )
    _possible(case, event, max(now, case.received))
    moves.after(case.state, event.kind, event.body.get("outcome"))
    grown = replace(
        case,
        events=(*case.events, replace(event, number=len(case.events) + 1, recorded_at=now)),
        laws=case.laws if happened.laws is None else happened.laws,
        residence=case.residence if happened.residence is None else happened.residence,
        role=case.role if happened.role is None else happened.role,  # type: ignore[arg-type]
    )
    standing = stands(grown, now)
    new = NewEvent(kind=event.kind, at=event.at, by=by, body=event.body, text=happened.text)
    with ledger.writing():
        number = ledger.cases.add(case.id, len(case.events), new, standing, at=now)
        body: dict[str, object] = {
            "case": case.reference,
            "number": number,
            "event": event.kind,
            "happened": instant(event.at),
            "body": digest(dict(event.body)),
            "state": standing.state,
            "due": instant(standing.safe_due),
            "by": _staff(by),
        }
        body |= {name: event.body[name] for name in SHOWN if name in event.body}
        ledger.append(Entry(kind="case.event", at=now, body=body))
    return grown


def read(ledger: Ledger, id: int) -> Case:
    """Return a request with its events.

    Raises:
        BadInput: when there is none of that id.
    """
    record = ledger.cases.read(id)
    if record is None:
        problem = Problem(
            code="unknown-name",
            message="No request has this number.",
            found=str(id),
            hint="`troth request list --all` shows every request.",
        )
        raise BadInput([problem])
    return _case(record, list(ledger.cases.events([id])))


def contents(ledger: Ledger, case: Case) -> Contents:
    """Return what is sealed of a request.

    Raises:
        Refused: when it was destroyed.
    """
    found = ledger.cases.contents(case.id)
    if found is None:
        raise Refused(f"What {case.reference} says of a person was destroyed when its time was over.")
    return Contents(**(found | {"identities": tuple(found["identities"])}))


def every(ledger: Ledger, records: Sequence[CaseRecord]) -> Iterator[Case]:
    """Return requests with their events, some at a time."""
    for start in range(0, len(records), PAGE):
        page = {record.id: record for record in records[start : start + PAGE]}
        for id, found in groupby(ledger.cases.events(page), key=lambda event: event.case):
            yield _case(page[id], found)


def recompute(ledger: Ledger, now: datetime) -> int:
    """Compute every open clock anew, after packs changed; return how many days moved."""
    records = ledger.cases.listed()
    before = {one.id: (one.legal_due, one.safe_due, one.due_law, one.own_target) for one in records}
    moved: dict[int, Standing] = {}
    for case in every(ledger, records):
        standing = stands(case, now)
        if before[case.id] != (standing.legal_due, standing.safe_due, standing.due_law, standing.own_target):
            moved[case.id] = standing
    if moved:
        ledger.cases.restand(moved)
    return len(moved)


def stands(case: Case, now: datetime) -> Standing:
    """Say what the events of a request add up to."""
    last = max(event.at for event in case.events)
    dates = clocks.dates(case, max(now, last))  # the clock may have gone back since
    return Standing(
        state=case.state,
        outcome=case.outcome,
        laws=case.laws,
        residence=case.residence,
        role=case.role,
        legal_due=dates.legal,
        safe_due=dates.safe,
        due_law=dates.law,
        own_target=dates.own_target,
        closed_at=case.closed_at,
    )


def _possible(case: Case, event: Event, now: datetime) -> None:
    problem = None
    if event.at.tzinfo is None:
        problem = ("has no zone", "Write the offset of the place: 2026-01-31T10:00+01:00, or Z.")
    elif event.at > now:
        problem = ("lies in the future", "Correct its instant.")
    elif event.kind != "received" and event.at < case.received:
        problem = ("is before the request came in", "Correct one of the two instants.")
    if problem:
        raise BadInput(
            [
                Problem(
                    code="bad-event",
                    message=f"The event `{event.kind}` {problem[0]}.",
                    found=event.at.isoformat(),
                    hint=problem[1],
                )
            ]
        )


def _case(record: CaseRecord, found: Iterable[EventRecord]) -> Case:
    return Case(
        id=record.id,
        kind=kinds.kind(record.kind),
        whom=record.whom,  # type: ignore[arg-type]
        role=record.role,  # type: ignore[arg-type]
        residence=record.residence,
        place=record.place,
        child=record.child,
        together_with=record.together_with,
        laws=record.laws,
        events=tuple(
            Event(
                kind=one.kind,
                at=one.at,
                by=one.by,
                body=one.body,
                number=one.number,
                recorded_at=one.recorded_at,
                has_text=one.has_text,
            )
            for one in found
        ),
    )


def _staff(by: int) -> str:
    return f"staff:{by}" if by else "system"
