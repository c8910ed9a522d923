"""Kinds of entries about plans that were kept for workers: who kept, approved, started, paused and cancelled them."""

from __future__ import annotations

from troth.evidence.fields import COUNT, DATASET, FLAG, HASH, REFERENCE, STAFF, list_of, one_of
from troth.evidence.kind import kind as _kind

_PLAN = {"plan": HASH, "by": STAFF}

KEPT_PLANS = (
    _kind(
        "plan.kept",
        "A plan was kept to be looked at, approved and carried out by workers.",
        {**_PLAN, "made_for": one_of("retention", "erasure"), "rows": COUNT, "approvals": COUNT},
        {"case": REFERENCE},
    ),
    _kind("plan.approved", "Somebody who did not make a plan agreed to it.", _PLAN),
    _kind(
        "plan.started",
        "A kept plan was handed to the workers, or handed to them again after a stop; what was said with it.",
        _PLAN,
        {"backup_taken": FLAG, "allow": list_of(DATASET)},
    ),
    _kind("plan.paused", "A kept plan is to stop at the end of the batch at work.", _PLAN),
    _kind("plan.resumed", "A paused plan may go on.", _PLAN),
    _kind("plan.cancelled", "A kept plan is not to be carried out any further.", _PLAN),
)
