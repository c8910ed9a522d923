"""Answers given under idempotency keys: the same call gets the same answer, and has its effect once.

A call is claimed before it runs, and its answer is kept in the very transaction of its effect, by whoever still holds
the claim: of two at work on one key, the second to finish undoes all of its own. A claim that nobody finished can be
taken over after a while. Answers are sealed, for they may say something of a person, and go after a day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import IntegrityError, transaction

from troth.errors import Refused
from troth.ledger.models_desk import ApiCall
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=2)
"""How long a call may be at work before another one of the same key takes it over."""

Said = Literal["ours", "done", "busy", "other"]
"""What a claim comes to: `ours` to run, `done` before, `busy` elsewhere, or `other` call under the same key."""


class Overtaken(Refused):
    """Another call of the same key finished first; nothing of this one is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that came in under an idempotency key."""

    key: int
    idempotency: str
    """Digest of the idempotency key."""
    request: str
    """Digest of method, path and body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What came of a claim."""

    said: Said
    at: datetime | None = None
    """When it was made; names the claim. For `busy`: when whoever has it made it, where that is known."""
    status: int = 0
    answer: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCalls:
    """Claim calls, keep answers."""

    session: Session
    sealing: Sealing

    def claim(self, call: Call, *, at: datetime) -> Claim:
        """Claim a call, or say what became of it before."""
        with self.session.writing() as alias:
            ApiCall.objects.using(alias).filter(made_at__lt=at - KEPT).delete()
            try:
                with transaction.atomic(using=alias):
                    ApiCall.objects.using(alias).create(
                        key_id=call.key, idempotency=call.idempotency, request=call.request, made_at=at
                    )
                return Claim(said="ours", at=at)
            except IntegrityError:
                pass
            rows = ApiCall.objects.using(alias).filter(key_id=call.key, idempotency=call.idempotency)
            row = rows.values("request", "status", "sealed", "made_at").first()
            if row is None:  # let go between the two statements
                return Claim(said="busy")
            if row["request"] != call.request:
                return Claim(said="other")
            if row["status"] is not None:
                plain = self.sealing.open(bytes(row["sealed"]), place=_place(call))
                return Claim(said="done", status=row["status"], answer=plain)
            if abs(at - row["made_at"]) > LEASE and rows.filter(made_at=row["made_at"]).update(made_at=at):
                return Claim(said="ours", at=at)
            return Claim(said="busy", at=row["made_at"])

    def keep(self, call: Call, claim: Claim, status: int, answer: bytes) -> None:
        """Keep the answer; call it in the transaction of the effect.

        Raises:
            Overtaken: when the claim was taken over.
        """
        sealed = self.sealing.seal(answer, place=_place(call))
        with self.session.writing() as alias:
            if not self._claimed(alias, call, claim).update(status=status, sealed=sealed):
                raise Overtaken("Another call under the same idempotency key was quicker.")

    def let_go(self, call: Call, claim: Claim) -> None:
        """Forget a claim of which nothing came, so that the call can be made again."""
        with self.session.writing() as alias:
            self._claimed(alias, call, claim).delete()

    def _claimed(self, alias: str, call: Call, claim: Claim):  # type: ignore[no-untyped-def] # a Django query
        rows = ApiCall.objects.using(alias).filter(key_id=call.key, idempotency=call.idempotency)
        return rows.filter(status=None, made_at=claim.at)


def digest(*parts: bytes) -> str:
    """Return one digest over several parts, each counted, so that none runs into the next."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _place(call: Call) -> str:
    return f"apicall/{call.key}/{call.idempotency}"
