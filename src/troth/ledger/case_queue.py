"""The queue of requests: filtered, counted and cut into pages by the database, the earliest day first.

What stands in rows is enough for it; no event is read and nothing sealed is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from troth.ledger.case_records import CaseRecord
from troth.ledger.cases import COLUMNS
from troth.ledger.models_cases import Case, CaseEvent
from troth.ledger.session import Session

Tab = Literal["open", "overdue", "soon", "mine", "waiting", "elsewhere", "answered", "closed"]
TABS: tuple[Tab, ...] = get_args(Tab)
DONE = ("answered", "closed")
ASKED = ("identifying", "clarifying", "needs-customer")
"""States in which the person was asked for something."""
REFERRED = "referred"
SOON = timedelta(days=7)
"""What ends within this time ends soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which requests are looked for."""

    tab: Tab = "open"
    now: datetime
    staff: int = 0
    """Whose requests `mine` are: those in which somebody wrote an event down."""
    kind: str = ""
    law: str = ""
    state: str = ""
    ids: tuple[int, ...] | None = None
    """Only these; all where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQueue:
    """Count and page through requests."""

    session: Session

    def page(self, sought: Sought, *, first: int, most: int) -> tuple[CaseRecord, ...]:
        """Return a stretch of a tab; what is over comes newest first, everything else by its day."""
        with self.session.reading() as alias:
            rows = _filtered(alias, sought).filter(_of(sought)[sought.tab])
            order = ("-closed_at", "-pk") if sought.tab == "closed" else ("safe_due", "pk")
            found = rows.order_by(*order).values(*COLUMNS)[first : first + most]
            return tuple(CaseRecord(**(row | {"laws": tuple(row["laws"])})) for row in found)

    def counts(self, sought: Sought) -> dict[Tab, int]:
        """Count the requests of every tab, under the same filters."""
        with self.session.reading() as alias:
            of = {name: Count("pk", filter=where) for name, where in _of(sought).items()}
            made = _filtered(alias, sought).aggregate(**of)
        return {name: int(made[name]) for name in TABS}

    def laws(self) -> tuple[str, ...]:
        """List every law under which there is a request."""
        with self.session.reading() as alias:
            found = Case.objects.using(alias).values_list("laws", flat=True).distinct()
            return tuple(sorted({law for laws in found for law in laws}))


def overdue(now: datetime) -> Q:
    """Say which requests are past the end the law gives, or past our own where no law gives one."""
    return Q(legal_due__lt=now) | Q(legal_due__isnull=True, own_target=True, safe_due__lt=now)


def _filtered(alias: str, sought: Sought) -> QuerySet[Case]:
    rows: QuerySet[Case] = Case.objects.using(alias).all()
    if sought.kind:
        rows = rows.filter(kind=sought.kind)
    if sought.state:
        rows = rows.filter(state=sought.state)
    if sought.law:
        # `contains` on JSON is PostgreSQL's alone; the text of the list is the same everywhere.
        text = Cast("laws", TextField())
        rows = rows.annotate(laws_text=text).filter(laws_text__contains=f'"{sought.law}"')
    if sought.ids is not None:
        rows = rows.filter(pk__in=sought.ids)
    return rows


def _of(sought: Sought) -> dict[Tab, Q]:
    """Say of each tab which requests are in it."""
    working = ~Q(state__in=DONE)
    clock = Q(legal_due__isnull=False) | Q(own_target=True)
    late = overdue(sought.now)
    own = Exists(CaseEvent.objects.filter(case=OuterRef("pk"), by_id=sought.staff))
    return {
        "open": working,
        "overdue": working & ~Q(state=REFERRED) & late,
        "soon": working & ~Q(state=REFERRED) & clock & Q(safe_due__lt=sought.now + SOON) & ~late,
        "mine": working & Q(own) if sought.staff else Q(pk__isnull=True),
        "waiting": working & (Q(state__in=ASKED) | Q(legal_due__isnull=True, own_target=False)),
        "elsewhere": Q(state=REFERRED),
        "answered": Q(state="answered"),
        "closed": Q(state="closed"),
    }
