"""Long steps of a request as jobs: handed to a worker where one is at work, and how far the last one is.

Where no worker is at work, or one gave up, whoever asks does the step themselves and is told at once what stops it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.app import ordering, working
from troth.app.requests.steps import Place
from troth.cases.case import Case

STEPS = {"plan": "plan", "do": "carry-out"}
"""Of a job's id: which step it does."""
AT_WORK = ("waiting", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The last job of a request."""

    step: str
    state: str
    """`waiting`, `running`, `done`, `failed` or `cancelled`."""
    since: datetime

    @property
    def at_work(self) -> bool:
        """Tell whether it is not over yet."""
        return self.state in AT_WORK


def last(at: Place, case: int) -> Job | None:
    """Return the last job of a request.

    Raises:
        StoreError: when the database of jobs cannot be reached.
    """
    found = ordering.orders(at).listed(prefix=f"case-{case}-", size=1)
    if not found:
        return None
    word = found[0].id.removeprefix(f"case-{case}-").partition("-")[0]
    return Job(step=STEPS.get(word, ""), state=found[0].state, since=found[0].made_at)


def hand_over(at: Place, case: Case, step: str, *, by: str, joined: bool = False) -> bool:
    """Hand a long step to the workers; return whether one takes it, else it is to be done here and now.

    Raises:
        StoreError: when the database of jobs cannot be reached.
    """
    if not ordering.workers(at):
        return False
    job = last(at, case.id)
    if job is not None and job.at_work:
        return True
    if job is not None and job.state == "failed" and job.step == step:
        return False
    if step == "plan":
        working.plan_case(at, case.id, by=by, joined=joined)
        return True
    if step == "carry-out" and case.kind.name == "erase":
        working.do_case(at, case.id, by=by)
        return True
    return False
