"""What the events of every request add up to: one row a request, counted by the database, streamed.

For checks over all requests. Two statements run side by side, one over requests and one over their events, both in
order of the request, so that neither memory nor the number of statements grows with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, CharField, Count, Max, Min, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from troth.ledger.case_records import CaseSum
from troth.ledger.models import Erasure
from troth.ledger.models_cases import Case, CaseEvent
from troth.ledger.models_sharing import Disclosure, Paper
from troth.ledger.session import Session

CHUNK = 2_000
"""Rows fetched at a time."""
COLUMNS = (
    "id",
    "kind",
    "whom",
    "role",
    "residence",
    "place",
    "child",
    "laws",
    "state",
    "outcome",
    "received_at",
    "legal_due",
    "safe_due",
    "due_law",
    "own_target",
)
MOVING = (
    "extension.notice",
    "identity.asked",
    "identity.received",
    "clarification.asked",
    "fee.asked",
    "cost.told",
)
"""Events by which a law may move the end of a term."""
QUIET = ("received", "note", "bounced", "planned", "recipient.answered", "closed", "withdrawn")
"""Events nothing here is counted of."""


def _of(kind: str, **body: object) -> Q:
    return Q(kind=kind, **body)


_GRANTED = _of("decided", body__outcome__in=["granted", "partial"])
SUMS: dict[str, Aggregate] = {
    "answered_at": Min("at", filter=_of("answered")),
    "acknowledged_at": Min("at", filter=_of("acknowledged")),
    "done_at": Min("at", filter=_of("done")),
    "referred_at": Min("at", filter=_of("referred")),
    "granted_first": Min("number", filter=_GRANTED),
    "granted": Max("number", filter=_GRANTED),
    "refusing": Max("number", filter=_of("decided", body__outcome__in=["refused", "partial"])),
    "reasoned": Max("number", filter=_of("decided", body__has_key="reasons")),
    "decided": Max("number", filter=_of("decided")),
    "unsigned": Count("number", filter=_of("decided", by__isnull=True)),
    "proven_first": Min("number", filter=_of("identity.proven")),
    "proven": Max("number", filter=_of("identity.proven")),
    "failed": Max("number", filter=_of("identity.failed")),
    "asked": Count("number", filter=_of("identity.asked")),
    "authority": Min("number", filter=_of("authority.shown")),
    "instructed": Min("number", filter=_of("instructed")),
    "done_first": Min("number", filter=_of("done")),
    "done": Max("number", filter=_of("done")),
    "certified": Max("number", filter=_of("done", body__has_key="certificate")),
    "packaged": Max("number", filter=_of("done", body__has_key="package")),
    "residues": Max("number", filter=_of("done", body__residues__gt=0)),
    "kept": Max("number", filter=_of("done", body__kept__gt=0)),
    "told": Count("number", filter=_of("recipients.told")),
    "customer_asked": Count("number", filter=_of("customer.asked")),
    "moved": Count("number", filter=Q(kind__in=MOVING)),
    "reopened": Count("number", filter=_of("reopened")),
}
"""What is counted of the events of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSums:
    """Read sums of requests."""

    session: Session

    def each(self) -> Iterator[CaseSum]:
        """Yield every request with what its events add up to, in order of its number."""
        with self.session.reading() as alias:
            events = CaseEvent.objects.using(alias).exclude(kind__in=QUIET).values("case_id")
            sums = events.annotate(**SUMS).order_by("case_id").values_list("case_id", *SUMS)
            found = iter(sums.iterator(chunk_size=CHUNK))
            cases = Case.objects.using(alias).order_by("pk").values_list(*COLUMNS)
            row = next(found, None)
            for case in cases.iterator(chunk_size=CHUNK):
                while (
                    row is not None and row[0] < case[0]
                ):  # a request opened since the first statement began
                    row = next(found, None)
                values: dict[str, Any] = dict(zip(COLUMNS, case, strict=True))
                values["laws"] = tuple(values["laws"])
                if row is not None and row[0] == case[0]:
                    values.update(zip(SUMS, row[1:], strict=True))
                yield CaseSum(**values)

    def papers(self) -> int:
        """Count the papers that were ever kept as proof of identity."""
        with self.session.reading() as alias:
            return int(Paper.objects.using(alias).count())

    def with_papers(self) -> frozenset[int]:
        """Return the requests of which a paper can still be opened; they are few, for papers go with the proof."""
        with self.session.reading() as alias:
            rows = Paper.objects.using(alias).filter(key__isnull=False)
            return frozenset(rows.values_list("case", flat=True))

    def disclosures(self) -> int:
        """Count the entries of the journal of disclosures."""
        with self.session.reading() as alias:
            return int(Disclosure.objects.using(alias).count())

    def erasures_apart(self) -> int:
        """Count the erasures that were done without a request being followed."""
        with self.session.reading() as alias:
            plans = CaseEvent.objects.using(alias).filter(kind="done", body__has_key="plan")
            named = plans.annotate(plan=Cast(KeyTextTransform("plan", "body"), CharField())).values("plan")
            return int(Erasure.objects.using(alias).exclude(plan__in=named).count())
