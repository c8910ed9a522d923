"""What every template may use: the organisation, who is signed in, and the console's navigation.

A page about a fault must be possible when the fault is in the project or the ledger: then these are left out.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from troth.desk import here, roles
from troth.desk.accounts import seat as seats
from troth.desk.console import navigation
from troth.errors import TrothError


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return what each page shows; what is not used is not asked for."""
    entries = SimpleLazyObject(navigation.items)
    return {
        "organisation": SimpleLazyObject(_organisation),
        "seat": SimpleLazyObject(lambda: _seat(request)),
        "seat_title": SimpleLazyObject(lambda: _title(request)),
        "navigation": entries,
        "current": SimpleLazyObject(lambda: navigation.current(request.path, navigation.items())),
    }


def _organisation() -> Any:
    try:
        return here.project().policy.organisation
    except TrothError:
        return {"name": ""}


def _seat(request: HttpRequest) -> seats.Seat | None:
    try:
        return seats.of(request)
    except TrothError:
        return None


def _title(request: HttpRequest) -> str:
    seat = _seat(request)
    return roles.title(seat.role) if seat else ""
