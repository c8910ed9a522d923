"""What the page of one plan says: gathered from the register, the runs, the limits and the evidence."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from troth.app.plans import kept
from troth.app.plans import progress as plan_progress
from troth.desk import here
from troth.desk.accounts import seat
from troth.desk.console import plan_forms, plan_words

SHORT = 16
"""Digits of a hash in an address."""
_SIGNS = {"+": ("added", "good"), "-": ("gone", "bad"), "~": ("changed", "soon")}


def short(hash: str) -> str:
    """Return the part of a hash that stands in addresses."""
    return hash[:SHORT]


def told(request: HttpRequest, prefix: str, form: plan_forms.Start | None = None) -> dict[str, Any]:
    """Return everything the page of a plan shows.

    Raises:
        BadInput: when there is no such plan.
    """
    ledger, project, clock = here.ledger(), here.project(), here.place().clock
    found = kept.read(ledger, prefix, project)
    who = seat.sitting(request)
    record = found.record
    stops = kept.obstacles(ledger, found, project, test_clock=clock.test) if _ahead(record.state) else ()
    offered = plan_words.buttons(record.state, maker=record.made_by == who.staff, deeds=who.deeds)
    blocked = any(not stop.starts for stop in stops)
    return {
        "found": found,
        "record": record,
        "told": found.told,
        "state": plan_words.STATES[record.state],
        "maker": found.name(record.made_by),
        "approver": found.name(record.approved_by),
        "starter": found.name(record.started_by),
        "short": short(record.hash),
        "obstacles": stops,
        "blocked": blocked,
        "offered": [one for one in offered if not (one == "start" and blocked)],
        "own": record.state == "waiting" and record.made_by == who.staff and "approve-plans" in who.deeds,
        "form": form or plan_forms.Start(stops=stops),
        "new_holds": kept.new_holds(ledger, found.plan) if _ahead(record.state) else (),
        "advice": plan_words.advice(record.reason) if record.state in {"stopped", "failed"} else "",
        "progress": plan_progress.of(ledger, found),
        "history": plan_progress.history(ledger, found),
        "tab": "words",
    }


def moving(prefix: str) -> dict[str, Any]:
    """Return what the part of the page shows that is loaded again and again while a plan runs."""
    ledger = here.ledger()
    found = kept.read(ledger, prefix)
    return {
        "record": found.record,
        "state": plan_words.STATES[found.record.state],
        "progress": plan_progress.of(ledger, found),
        "short": short(found.record.hash),
    }


def moved(line: str) -> dict[str, str]:
    """Return a line of a comparison with what its sign says in words."""
    says, tone = _SIGNS.get(line[:1], ("", ""))
    return {"says": says, "tone": tone, "what": line[1:].strip() if says else line}


def _ahead(state: str) -> bool:
    return state in {"waiting", "approved", "stopped", "failed", "paused"}
