"""Requests as another system sees them: page by page, and each with what became of it. Nothing sealed is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.app import ledgers
from troth.app.requests import views
from troth.app.requests.steps import Place
from troth.app.requests.views import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some requests, in the order they were opened."""

    rows: tuple[Row, ...]
    now: datetime
    next: int | None
    """The number after which the next page begins; nothing where this is the last."""


def after(id: int, at: Place, *, limit: int, state: str = "", kind: str = "") -> Page:
    """Return the requests after one of them, the lowest number first."""
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        from troth.ledger.case_cursor import CaseCursor  # Django's models load once the ledger is open

        found = CaseCursor(session=ledger.session).after(id, limit=limit + 1, state=state, kind=kind)
    shown = found[:limit]
    more = len(found) > limit
    return Page(
        rows=tuple(views.row(one, now) for one in shown), now=now, next=shown[-1].id if more else None
    )


def exists(id: int, at: Place) -> bool:
    """Tell whether there is a request of that number."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return ledger.cases.read(id) is not None
