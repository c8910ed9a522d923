"""What waits for somebody today: requests, promises, plans, holds, undeclared data, letters, mail, tasks; counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from troth.app import history, ledgers, looking
from troth.app import project as projects
from troth.app.history import LastCheck
from troth.app.requests.steps import Place
from troth.ledger.case_queue import SOON
from troth.ledger.waiting import Counts
from troth.promises import listing

FAILED = timedelta(days=30)
"""How long a letter that came back is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Everything that waits."""

    counts: Counts
    totals: Mapping[str, int]
    """How many promises have which status."""
    promises: int
    last: LastCheck | None
    undeclared: int
    """Tables and columns the data map leaves unsaid, as last seen."""
    away: tuple[str, ...]
    """Stores that did not answer when they were looked at last."""
    looked: bool
    """Whether any store was ever looked at."""


def today(at: Place) -> Today:
    """Count what waits now.

    Raises:
        BadInput: when the project has faults.
    """
    now = at.clock.now()
    project = projects.load(at.folder, now.date())
    promises = listing.promises(project.policy)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        present = ledger.promise_history.present()
        statuses = [present[p.id].newest.status if p.id in present else history.NEVER for p in promises]
        stores = looking.last(ledger, project.datamap)
        return Today(
            counts=ledger.waiting.count(now, within=SOON, since=now - FAILED),
            totals={status: statuses.count(status) for status in history.ORDER},
            promises=len(promises),
            last=history.last_check(ledger, now),
            undeclared=sum(len(store.undeclared) for store in stores),
            away=tuple(store.store for store in stores if store.trouble),
            looked=any(store.at for store in stores),
        )
