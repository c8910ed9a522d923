"""Wrapped keys of encrypted archives, one for each person in each; destroying one makes that part unreadable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from troth.ledger.models import KeyWrap
from troth.ledger.records import WrapRecord
from troth.ledger.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWraps:
    """Add, read and destroy wraps; the row of a destroyed one stays, its bytes do not."""

    session: Session

    def add(self, wraps: Iterable[WrapRecord]) -> None:
        """Keep wraps."""
        with self.session.writing() as alias:
            KeyWrap.objects.using(alias).bulk_create(
                KeyWrap(
                    archive=w.archive,
                    member=w.member,
                    subject=w.subject,
                    wrapped=w.wrapped,
                    made_at=w.made_at,
                )
                for w in wraps
            )

    def read(self, *, archive: str = "", subject: str = "") -> tuple[WrapRecord, ...]:
        """Return the wraps of an archive, of a person, or all."""
        with self.session.reading() as alias:
            rows = KeyWrap.objects.using(alias).order_by("archive", "member")
            rows = rows.filter(archive=archive) if archive else rows
            rows = rows.filter(subject=subject) if subject else rows
            found = rows.values("archive", "member", "subject", "wrapped", "made_at", "destroyed_at")
            return tuple(
                WrapRecord(**{**row, "wrapped": bytes(row["wrapped"]) if row["wrapped"] else None})
                for row in found
            )

    def any(self) -> bool:
        """Tell whether there is any archive."""
        with self.session.reading() as alias:
            return bool(KeyWrap.objects.using(alias).exists())

    def destroy(self, archive: str, member: int, *, at: datetime) -> bool:
        """Overwrite a wrap with nothing; return whether this call did it."""
        with self.session.writing() as alias:
            rows = KeyWrap.objects.using(alias).filter(archive=archive, member=member, wrapped__isnull=False)
            return bool(rows.update(wrapped=None, destroyed_at=at))
