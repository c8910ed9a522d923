"""Addresses that open one request to whoever holds them: made, found, used up, ended; known by digest only.

The secret part is 256 random bits, so that its plain SHA-256 tells nothing of it. A `ticket` is
the mark of a form that was sent: the same form sent twice opens one request.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from troth.ledger.models_desk import Link
from troth.ledger.session import Session

Use = Literal["status", "download", "ticket"]
USES: tuple[Use, ...] = get_args(Use)
BYTES = 32
LONGEST = 64
"""Signs of a secret part that is looked for at all."""
SKEW = timedelta(minutes=5)
"""By which the clock may go back after a link was made that hands something out; else it would live again."""
COLUMNS = ("id", "use", "case", "made_at", "expires_at", "used_at", "ended_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRecord:
    """A link, without its secret part."""

    id: int
    use: str
    case: int
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None

    def opens(self, at: datetime) -> bool:
        """Tell whether it opens its request at an instant."""
        early = self.use == "download" and at < self.made_at - SKEW
        return self.ended_at is None and at < self.expires_at and not early


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Make links, and find what they open."""

    session: Session

    def make(self, use: Use, case: int, *, at: datetime, until: datetime, secret: str = "") -> str:
        """Keep a link and return its secret part, which stands nowhere else.

        Args:
            use: What it opens.
            case: The request.
            at: The clock.
            until: When it stops.
            secret: The secret part where somebody else made it, as that of a form; a new one by default.
        """
        made = secret or secrets.token_urlsafe(BYTES)
        with self.session.writing() as alias:
            Link.objects.using(alias).create(
                digest=digest(made), use=use, case=case, made_at=at, expires_at=until
            )
        return made

    def find(self, use: Use, secret: str) -> LinkRecord | None:
        """Return the link with that secret part, whether or not it still opens anything."""
        if not 0 < len(secret) <= LONGEST:
            return None
        with self.session.reading() as alias:
            rows = Link.objects.using(alias).filter(digest=digest(secret), use=use)
            row = rows.values(*COLUMNS).first()
        return LinkRecord(**row) if row else None

    def made(self, case: int, use: Use, *, since: datetime) -> int:
        """Count the links that were made of a request for a use since an instant."""
        with self.session.reading() as alias:
            rows = Link.objects.using(alias).filter(case=case, use=use, made_at__gte=since)
            return int(rows.count())

    def use_up(self, id: int, *, at: datetime) -> bool:
        """End a link by using it; return whether this call did, so that it is used once."""
        with self.session.writing() as alias:
            rows = Link.objects.using(alias).filter(pk=id, ended_at__isnull=True, expires_at__gt=at)
            return bool(rows.filter(made_at__lte=at + SKEW).update(used_at=at, ended_at=at))

    def end(self, case: int, use: Use, *, at: datetime) -> int:
        """End every link of a request for a use; return how many."""
        with self.session.writing() as alias:
            rows = Link.objects.using(alias).filter(case=case, use=use, ended_at__isnull=True)
            return int(rows.update(ended_at=at))

    def forget(self, before: datetime) -> int:
        """Delete links that stopped before an instant: their digests are of no more use."""
        with self.session.writing() as alias:
            return int(Link.objects.using(alias).filter(expires_at__lt=before).delete()[0])


def digest(secret: str) -> str:
    """Return what the table knows a link by."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
