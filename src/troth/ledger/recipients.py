"""Recipients entered by command: organisations in clear, contacts sealed; ended, never deleted.

Standing recipients are declared in the project's files; here are those that come up in the course of work, such as
an authority or a buyer. `troth.sharing` joins both.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from troth.ledger.models_sharing import Recipient
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

SALT = 16
COLUMNS = ("id", "name", "role", "sort", "categories", "purposes", "country", "since", "until", "ended_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecipient:
    """A recipient before it has an id."""

    name: str
    role: str
    sort: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    country: str
    contact: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRecord:
    """A recipient as it is kept."""

    id: int
    name: str
    role: str
    sort: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    country: str
    contact: str
    since: date | None
    until: date | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Add, end and read."""

    session: Session
    sealing: Sealing

    def add(self, new: NewRecipient, *, at: datetime, by: int) -> int:
        """Keep a recipient; return its id."""
        salt = secrets.token_bytes(SALT)
        sealed = self.sealing.seal(new.contact.encode(), place=_place(salt)) if new.contact else None
        with self.session.writing() as alias:
            row = Recipient.objects.using(alias).create(
                name=new.name,
                role=new.role,
                sort=new.sort,
                categories=list(new.categories),
                purposes=list(new.purposes),
                country=new.country,
                contact=sealed,
                salt=salt,
                since=new.since,
                until=new.until,
                added_at=at,
                added_by_id=by,
            )
            return int(row.pk)

    def end(self, id: int, *, until: date, at: datetime, by: int) -> bool:
        """End a recipient after a day; return whether this call did it."""
        with self.session.writing() as alias:
            rows = Recipient.objects.using(alias).filter(pk=id, ended_at__isnull=True)
            return bool(rows.update(until=until, ended_at=at, ended_by_id=by))

    def read(self) -> tuple[RecipientRecord, ...]:
        """Return all of them, oldest first."""
        with self.session.reading() as alias:
            rows = list(Recipient.objects.using(alias).order_by("pk").values(*COLUMNS, "contact", "salt"))
        return tuple(self._record(row) for row in rows)

    def _record(self, row: dict[str, object]) -> RecipientRecord:
        contact, salt = row.pop("contact"), bytes(row.pop("salt"))  # type: ignore[call-overload]  # rows are untyped
        opened = self.sealing.open(bytes(contact), place=_place(salt)) if contact else b""  # type: ignore[call-overload]  # as above
        for name in ("categories", "purposes"):
            row[name] = tuple(row[name])  # type: ignore[arg-type]  # as above
        return RecipientRecord(contact=opened.decode(), **row)  # type: ignore[arg-type]  # as above


def _place(salt: bytes) -> str:
    return f"recipient/{salt.hex()}"
