"""A second person's word, where the limits of the policy ask for one: `limits: approve-over`.

Whoever carries out a plan by whatever way comes through here. A plan that nobody kept yet is kept, so that the other
person finds it on the desk; once they have agreed, the same command goes on.
"""

from __future__ import annotations

from datetime import datetime

from troth.app.plans import files as plans
from troth.apply import guards
from troth.errors import Refused

from troth.ledger.ledger import Ledger  # isort: skip  # configures Django, which the register needs
from troth.ledger.kept_plans import STARTABLE, KeptPlanRecord, NewKeptPlan
from troth.plan.model import Plan
from troth.policy.model import Limits
from troth.problems import BadInput
from troth.rights.model import ErasurePlan


def keep(
    ledger: Ledger,
    made: Plan | ErasurePlan,
    limits: Limits,
    *,
    by: str,
    at: datetime,
    case: int | None = None,
) -> KeptPlanRecord:
    """Keep a plan, waiting for a second person where the limits ask for one; one kept already stays as it is."""
    erasing = isinstance(made, ErasurePlan)
    new = NewKeptPlan(
        hash=made.hash,
        kind="erasure" if erasing else "retention",
        text=plans.erasure_text(made) if isinstance(made, ErasurePlan) else plans.text(made),
        rows=made.rows,
        approvals=guards.approvals(made.rows, limits),
        case=case,
    )
    with ledger.writing():
        return ledger.kept_plans.keep(new, by=ledger.staff.identify(by, at=at), at=at)


def check(ledger: Ledger, made: Plan | ErasurePlan, limits: Limits, *, by: str, at: datetime) -> None:
    """Refuse a plan that a second person must approve and has not; it then waits for them.

    Raises:
        Refused: saying where it waits.
    """
    if not guards.approvals(made.rows, limits):
        return
    record = keep(ledger, made, limits, by=by, at=at)
    if record.approved_by is None:
        raise Refused(
            f"The plan touches {made.rows:,} rows; above {limits.approve_over:,} a second person must approve it "
            "(limits: approve-over:).",
            hint=f"It waits on the desk under Plans as {made.hash[:12]}; once approved, do this again.",
        )


def check_wanted(ledger: Ledger, made: Plan) -> None:
    """Refuse a plan that somebody cancelled on the desk: a file of it may still lie about.

    Raises:
        Refused: saying so.
    """
    try:
        record = ledger.kept_plans.read(made.hash)
    except BadInput:
        return  # nobody kept it
    if record.state == "cancelled":
        raise Refused(
            "The plan was cancelled; it is not carried out any further.",
            hint="Make a new plan with troth plan, read it, and apply that.",
        )


def carried_out(ledger: Ledger, made: Plan | ErasurePlan, *, by: str, at: datetime) -> None:
    """Write down that a kept plan is done which somebody carried out by a command; others stay as they are."""
    try:
        record = ledger.kept_plans.read(made.hash)
    except BadInput:
        return  # nobody kept it: nobody had to agree
    finished = {run.store for run in ledger.runs.of_plan(made.hash) if run.state == "finished"}
    if record.state in STARTABLE and finished >= set(made.stores):
        with ledger.writing():
            ledger.kept_plans.start(made.hash, job="", by=ledger.staff.identify(by, at=at), at=at)
            ledger.kept_plans.end(made.hash, "done", at=at)
