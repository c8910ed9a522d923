"""What is wrong with a request, told slowly from all of its events: the oracle for the sums a check is made of.

Every clock is computed for every request, and every rule walks the events from the first to the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from troth.cases import clocks
from troth.cases.case import Case
from troth.cases.events import Event

HANDED_OUT = ("access", "know", "know-specific", "portability")
STOPPING = ("stop", "stop-sending", "comply", "review-or-delete")


def codes(case: Case, at: datetime) -> set[str]:
    """Return the faults of a request."""
    return {*_times(case, at), *_decisions(case), *_identity(case), *_done(case, at), *_controller(case, at)}


MOVERS = (
    "extension.notice",
    "identity.asked",
    "identity.received",
    "clarification.asked",
    "fee.asked",
    "cost.told",
)


def past(case: Case, law: str, days: int, at: datetime) -> bool:
    """Tell whether a request missed a term of so many days that a policy gives for a law, in UTC."""
    answers = _all(case, "answered")
    if law not in case.laws or (not answers and case.state in {"closed", "referred", "answered"}):
        return False
    met = answers[0].at if answers else at
    if met.astimezone(UTC).date() <= case.received.astimezone(UTC).date() + timedelta(days=days):
        return False
    if not any(event.kind in MOVERS for event in case.events):
        return True
    until = replace(case, events=_before(case, answers[0].number)) if answers else case
    ends = [one.legal.moment(one.zone) for one in clocks.dates(until, at).clocks if one.pack.law == law]
    return bool(ends) and all(end is not None and met > end for end in ends)


def _before(case: Case, number: int) -> tuple[Event, ...]:
    return tuple(event for event in case.events if event.number < number)


def _all(case: Case, kind: str) -> list[Event]:
    return [event for event in case.events if event.kind == kind]


def _times(case: Case, at: datetime) -> Iterator[str]:
    answers, dones = _all(case, "answered"), _all(case, "done")
    answered = answers[0].at if answers else None
    until = replace(case, events=_before(case, answers[0].number)) if answers else case
    found = clocks.dates(until, at)
    given_up = case.state == "closed" and case.outcome in {"withdrawn", "referred"}
    over = given_up or case.state in {"closed", "referred"}
    late = False
    for one in found.clocks:
        end = one.legal.moment(one.zone)
        stops = one.event.split(".")[-1] in STOPPING
        mets = [m for m in (answered, dones[0].at if dones and stops else None) if m is not None]
        if end is None or (not mets and over):
            continue
        late = late or (min(mets) if mets else at) > end
    if late:
        yield "answered-late" if answered else "overdue"
    if answered is None and case.state == "closed" and not given_up and not _all(case, "customer.asked"):
        yield "unanswered"
    past = answered is None and not over and not late and found.own_target and at > found.safe
    if past and not (case.kind.stops and dones):
        yield "past-own-day"
    again = _all(case, "reopened")
    if not late and again and case.open and case.state != "answered" and at > again[-1].at + clocks.TARGET:
        yield "past-own-day"
    told = [e.at for e in case.events if e.kind in {"acknowledged", "answered"}]
    if told or not over:
        met = min([*told, *([case.closed_at] if case.closed_at else [])], default=at)
        ends = [one.legal.moment(one.zone) for one in found.beside]
        if any(end is not None and met > end for end in ends):
            yield "acknowledged-late"


def _decisions(case: Case) -> Iterator[str]:
    decisions = _all(case, "decided")
    if any(not one.by for one in decisions):
        yield "unsigned"
    refuses = bool(decisions) and decisions[-1].body["outcome"] in {"refused", "partial"}
    if refuses and not decisions[-1].body.get("reasons"):
        yield "no-reasons"


def _identity(case: Case) -> Iterator[str]:
    if case.kind.stops and _all(case, "identity.asked"):
        yield "asked"
    grants = [e for e in _all(case, "decided") if e.body["outcome"] in {"granted", "partial"}]
    for grant in (grants[:1] + grants[-1:]) if grants else []:
        earlier = replace(case, events=_before(case, grant.number))
        vouched = any(e.kind == "instructed" for e in _before(case, grants[0].number))
        if not case.kind.stops and not vouched and not earlier.proven and not _late_failure(case, grants):
            yield "no-proof"
        if case.whom != "self" and not any(
            e.kind == "authority.shown" for e in _before(case, grants[0].number)
        ):
            yield "no-authority"


def _late_failure(case: Case, grants: list[Event]) -> bool:
    """Tell whether a proof was taken back and given again: then the last proof before the last grant counts."""
    last = replace(case, events=_before(case, grants[-1].number))
    first = [e.number for e in _all(case, "identity.proven")]
    after = [e.number for e in _all(case, "identity.proven") if e.number > grants[-1].number]
    return bool(first) and first[0] < grants[0].number and (last.proven or bool(after))


def _done(case: Case, at: datetime) -> Iterator[str]:
    dones = _all(case, "done")
    if not dones:
        return
    if dones[-1].body.get("residues"):
        yield "residues"
    granted = any(e.body["outcome"] in {"granted", "partial"} for e in _all(case, "decided"))
    certified = any("certificate" in e.body for e in dones)
    packaged = any("package" in e.body for e in dones)
    wanted = {"erase": certified}.get(case.kind.name, packaged or case.kind.name not in HANDED_OUT)
    if granted and not wanted:
        yield "not-rechecked"
    if case.kind.name != "erase":
        return
    if _all(case, "answered"):
        if not _all(case, "recipients.told"):
            yield "not-told"
        return
    dates = clocks.dates(case, at)
    if case.state in {"closed", "referred"} or at > (dates.legal or dates.safe):
        yield "not-confirmed"


def _controller(case: Case, at: datetime) -> Iterator[str]:
    if case.role == "unknown":
        if case.state == "closed" and case.outcome != "withdrawn" and not _all(case, "customer.asked"):
            yield "not-asked"
        return
    if case.role != "processor":
        return
    instructed = False
    for event in case.events:
        instructed = instructed or event.kind == "instructed"
        grants = event.kind == "decided" and event.body["outcome"] in {"granted", "partial"}
        if (grants or event.kind == "done") and not instructed:
            yield "no-instruction"
    if instructed:
        return
    dates = clocks.dates(case, at)
    due = dates.legal or dates.safe
    referred = [event.at for event in _all(case, "referred")]
    waiting = case.state not in {"answered", "closed", "referred"}
    if (min(referred) > due) if referred else (waiting and at > due):
        yield "passed-on-late"
