"""Keep what somebody asked to see until they have it: a hold with the ground `open-case` on their rows.

An open request for access outranks expiry, and an erasure somebody else asks for. The hold is lifted when the answer
has gone, or the person no longer wants it; where something was refused it stands until its review, for the person
may complain (PDPA s22A: 30 days), and then `troth request tidy` lifts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from troth.app.casework.desk import Desk
from troth.cases import moves
from troth.cases import register as cases
from troth.cases.case import Case
from troth.errors import Refused
from troth.holds import register
from troth.holds.model import Ground, SubjectScope
from troth.holds.register import Order
from troth.ledger.ledger import Ledger

CHALLENGE = timedelta(days=30)
"""How long withheld data is kept after the day by which the answer is due."""
OVER = frozenset({moves.ANSWERED, moves.CLOSED})


def freeze(desk: Desk, ledger: Ledger, case: Case, keys: Sequence[tuple[str, str]]) -> list[str]:
    """Place a hold on each row of the person, once; return the holds of the request."""
    standing = holds(ledger, case)
    if standing:
        return standing
    now = desk.now()
    review = max((now + 2 * CHALLENGE).date(), (case.received + 4 * CHALLENGE).date())
    made = []
    for subject, key in keys:
        order = Order(
            ground=Ground.OPEN_CASE,
            title=f"Open request {case.reference}",
            scope=SubjectScope(subject=subject, key=(key,)),
            owner=desk.by,
            review=review,
        )
        made.append(register.add(ledger, order, by=desk.by, at=now).id)
    return made


def thaw(ledger: Ledger, case: Case, *, by: str, at: datetime) -> int:
    """Lift the holds of a request that has its answer, or needs none; those already lifted are left."""
    lifted = 0
    for one in holds(ledger, case):
        try:
            register.lift(ledger, one, by=by, at=at)
            lifted += 1
        except Refused:
            continue
    return lifted


def thaw_reviewed(ledger: Ledger, *, by: str, at: datetime) -> int:
    """Lift the holds of requests that are over, once their review has come; return how many."""
    due = {hold.id for hold in register.due(ledger, on=at.date()) if hold.ground is Ground.OPEN_CASE}
    if not due:
        return 0
    over = [one for one in ledger.cases.listed(every=True) if one.state in OVER and not one.forgotten_at]
    found = (case for case in cases.every(ledger, over) if due & set(holds(ledger, case)))
    return sum(thaw(ledger, case, by=by, at=at) for case in found)


def holds(ledger: Ledger, case: Case) -> list[str]:
    """Return the holds that were placed for a request."""
    found: list[str] = []
    for event in case.events:
        if event.kind == "planned" and event.has_text:
            found += (ledger.cases.text(case.id, event.number) or {}).get("holds", [])
    return list(dict.fromkeys(found))
