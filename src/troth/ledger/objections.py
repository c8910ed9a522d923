"""Objections to a purpose (GDPR Art. 21): whose they are is known by keyed digests only, and so outlives erasure.

A pending or granted objection blocks its purpose; a refused one does not. None is ever deleted.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from troth.ledger.models import ObjectingIdentity, Objection, Rectification
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session
from troth.people.typed import Identity

USE = "objection"
SALT = 16
PAGE = 500
BLOCKING = ("pending", "granted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRecord:
    """One objection."""

    id: int
    purpose: str
    decision: str
    made_at: datetime
    decided_at: datetime | None
    identities: int

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"objection:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objections:
    """Make, decide, ask and read."""

    session: Session
    sealing: Sealing

    def add(self, purpose: str, identities: Collection[Identity], *, at: datetime, by: int) -> int:
        """Keep an objection of somebody with these identities; return its id."""
        digests = {self.sealing.digest(_said(one, purpose), use=USE) for one in identities}
        with self.session.writing() as alias:
            row = Objection.objects.using(alias).create(
                purpose=purpose,
                decision="pending",
                salt=secrets.token_bytes(SALT),
                made_at=at,
                made_by_id=by,
            )
            ObjectingIdentity.objects.using(alias).bulk_create(
                ObjectingIdentity(objection=row, digest=digest) for digest in sorted(digests)
            )
            return int(row.pk)

    def extend(self, id: int, purpose: str, identities: Collection[Identity]) -> None:
        """Add identities that an objection lacks."""
        digests = {self.sealing.digest(_said(one, purpose), use=USE) for one in identities}
        with self.session.writing() as alias:
            ObjectingIdentity.objects.using(alias).bulk_create(
                [ObjectingIdentity(objection_id=id, digest=digest) for digest in sorted(digests)],
                ignore_conflicts=True,
            )

    def decide(self, id: int, decision: str, because: str, *, at: datetime, by: int) -> bool:
        """Decide an objection that waits; return whether this call did it."""
        with self.session.writing() as alias:
            rows = Objection.objects.using(alias).filter(pk=id, decision="pending")
            salt = rows.values_list("salt", flat=True).first()
            if salt is None:
                return False
            sealed = self.sealing.seal(because.encode(), place=f"objection/{bytes(salt).hex()}")
            return bool(rows.update(decision=decision, because=sealed, decided_at=at, decided_by_id=by))

    def of(self, identities: Collection[Identity], purpose: str) -> dict[Identity, tuple[int, str]]:
        """Say which identities somebody objected with: the last objection, and how it was decided."""
        known: dict[str, Identity] = {}
        for one in identities:
            known.update(dict.fromkeys(self.sealing.digests(_said(one, purpose), use=USE), one))
        found: dict[Identity, tuple[int, str]] = {}
        for page in _pages(known):
            with self.session.reading() as alias:
                rows = ObjectingIdentity.objects.using(alias).filter(digest__in=page)
                for digest, id, decision in rows.order_by("objection_id").values_list(
                    "digest", "objection_id", "objection__decision"
                ):
                    before = found.get(known[digest])
                    if before is None or before[1] not in BLOCKING or decision in BLOCKING:
                        found[known[digest]] = (id, decision)
        return found

    def read(self, id: int | None = None) -> tuple[ObjectionRecord, ...]:
        """Return every objection, oldest first, or the one of an id."""
        with self.session.reading() as alias:
            rows = Objection.objects.using(alias).order_by("pk")
            rows = rows if id is None else rows.filter(pk=id)
            counted = rows.annotate(known=Count("identities"))
            listed = list(counted.values("id", "purpose", "decision", "made_at", "decided_at", "known"))
        return tuple(ObjectionRecord(identities=row.pop("known"), **row) for row in listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectifications:
    """Corrections: what salts the digests in evidence."""

    session: Session

    def add(self, place: str, salt: bytes, rows: int, *, at: datetime, by: int) -> int:
        """Keep a correction; return its id."""
        with self.session.writing() as alias:
            row = Rectification.objects.using(alias).create(
                place=place, salt=salt, rows=rows, made_at=at, made_by_id=by
            )
            return int(row.pk)

    def count(self) -> int:
        """Count the corrections there were."""
        with self.session.reading() as alias:
            return int(Rectification.objects.using(alias).count())


def _said(one: Identity, purpose: str) -> str:
    return f"{purpose}\0{one.match}\0{one.value}"


def _pages(digests: Iterable[str]) -> Iterable[list[str]]:
    listed = list(digests)
    return (listed[start : start + PAGE] for start in range(0, len(listed), PAGE))
