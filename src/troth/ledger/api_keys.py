"""Keys of other systems: found by their prefix, known by the digest of the whole token, never by its secret.

A token has 256 random bits, so a plain SHA-256 of it tells nothing (no need for a slow digest, which guards short
passwords). Here are rows and comparisons; what a key may do, and evidence of it, is the work of `app.systems.keys`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from troth.ledger.models_desk import ApiKey
from troth.ledger.session import Session

PREFIX = 6
"""Random bytes of the part by which a key is found."""
SECRET = 32
"""Random bytes of the secret part: 256 bits."""
SEEN = timedelta(minutes=1)
"""How exactly it is known when a key was last used."""
_TOKEN = re.compile(r"troth_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = "0" * 64
COLUMNS = (
    *("id", "name", "prefix", "scopes", "staff_id", "made_at", "made_by_id"),
    *("expires_at", "ended_at", "last_used_at", "older_until"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What may be known of a key."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    staff: int
    """As whom it acts."""
    made_at: datetime
    made_by: int
    expires_at: datetime | None
    ended_at: datetime | None
    last_used_at: datetime | None
    older_until: datetime | None
    """Until when the token before is good, after a rotation."""

    @property
    def reference(self) -> str:
        """Write the id as evidence has it."""
        return f"apikey:{self.id}"

    def good(self, at: datetime) -> bool:
        """Tell whether it opens anything."""
        return self.ended_at is None and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key before it has an id."""

    name: str
    scopes: Sequence[str]
    staff: int
    by: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeys:
    """Keep keys, and recognise tokens."""

    session: Session

    def add(self, new: NewKey, *, at: datetime) -> tuple[KeyRecord, str] | None:
        """Keep a new key; return it with its token, which is kept nowhere. Nothing where the name was ever used."""
        prefix, token = _token()
        with self.session.writing() as alias:
            if ApiKey.objects.using(alias).filter(name=new.name).exists():
                return None
            row = ApiKey.objects.using(alias).create(
                name=new.name,
                prefix=prefix,
                digest=_digest(token),
                scopes=list(new.scopes),
                staff_id=new.staff,
                made_at=at,
                made_by_id=new.by,
                expires_at=new.expires_at,
            )
            return self._read(alias, pk=row.pk), token

    def listed(self) -> tuple[KeyRecord, ...]:
        """List every key there was, oldest first."""
        with self.session.reading() as alias:
            rows = ApiKey.objects.using(alias).order_by("pk").values(*COLUMNS)
            return tuple(_record(row) for row in rows)

    def named(self, name: str) -> KeyRecord | None:
        """Return the key of that name."""
        with self.session.reading() as alias:
            row = ApiKey.objects.using(alias).filter(name=name).values(*COLUMNS).first()
        return _record(row) if row else None

    def of(self, token: str, *, at: datetime) -> KeyRecord | None:
        """Return the key a token belongs to; nothing for one that is unknown, ended, expired or rotated out.

        What is compared takes as long for a token nobody knows as for one that is right.
        """
        shape = _TOKEN.fullmatch(token)
        prefix = shape[1] if shape else "-"
        with self.session.reading() as alias:
            rows = ApiKey.objects.using(alias).filter(Q(prefix=prefix) | Q(older_prefix=prefix))
            row = rows.values(*COLUMNS, "digest", "older_prefix", "older_digest").first()
        own = row is not None and row["prefix"] == prefix
        kept = _NOBODY if row is None else row["digest"] if own else row["older_digest"]
        same = hmac.compare_digest(_digest(token), kept or _NOBODY)
        if row is None or not same:
            return None
        found = _record({name: row[name] for name in COLUMNS})
        late = not own and (found.older_until is None or at >= found.older_until)
        return found if found.good(at) and not late else None

    def used(self, id: int, *, at: datetime) -> None:
        """Write down that a key was used; at most once a minute."""
        with self.session.writing() as alias:
            rows = ApiKey.objects.using(alias).filter(pk=id)
            rows.filter(Q(last_used_at=None) | Q(last_used_at__lte=at - SEEN)).update(last_used_at=at)

    def rotate(self, name: str, *, older_until: datetime) -> tuple[KeyRecord, str] | None:
        """Give a key a new token; the one before is good until then. Nothing where it has ended."""
        prefix, token = _token()
        with self.session.writing() as alias:
            rows = ApiKey.objects.using(alias).filter(name=name, ended_at=None)
            row = rows.values("pk", "prefix", "digest").first()
            if row is None:
                return None
            rows.update(
                prefix=prefix,
                digest=_digest(token),
                older_prefix=row["prefix"],
                older_digest=row["digest"],
                older_until=older_until,
            )
            return self._read(alias, pk=row["pk"]), token

    def end(self, name: str, *, at: datetime) -> KeyRecord | None:
        """Let a key open nothing any more; nothing where it had ended already."""
        with self.session.writing() as alias:
            rows = ApiKey.objects.using(alias).filter(name=name, ended_at=None)
            if not rows.update(ended_at=at, older_prefix="", older_digest="", older_until=None):
                return None
            return self._read(alias, name=name)

    def _read(self, alias: str, **which: Any) -> KeyRecord:
        return _record(ApiKey.objects.using(alias).values(*COLUMNS).get(**which))


def _token() -> tuple[str, str]:
    prefix = secrets.token_hex(PREFIX)
    return prefix, f"troth_{prefix}_{secrets.token_urlsafe(SECRET)}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _record(row: dict[str, Any]) -> KeyRecord:
    fields = {name.removesuffix("_id"): value for name, value in row.items()}
    return KeyRecord(**(fields | {"scopes": tuple(fields["scopes"])}))
