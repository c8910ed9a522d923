"""Rows of requests: opened, events added, read and listed; what they say of people sealed under keys of their own.

Meaning stands in `troth.cases`; here are rows. An event is added only by whoever saw all the earlier ones.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections

from troth.errors import Damaged, Refused
from troth.ledger.case_records import CaseRecord, EventRecord, NewCase, NewEvent, Standing
from troth.ledger.models_cases import Case, CaseEvent, CaseIdentity
from troth.ledger.sealing import NONCE, Sealing
from troth.ledger.session import Session

USE = "case"
SALT = 16
KEY_BITS = 256
PAGE = 500
COLUMNS = (
    "id",
    "kind",
    "whom",
    "role",
    "residence",
    "place",
    "child",
    "together_with",
    "laws",
    "state",
    "outcome",
    "events_kept",
    "received_at",
    "opened_at",
    "legal_due",
    "safe_due",
    "due_law",
    "own_target",
    "closed_at",
    "forgotten_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Open, add, read, list and forget."""

    session: Session
    sealing: Sealing

    def open(
        self,
        new: NewCase,
        contents: Mapping[str, object],
        identities: Collection[str],
        first: NewEvent,
        standing: Standing,
        *,
        at: datetime,
    ) -> int:
        """Keep a new request with its first event; return its id.

        Args:
            new: What it is.
            contents: What is sealed.
            identities: Identities in normal form, for other requests of the same person.
            first: The event `received`.
            standing: What the row says of it.
            at: The clock.
        """
        salt, key = secrets.token_bytes(SALT), AESGCM.generate_key(KEY_BITS)
        place = f"case/{salt.hex()}"
        fields = asdict(new) | asdict(standing) | {"laws": list(standing.laws)}
        together = fields.pop("together_with")
        with self.session.writing() as alias:
            row = Case.objects.using(alias).create(
                **fields,
                together_with_id=together,
                events_kept=0,
                received_at=first.at,
                opened_at=at,
                key=self.sealing.seal(key, place=place),
                salt=salt,
                sealed=_sealed((key, place), contents, 0),
            )
            digests = {self.sealing.digest(one, use=USE) for one in identities}
            CaseIdentity.objects.using(alias).bulk_create(
                CaseIdentity(case=row, digest=digest) for digest in sorted(digests)
            )
            self._event(alias, row.pk, 0, first, at, (key, place))
            return int(row.pk)

    def add(self, id: int, seen: int, new: NewEvent, standing: Standing, *, at: datetime) -> int:
        """Add an event to a request of which so many events were seen; return its number.

        Raises:
            Refused: when somebody added another one meanwhile.
        """
        with self.session.writing() as alias:
            rows = Case.objects.using(alias).filter(pk=id, events_kept=seen)
            fields = asdict(standing) | {"laws": list(standing.laws)}
            if not rows.update(**fields):
                raise Refused(
                    f"Somebody else did something to case:{id} meanwhile.",
                    hint=f"Look at it again with `troth request show {id}`, then repeat what is still right.",
                )
            opened = self._key(alias, id) if new.text is not None else None
            if new.text is not None and opened is None:
                raise Refused(f"What case:{id} says of a person was destroyed; nothing can be added to that.")
            return self._event(alias, id, seen, new, at, opened)

    def read(self, id: int) -> CaseRecord | None:
        """Return one request."""
        with self.session.reading() as alias:
            row = Case.objects.using(alias).filter(pk=id).values(*COLUMNS).first()
        return _record(row) if row else None

    def events(self, ids: Collection[int]) -> Iterator[EventRecord]:
        """Return the events of requests, by request and number."""
        with self.session.reading() as alias:
            rows = CaseEvent.objects.using(alias).filter(case_id__in=list(ids)).order_by("case_id", "number")
            found = list(
                rows.values_list(
                    "case_id", "number", "kind", "at", "offset", "recorded_at", "by_id", "body", "sealed"
                )
            )
        for case, number, kind, when, offset, recorded, by, body, sealed in found:
            yield EventRecord(
                case=case,
                number=number,
                kind=kind,
                at=when.astimezone(timezone(timedelta(minutes=offset))),
                recorded_at=recorded,
                by=by or 0,
                body=body,
                has_text=sealed is not None,
            )

    def listed(
        self, *, every: bool = False, kind: str = "", together_with: int | None = None
    ) -> tuple[CaseRecord, ...]:
        """List requests, the earliest safe day first; closed ones too where `every` asks for them."""
        with self.session.reading() as alias:
            rows = Case.objects.using(alias).order_by("safe_due", "pk")
            rows = rows if every else rows.exclude(state="closed")
            rows = rows.filter(kind=kind) if kind else rows
            rows = rows if together_with is None else rows.filter(together_with_id=together_with)
            return tuple(_record(row) for row in rows.values(*COLUMNS))

    def of(self, identities: Collection[str]) -> tuple[int, ...]:
        """Return the requests of whoever has some of these identities, oldest first."""
        digests = [d for one in identities for d in self.sealing.digests(one, use=USE)]
        found: set[int] = set()
        with self.session.reading() as alias:
            for start in range(0, len(digests), PAGE):
                rows = CaseIdentity.objects.using(alias).filter(digest__in=digests[start : start + PAGE])
                found |= set(rows.values_list("case_id", flat=True))
        return tuple(sorted(found))

    def akin(self, id: int) -> tuple[CaseRecord, ...]:
        """Return the other requests of the same person, oldest first: those that share an identity."""
        with self.session.reading() as alias:
            own = list(CaseIdentity.objects.using(alias).filter(case=id).values_list("digest", flat=True))
            shared = CaseIdentity.objects.using(alias).filter(digest__in=own).exclude(case=id)
            ids = set(shared.values_list("case_id", flat=True))
            rows = Case.objects.using(alias).filter(pk__in=ids).order_by("received_at", "pk")
            return tuple(_record(row) for row in rows.values(*COLUMNS))

    def identify(self, id: int, identities: Collection[str]) -> None:
        """Add identities by which the person of a request is known."""
        digests = {self.sealing.digest(one, use=USE) for one in identities}
        with self.session.writing() as alias:
            CaseIdentity.objects.using(alias).bulk_create(
                [CaseIdentity(case_id=id, digest=digest) for digest in sorted(digests)], ignore_conflicts=True
            )

    def contents(self, id: int) -> dict[str, Any] | None:
        """Return what is sealed of a request; None once it was destroyed.

        Raises:
            Damaged: when it cannot be opened.
        """
        with self.session.reading() as alias:
            opened = self._key(alias, id)
            row = Case.objects.using(alias).filter(pk=id).values("sealed").first()
        return _opened(opened, bytes(row["sealed"]), 0) if opened and row and row["sealed"] else None

    def text(self, id: int, number: int) -> dict[str, Any] | None:
        """Return what is sealed beside an event; None where there is nothing, or once it was destroyed."""
        with self.session.reading() as alias:
            opened = self._key(alias, id)
            row = CaseEvent.objects.using(alias).filter(case_id=id, number=number).values("sealed").first()
        return _opened(opened, bytes(row["sealed"]), number) if opened and row and row["sealed"] else None

    def standing(self, id: int, standing: Standing) -> None:
        """Write down anew what the events of a request add up to."""
        with self.session.writing() as alias:
            fields = asdict(standing) | {"laws": list(standing.laws)}
            Case.objects.using(alias).filter(pk=id).update(**fields)

    def restand(self, standings: Mapping[int, Standing]) -> None:
        """Write down anew what the events of many requests add up to.

        One statement a row, prepared once: Django's own bulk update, one huge statement, is many times slower.
        """
        names = ("legal_due", "safe_due", "due_law", "own_target", "state", "outcome")
        with self.session.writing() as alias:
            connection = connections[alias]
            quote = connection.ops.quote_name
            fields = [field for field in Case._meta.concrete_fields if field.name in names]
            changed = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
            rows = [
                (*(field.get_db_prep_save(getattr(one, field.name), connection) for field in fields), id)
                for id, one in standings.items()
            ]
            with connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {quote(Case._meta.db_table)} SET {changed} WHERE id = %s", rows)

    def forget(self, ids: Sequence[int], *, at: datetime) -> int:
        """Destroy what requests say of people; return how many had something left."""
        with self.session.writing() as alias:
            rows = Case.objects.using(alias).filter(pk__in=list(ids), key__isnull=False)
            known = list(rows.values_list("pk", flat=True))
            CaseEvent.objects.using(alias).filter(case_id__in=known).update(sealed=None)
            CaseIdentity.objects.using(alias).filter(case_id__in=known).delete()
            return int(
                Case.objects.using(alias).filter(pk__in=known).update(key=None, sealed=None, forgotten_at=at)
            )

    def _event(
        self, alias: str, id: int, seen: int, new: NewEvent, at: datetime, opened: tuple[bytes, str] | None
    ) -> int:
        number = seen + 1
        offset = new.at.utcoffset() or timedelta()
        CaseEvent.objects.using(alias).create(
            case_id=id,
            number=number,
            kind=new.kind,
            at=new.at.astimezone(UTC),
            offset=int(offset.total_seconds() // 60),
            recorded_at=at,
            by_id=new.by or None,
            body=dict(new.body),
            sealed=_sealed(opened, new.text, number) if opened and new.text is not None else None,
        )
        Case.objects.using(alias).filter(pk=id).update(events_kept=number)
        return number

    def _key(self, alias: str, id: int) -> tuple[bytes, str] | None:
        row = Case.objects.using(alias).filter(pk=id).values("key", "salt").first()
        if row is None or row["key"] is None:
            return None
        place = f"case/{bytes(row['salt']).hex()}"
        return self.sealing.open(bytes(row["key"]), place=place), place


def _record(row: dict[str, Any]) -> CaseRecord:
    return CaseRecord(**(row | {"laws": tuple(row["laws"])}))


def _sealed(opened: tuple[bytes, str], content: Mapping[str, object], number: int) -> bytes:
    """Seal what an event says, bound to its case and its number; 0 is the case itself."""
    key, place = opened
    nonce = secrets.token_bytes(NONCE)
    # Halves of pairs stand for bytes nobody could read; nothing may be lost for them.
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True).encode(errors="replace")
    return nonce + AESGCM(key).encrypt(nonce, plain, f"{place}/{number}".encode())


def _opened(opened: tuple[bytes, str], sealed: bytes, number: int) -> dict[str, Any]:
    key, place = opened
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], f"{place}/{number}".encode())
    except (InvalidTag, ValueError):
        raise Damaged("A sealed part of a request cannot be opened: it was changed.") from None
    found: dict[str, Any] = json.loads(plain)
    return found
