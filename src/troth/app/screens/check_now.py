"""Have every promise checked because somebody asked: by a worker where one is at work, else here and now."""

from __future__ import annotations

from troth.app import checking, ordering, working
from troth.app.clock import Moment
from troth.app.requests.steps import Place
from troth.promises.report import Report


def ask(at: Place, *, by: str) -> Report | None:
    """Check every promise, or leave it to a worker and return None.

    Args:
        at: Project, environment and clock.
        by: Who asks; they sign a check that is made here, workers sign their own.

    Raises:
        BadInput: when the project has faults.
        StoreError: when the ledger cannot be reached.
    """
    if ordering.workers(at):
        working.check_now(at)
        return None
    moment = Moment(at=at.clock.now())
    return checking.check(at.folder, at.environment, at.clock, moment, by=by)
