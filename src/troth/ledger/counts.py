"""How much of everything there is, by state: a handful of numbers for whoever watches over the machine.

Counted by the database, over indexes. Names of states are our own words; nothing here can be of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from troth.ledger.models import Row
from troth.ledger.models_cases import Case
from troth.ledger.models_desk import Delivery, InMail, KeptPlan, PromiseSeen
from troth.ledger.models_outbox import OutboxLetter
from troth.ledger.session import Session

ANSWERED = "answered"
TABLES: Mapping[str, type[Row]] = {
    "cases": Case,
    "letters": OutboxLetter,
    "plans": KeptPlan,
    "in_mails": InMail,
    "deliveries": Delivery,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Count what the ledger holds."""

    session: Session

    def by_state(self, what: str) -> dict[str, int]:
        """Return how many of something there are in each state; `what` is a key of TABLES."""
        with self.session.reading() as alias:
            rows = TABLES[what].objects.using(alias).order_by().values_list("state")
            return {str(state): int(count) for state, count in rows.annotate(Count("pk"))}

    def overdue(self, at: datetime) -> int:
        """Return how many requests wait for an answer past the day the law gives, or our own where it gives none."""
        late = Q(legal_due__lt=at) | Q(legal_due=None, safe_due__lt=at)
        with self.session.reading() as alias:
            waiting = Case.objects.using(alias).filter(late, closed_at=None).exclude(state=ANSWERED)
            return int(waiting.count())

    def promises(self) -> dict[str, int]:
        """Return how many promises have which status, by the newest check."""
        with self.session.reading() as alias:
            rows = PromiseSeen.objects.using(alias)
            newest = rows.values("promise").annotate(newest=Max("pk")).values("newest")
            counted = rows.filter(pk__in=newest).values_list("status").annotate(Count("pk"))
            return {str(status): int(count) for status, count in counted}
