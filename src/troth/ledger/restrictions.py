"""Restrictions of processing: begun, standing, proven again and again, lifted; none is ever deleted.

Who is meant stands in the sealed manifest, and in keyed digests by which the same people are known again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from troth.ledger.models import Restriction
from troth.ledger.session import Session

COLUMNS = (
    "id",
    "reason",
    "allowed",
    "who",
    "manifest",
    "people",
    "holds",
    "review",
    "state",
    "made_at",
    "proof",
    "readable",
    "proven_at",
    "lifted_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionRecord:
    """One restriction."""

    id: int
    reason: str
    allowed: tuple[str, ...]
    who: frozenset[str]
    manifest: str
    people: int
    holds: tuple[str, ...]
    review: date
    state: str
    """`begun`, `stands` or `lifted`."""
    made_at: datetime
    proof: str
    """What the last look found; empty before any."""
    readable: int
    proven_at: datetime | None
    lifted_at: datetime | None

    @property
    def reference(self) -> str:
        """Write the id as stores, evidence and screens have it."""
        return f"restriction:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRestriction:
    """A restriction before it has an id."""

    reason: str
    allowed: Sequence[str]
    who: Collection[str]
    manifest: str
    people: int
    review: date
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """Begin, go on, lift and read."""

    session: Session

    def begin(self, new: NewRestriction, *, at: datetime) -> int:
        """Keep a restriction before any store is touched; return its id."""
        with self.session.writing() as alias:
            row = Restriction.objects.using(alias).create(
                reason=new.reason,
                allowed=sorted(new.allowed),
                who=sorted(new.who),
                manifest=new.manifest,
                people=new.people,
                holds=[],
                review=new.review,
                state="begun",
                made_at=at,
                made_by_id=new.by,
            )
            return int(row.pk)

    def holding(self, id: int, holds: Sequence[str]) -> None:
        """Remember the holds that go with it."""
        self._change(id, holds=list(holds))

    def stands(self, id: int) -> None:
        """Say that every store is done."""
        self._change(id, state="stands")

    def proven(self, id: int, *, state: str, readable: int, at: datetime) -> None:
        """Keep what the last look found."""
        self._change(id, proof=state, readable=readable, proven_at=at)

    def lifted(self, id: int, *, at: datetime, by: int) -> None:
        """Say that it is over."""
        self._change(id, state="lifted", lifted_at=at, lifted_by_id=by)

    def read(self, id: int | None = None, *, open: bool = False) -> tuple[RestrictionRecord, ...]:
        """Return restrictions, oldest first: the one of an id, or those not lifted, or all."""
        with self.session.reading() as alias:
            rows = Restriction.objects.using(alias).order_by("pk")
            rows = rows if id is None else rows.filter(pk=id)
            rows = rows.filter(lifted_at__isnull=True) if open else rows
            return tuple(_record(row) for row in rows.values(*COLUMNS))

    def _change(self, id: int, **values: object) -> None:
        with self.session.writing() as alias:
            Restriction.objects.using(alias).filter(pk=id).update(**values)


def _record(row: dict[str, Any]) -> RestrictionRecord:
    sets = {"allowed": tuple(row["allowed"]), "who": frozenset(row["who"]), "holds": tuple(row["holds"])}
    return RestrictionRecord(**{**row, **sets})
