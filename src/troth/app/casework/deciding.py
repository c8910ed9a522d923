"""A named person decides a request: about exactly the plan or package that was worked out, with reasons.

Nothing here decides by itself. What a plan keeps is part of the decision: whoever grants an erasure of which
something stays decides it in part, and the grounds of the plan join the reasons.
"""

from __future__ import annotations

from dataclasses import replace

from troth.app.casework import planning
from troth.app.casework.desk import Desk
from troth.cases import deciding
from troth.cases.case import Case
from troth.cases.deciding import GRANTS, Decision
from troth.cases.register import Happened
from troth.errors import Refused
from troth.problems import BadInput, Problem
from troth.rights.model import ErasurePlan, Spared

KEEPS = {
    "hold": "hold",
    "restriction": "hold",
    "open-case": "hold",
    "statutory-duty": "statutory-duty",
    "own-interest": "own-interest",
    "unknown-controller": "not-ours",
}
"""What keeps personal data in a plan, as the reason a person is given."""


def decide(desk: Desk, id: int, decision: Decision, *, seen: int | None = None) -> Case:
    """Decide a request.

    Args:
        desk: Who decides, and where.
        id: The request.
        decision: What is decided.
        seen: How many events whoever decides saw; another number is refused.

    Raises:
        BadInput: with everything that keeps it from being decided so.
        Refused: when more happened meanwhile, or the plan or package is not what was worked out.
    """
    case = desk.read(id)
    if seen is not None and seen != len(case.events):
        raise Refused(
            f"{case.reference} has {len(case.events)} events; {seen} were seen.",
            hint=f"Look at it again with `troth request show {id}`, then decide.",
        )
    _nobody_there(case, decision)
    body: dict[str, object] = {"outcome": decision.outcome}
    problems: list[Problem] = []
    if decision.outcome in GRANTS and case.last("planned") is not None:
        decision, problems = _about(desk, case, decision, body)
    problems += deciding.faults(case, decision, desk.now().date())
    if problems:
        raise BadInput(problems)
    if decision.reasons:
        body["reasons"] = list(decision.reasons)
    if case.instruction:
        body["instruction"] = case.instruction
    text: dict[str, object] = {"facts": decision.text} if decision.text.strip() else {}
    if decision.until is not None:
        text["until"] = decision.until.isoformat()
    return desk.add(case, Happened(kind="decided", at=desk.now(), body=body, text=text or None))


def spared(plan: ErasurePlan) -> tuple[Spared, ...]:
    """Return what a plan keeps of a person for a ground, as they must be told."""
    return tuple(one for one in plan.spared if one.reason in KEEPS and one.rows)


def _nobody_there(case: Case, decision: Decision) -> None:
    """Refuse to grant where nothing was found, and to say that nothing is held where something was."""
    planned = case.last("planned")
    if planned is None:
        if decision.outcome == "nothing-held":
            raise Refused(
                "Nobody looked yet, so nobody can say that nothing is held.",
                hint=f"troth request plan {case.id} looks everywhere.",
            )
        return
    found = bool(planned.body.get("people"))
    if found and decision.outcome == "nothing-held":
        raise Refused("Something of the person was found.", hint="Grant it, in part or wholly, or refuse it.")
    if not found and decision.outcome in GRANTS:
        raise Refused(
            "Nothing of the person was found, so there is nothing to grant.",
            hint="Decide `--nothing-held`; the answer says where we looked.",
        )


def _about(
    desk: Desk, case: Case, decision: Decision, body: dict[str, object]
) -> tuple[Decision, list[Problem]]:
    """Bind a decision to what was worked out."""
    if case.kind.name in planning.EXPORTS:
        planning.package_of(desk, case)
        planned = case.last("planned")
        assert planned is not None
        body["package"] = planned.body["package"]
        return decision, []
    if case.kind.name != "erase":
        return decision, []
    plan = planning.plan_of(desk, case)
    body["plan"] = plan.hash
    stays = spared(plan)
    grounds = dict.fromkeys(KEEPS[one.reason] for one in stays)
    if stays and decision.outcome == "granted":
        rows = sum(one.rows for one in stays)
        problem = Problem(
            code="cannot-decide",
            message=f"Something stays by the plan ({rows} rows), for these reasons: {', '.join(grounds)}.",
            hint="Read the plan, then decide `--partial`; the person is told what stays and why.",
        )
        return decision, [problem]
    if decision.outcome == "partial" and not any(one.rows for one in plan.spared):
        problem = Problem(
            code="cannot-decide",
            message="Nothing stays by the plan: carried out, it would erase what was to stay.",
            hint="Grant it wholly, or place a hold on what stays (`troth hold add`) and plan again.",
        )
        return decision, [problem]
    return replace(decision, reasons=tuple(dict.fromkeys((*decision.reasons, *grounds)))), []
