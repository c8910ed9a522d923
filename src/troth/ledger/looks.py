"""When each store was last looked at, and who stated that a backup of it exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.ledger.models import BackupAcknowledgement, Look
from troth.ledger.records import Acknowledgement, LastLook
from troth.ledger.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Remember the newest look at each store."""

    session: Session

    def note(self, store: str, *, at: datetime, fingerprint: str) -> None:
        """Keep a look, unless a newer one is kept already."""
        with self.session.writing() as alias:
            rows = Look.objects.using(alias)
            row, made = rows.select_for_update().get_or_create(
                pk=store, defaults={"at": at, "fingerprint": fingerprint}
            )
            if not made and row.at < at:
                rows.filter(pk=store).update(at=at, fingerprint=fingerprint)

    def last(self, store: str) -> LastLook | None:
        """Return the newest look at a store, or None."""
        with self.session.reading() as alias:
            row = Look.objects.using(alias).filter(pk=store).values("store", "at", "fingerprint").first()
        return LastLook(**row) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Remember who stated that a backup exists."""

    session: Session

    def acknowledge(self, store: str, *, by: int, at: datetime) -> None:
        """Keep a statement."""
        with self.session.writing() as alias:
            BackupAcknowledgement.objects.using(alias).create(store=store, by_id=by, at=at)

    def last(self, store: str) -> Acknowledgement | None:
        """Return the newest statement about a store, or None."""
        with self.session.reading() as alias:
            rows = BackupAcknowledgement.objects.using(alias).filter(store=store).order_by("-at", "-pk")
            found = rows.values_list("store", "by_id", "at").first()
        return Acknowledgement(store=found[0], by=found[1], at=found[2]) if found else None
