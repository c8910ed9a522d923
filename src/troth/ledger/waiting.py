"""How much waits for somebody, counted by the database: requests by their end, plans, holds, letters, mail.

One statement for each table, whatever it holds. What the counts mean for people is said by the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from troth.ledger.case_queue import overdue
from troth.ledger.models import Hold, Task
from troth.ledger.models_cases import Case
from troth.ledger.models_desk import InMail, KeptPlan
from troth.ledger.models_outbox import OutboxLetter
from troth.ledger.session import Session

NOT_OURS = ("closed", "answered", "referred")
"""States of requests in which nobody here has anything to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What waits at one instant."""

    overdue: int
    """Open requests after the end the law gives (or their own)."""
    soon: int
    """Open requests whose safe end comes within the given time, or has passed; not overdue."""
    open: int
    """Requests that are neither closed, answered nor somebody else's to answer."""
    to_approve: int
    plans_stopped: int
    holds: int
    """Holds that stand."""
    reviews: int
    """Those whose review is due."""
    letters_failed: int
    """Letters that came back or were given up since then."""
    letters_waiting: int
    mail: int
    """Messages that came in and wait for a person."""
    tasks: int
    """What only a person can do, of plans for people's rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Count what waits."""

    session: Session

    def count(self, at: datetime, *, within: timedelta, since: datetime) -> Counts:
        """Count everything that waits at an instant.

        Args:
            at: The instant.
            within: What ends within this time is said to end soon.
            since: From when on failed letters count.
        """
        with self.session.reading() as alias:
            cases = Case.objects.using(alias).exclude(state__in=NOT_OURS)
            late = overdue(at)
            dated = ~Q(legal_due=None) | Q(own_target=True)
            requests = cases.aggregate(
                open=Count("pk"),
                overdue=Count("pk", filter=late),
                near=Count("pk", filter=dated & Q(safe_due__lt=at + within)),
            )
            plans = KeptPlan.objects.using(alias).aggregate(
                to_approve=Count("pk", filter=Q(state="waiting")),
                plans_stopped=Count("pk", filter=Q(state__in=["stopped", "failed"])),
            )
            holds = (
                Hold.objects.using(alias)
                .filter(lifted_at=None)
                .aggregate(holds=Count("pk"), reviews=Count("pk", filter=Q(review__lte=at.date())))
            )
            letters = OutboxLetter.objects.using(alias).aggregate(
                letters_failed=Count("pk", filter=Q(state__in=["bounced", "failed"], ended_at__gte=since)),
                letters_waiting=Count("pk", filter=Q(state__in=["waiting", "sending"])),
            )
            return Counts(
                open=requests["open"],
                overdue=requests["overdue"],
                soon=max(0, requests["near"] - requests["overdue"]),
                mail=InMail.objects.using(alias).filter(state="waiting").count(),
                tasks=Task.objects.using(alias).filter(done_at=None).count(),
                **plans,
                **holds,
                **letters,
            )
