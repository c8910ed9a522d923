"""Pages of the evidence log for people who look at it: by kind, by what an entry is about, by day; newest first.

Every page is found by an index; no page reads the log from end to end. Nothing here is proven: what a page shows is
proven by its inclusion in a signed checkpoint.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Sum
from django.db.models.functions import Length

from troth.evidence import kinds
from troth.ledger.models import EvidenceCheckpoint, EvidenceEntry, TreeState
from troth.ledger.session import Session

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """The canonical bytes of an entry, and its number in the log."""

    index: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePages:
    """Read stretches of the log."""

    session: Session

    def size(self) -> int:
        """Return how many entries the log holds, as its tree says."""
        with self.session.reading() as alias:
            return int(TreeState.objects.using(alias).values_list("size", flat=True).first() or 0)

    def newest(
        self, *, kind: str = "", about: str = "", start: int = 0, end: int | None = None, limit: int = PAGE
    ) -> tuple[Numbered, ...]:
        """Return the newest entries from `start` up to, not including, `end`, newest first."""
        with self.session.reading() as alias:
            rows = _which(alias, kind, about).filter(sequence__gte=start)
            rows = rows if end is None else rows.filter(sequence__lt=end)
            found = rows.order_by("-sequence").values_list("sequence", "body")[:limit]
            return tuple(Numbered(index=number, data=bytes(body)) for number, body in found)

    def oldest(
        self, *, kind: str = "", about: str = "", start: int = 0, end: int | None = None, limit: int = PAGE
    ) -> tuple[Numbered, ...]:
        """Return the oldest entries from `start` up to, not including, `end`, oldest first."""
        with self.session.reading() as alias:
            rows = _which(alias, kind, about).filter(sequence__gte=start)
            rows = rows if end is None else rows.filter(sequence__lt=end)
            found = rows.order_by("sequence").values_list("sequence", "body")[:limit]
            return tuple(Numbered(index=number, data=bytes(body)) for number, body in found)

    def first(self, *, about: str, kind: str, after: int) -> int | None:
        """Return the number of the first entry of a kind about something, after another entry."""
        with self.session.reading() as alias:
            rows = _which(alias, kind, about).filter(sequence__gt=after).order_by("sequence")
            found = rows.values_list("sequence", flat=True).first()
        return None if found is None else int(found)

    def kinds(self) -> tuple[str, ...]:
        """Name the kinds there are entries of: one small question for each kind, none over all entries."""
        with self.session.reading() as alias:
            rows = EvidenceEntry.objects.using(alias)
            return tuple(kind for kind in sorted(kinds.ALL) if rows.filter(kind=kind).exists())

    def first_at(self, at: datetime) -> int:
        """Return the number of the first entry written at an instant or later, by halving.

        Where the clock went back, entries around that place may be counted to a neighbouring day.
        """
        low, high = 0, self.size()
        while low < high:
            middle = (low + high) // 2
            if self._written(middle) < at:
                low = middle + 1
            else:
                high = middle
        return low

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """Return the leaf hashes of a stretch."""
        with self.session.reading() as alias:
            rows = EvidenceEntry.objects.using(alias).filter(sequence__gte=start, sequence__lt=end)
            return tuple(bytes(leaf) for leaf in rows.order_by("sequence").values_list("leaf", flat=True))

    def octets(self) -> int:
        """Return how many bytes all entries have together; reads every row's length, for a download."""
        with self.session.reading() as alias:
            rows = EvidenceEntry.objects.using(alias)
            return int(rows.aggregate(n=Sum(Length("body")))["n"] or 0)

    def checkpoints(self, *, before: int | None = None, limit: int = PAGE) -> tuple[tuple[int, str], ...]:
        """Return number and text of the newest checkpoints, newest first."""
        with self.session.reading() as alias:
            rows = EvidenceCheckpoint.objects.using(alias)
            rows = rows if before is None else rows.filter(pk__lt=before)
            return tuple(rows.order_by("-pk").values_list("pk", "note")[:limit])

    def _written(self, index: int) -> datetime:
        found = self.newest(start=index, end=index + 1)
        return _at(found[0].data) if found else datetime.max.replace(tzinfo=UTC)


def _which(alias: str, kind: str, about: str):  # type: ignore[no-untyped-def] # a Django query
    rows = EvidenceEntry.objects.using(alias)
    rows = rows.filter(kind=kind) if kind else rows
    return rows.filter(about=about) if about else rows


def _at(data: bytes) -> datetime:
    return datetime.fromisoformat(json.loads(data)["at"])
