"""Requests in the order they were opened, from one of them on: what another system reads page by page."""

from __future__ import annotations

from dataclasses import dataclass

from troth.ledger.case_records import CaseRecord
from troth.ledger.cases import COLUMNS
from troth.ledger.models_cases import Case
from troth.ledger.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCursor:
    """Read requests page by page."""

    session: Session

    def after(self, id: int, *, limit: int, state: str = "", kind: str = "") -> tuple[CaseRecord, ...]:
        """Return requests whose number is above another, the lowest first; of one state or kind where named."""
        with self.session.reading() as alias:
            rows = Case.objects.using(alias).filter(pk__gt=id).order_by("pk")
            rows = rows.filter(state=state) if state else rows
            rows = rows.filter(kind=kind) if kind else rows
            found = rows.values(*COLUMNS)[:limit]
            return tuple(CaseRecord(**(row | {"laws": tuple(row["laws"])})) for row in found)
