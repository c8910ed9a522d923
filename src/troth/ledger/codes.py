"""One-time codes: kept as a keyed digest bound to their case, with an end and a count of wrong guesses.

A guess is counted in one statement before it is compared, so that guesses made at the same moment all count. Making
the code and sending it is the business of `app.proving.identity`.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import F

from troth.ledger.models_sharing import Code
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

USE = "code"
SALT = 16
MOST_TRIES = 5
SKEW = timedelta(minutes=5)
"""By which the clock may go back after a code was made; one that is younger than that by the clock has run out."""

Said = Literal["right", "wrong", "dead", "expired", "none"]
"""What a guess comes to: `dead` when it was the last one, or all were used up before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a guess came to."""

    said: Said
    left: int = 0
    """Guesses that are left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Keep codes, and compare guesses with them."""

    session: Session
    sealing: Sealing

    def keep(self, code: str, *, case: int, at: datetime, expires: datetime) -> None:
        """Keep a code for a case; one that was open is replaced."""
        salt = secrets.token_bytes(SALT)
        with self.session.writing() as alias:
            Code.objects.using(alias).filter(case=case, state="open").update(state="replaced")
            Code.objects.using(alias).create(
                case=case,
                salt=salt,
                digest=self.sealing.digest(_said(code, case, salt), use=USE),
                made_at=at,
                expires_at=expires,
                state="open",
            )

    def waiting(self, case: int, *, at: datetime) -> bool:
        """Tell whether a code of the case can still be given."""
        with self.session.reading() as alias:
            rows = Code.objects.using(alias).filter(case=case, state="open", expires_at__gte=at)
            return bool(rows.filter(tries__lt=MOST_TRIES).exists())

    def guess(self, given: str, *, case: int, at: datetime) -> Guess:
        """Compare what somebody gave with the open code of a case; a right one is used up by it."""
        with self.session.writing() as alias:
            rows = Code.objects.using(alias).filter(case=case)
            named = ("pk", "salt", "digest", "made_at", "expires_at", "tries", "state")
            row = rows.order_by("-pk").values(*named).first()
            if row is None:
                return Guess(said="none")
            one = rows.filter(pk=row["pk"], state="open")
            good = row["made_at"] - SKEW <= at <= row["expires_at"]
            if row["state"] == "open" and not good:
                one.update(state="expired")
                return Guess(said="expired")
            if not one.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
                return Guess(said="expired" if row["state"] == "expired" else "dead")
            tries = int(rows.filter(pk=row["pk"]).values_list("tries", flat=True)[0])
            if self._same(given, row["digest"], case, bytes(row["salt"])):
                one.update(state="used")
                return Guess(said="right")
            if tries >= MOST_TRIES:
                one.update(state="dead")
                return Guess(said="dead")
            return Guess(said="wrong", left=MOST_TRIES - tries)

    def close(self, case: int) -> None:
        """Let no code of a case be given any more."""
        with self.session.writing() as alias:
            Code.objects.using(alias).filter(case=case, state="open").update(state="replaced")

    def _same(self, given: str, digest: str, case: int, salt: bytes) -> bool:
        """Compare in constant time, with the digests of every secret there was."""
        found = [
            hmac.compare_digest(one, digest)
            for one in self.sealing.digests(_said(given, case, salt), use=USE)
        ]
        return any(found)


def _said(code: str, case: int, salt: bytes) -> str:
    return f"{case}\0{salt.hex()}\0{code}"
