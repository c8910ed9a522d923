"""The rows behind the register of backups: sets, and when each source was last heard. None is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from troth.ledger.models import BackupListing, BackupSet
from troth.ledger.records import Heard, NewSet, SetRecord
from troth.ledger.session import Session

COLUMNS = (
    "id",
    "store",
    "source",
    "name",
    "place",
    "made",
    "ends",
    "registered_at",
    "gone_at",
    "gone_how",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSets:
    """Add, read and end rows."""

    session: Session

    def add(self, new: NewSet, *, at: datetime, by: int) -> int | None:
        """Keep a set and return its id; None when it is known, with its end brought up to date."""
        with self.session.writing() as alias:
            rows = BackupSet.objects.using(alias)
            row, fresh = rows.get_or_create(
                store=new.store,
                source=new.source,
                name=new.name,
                defaults={
                    "place": new.place,
                    "made": new.made,
                    "ends": new.ends,
                    "registered_at": at,
                    "registered_by_id": by,
                },
            )
            if not fresh:
                rows.filter(pk=row.pk).update(ends=new.ends, gone_at=None, gone_how="")
            return int(row.pk) if fresh or row.gone_at is not None else None

    def read(
        self, id: int | None = None, *, store: str = "", standing: bool = False
    ) -> tuple[SetRecord, ...]:
        """Return every set, oldest first: or one, or those of a store, or those that are still there."""
        with self.session.reading() as alias:
            rows = BackupSet.objects.using(alias).order_by("made", "pk")
            rows = rows if id is None else rows.filter(pk=id)
            rows = rows.filter(store=store) if store else rows
            rows = rows.filter(gone_at__isnull=True) if standing else rows
            return tuple(SetRecord(**_plain(row)) for row in rows.values(*COLUMNS))

    def end(self, id: int, *, at: datetime, how: str) -> bool:
        """Say that a set is gone; return whether this call did it."""
        with self.session.writing() as alias:
            rows = BackupSet.objects.using(alias).filter(pk=id, gone_at__isnull=True)
            return bool(rows.update(gone_at=at, gone_how=how))

    def heard(self, new: Heard) -> None:
        """Remember that a source was heard."""
        with self.session.writing() as alias:
            BackupListing.objects.using(alias).update_or_create(
                store=new.store,
                source=new.source,
                place=new.place,
                defaults={"at": new.at, "sets": new.sets},
            )

    def sources(self, store: str = "") -> tuple[Heard, ...]:
        """Return when each source was last heard."""
        with self.session.reading() as alias:
            rows = BackupListing.objects.using(alias).order_by("store", "source", "place")
            rows = rows.filter(store=store) if store else rows
            return tuple(Heard(**row) for row in rows.values("store", "source", "place", "at", "sets"))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS}
