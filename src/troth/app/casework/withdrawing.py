"""End a request that the person no longer wants, with everything that stood only until its decision.

A restriction, an objection not yet decided and holds on what was asked for go with it.
"""

from __future__ import annotations

from troth.app.casework import doing as work
from troth.app.casework import drawers, freezing
from troth.app.casework.desk import Desk
from troth.app.requests import steps
from troth.app.requests.opening import Changed, Doing
from troth.app.requests.steps import Before, Made, Place
from troth.cases import moves
from troth.errors import Refused


def withdraw(id: int, doing: Doing, at: Place) -> Changed:
    """Write down that the person no longer wants it; the request is over.

    Raises:
        BadInput: when there is no such request, or it cannot have happened at that instant.
        Refused: when an answer is on its way, or somebody else did something meanwhile.
    """
    desk = Desk(folder=at.folder, environment=at.environment, clock=at.clock, by=doing.by)
    case = desk.read(id)
    if doing.seen is not None and doing.seen != len(case.events):
        return steps.withdraw(id, doing, at)
    moves.after(case.state, "withdrawn")
    let_go = work.refused(desk, case)

    def step(before: Before) -> Made:
        if len(before.case.events) != len(let_go.events):
            raise Refused(f"{case.reference} has more events than were seen.", hint="Look at it again.")
        freezing.thaw(before.work.ledger, before.case, by=doing.by, at=before.work.now)
        return Made(kind="withdrawn")

    over = steps.take(id, step, Doing(by=doing.by, happened=doing.happened), at)
    drawers.empty(at.folder, id)
    return over
