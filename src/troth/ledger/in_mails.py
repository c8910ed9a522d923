"""Messages from mailboxes: kept sealed until a person has settled them, then destroyed after a while.

A message is known by a keyed digest, so that the same one read twice is kept once. Lists say what a message was
sorted as, and why in one word; never who wrote it or what. Sorting is somebody else's work.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from troth.errors import Damaged, Refused
from troth.ledger.models_desk import InMail
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session
from troth.problems import BadInput, Problem

State = Literal["waiting", "request", "notice", "answer", "dismissed"]
OPEN: tuple[State, ...] = ("waiting", "answer")
"""What a person must still look at."""
USE = "in-mail"
KEY_BITS = 256
NONCE = 12
COLUMNS = (
    *("id", "mailbox", "state", "why", "case", "size", "received_at"),
    *("seen_by_id", "ended_at", "forgotten"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """A message before it has an id."""

    content: bytes
    digest: str
    """As `InMails.digest` gives it."""
    mailbox: str
    state: State
    why: str
    case: int | None
    size: int
    """Bytes of the whole message; `content` may be its beginning only."""
    received: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecord:
    """What may be known of a message without opening it."""

    id: int
    mailbox: str
    state: State
    why: str
    case: int | None
    size: int
    received_at: datetime
    seen_by: int | None
    """Staff id of who settled it."""
    ended_at: datetime | None
    forgotten: bool

    @property
    def reference(self) -> str:
        """Write the id as evidence has it."""
        return f"mail:{self.id}"

    @property
    def is_open(self) -> bool:
        """Tell whether a person must still look at it."""
        return self.state in OPEN and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class InMails:
    """Keep, list, open, settle and destroy messages that came in."""

    session: Session
    sealing: Sealing

    def digest(self, fingerprint: str) -> str:
        """Return what a message of this fingerprint (SHA-256 of its bytes) is known by."""
        return self.sealing.digest(fingerprint, use=USE)

    def known(self, fingerprints: Collection[str]) -> frozenset[str]:
        """Return those fingerprints whose messages were kept before, whatever became of them."""
        under = {d: one for one in fingerprints for d in self.sealing.digests(one, use=USE)}
        with self.session.reading() as alias:
            rows = InMail.objects.using(alias).filter(digest__in=list(under))
            return frozenset(under[digest] for digest in rows.values_list("digest", flat=True))

    def keep(self, new: Sequence[NewMail], *, at: datetime) -> None:
        """Keep messages, each sealed under a key of its own.

        Those that need nobody end at once. One that another process kept meanwhile is passed over.
        """
        with self.session.writing() as alias:
            rows = [self._row(one, at) for one in new]
            InMail.objects.using(alias).bulk_create(rows, ignore_conflicts=True)

    def read(self, id: int) -> MailRecord:
        """Return one message, unopened.

        Raises:
            BadInput: when there is none of that id.
        """
        found = self._records(pk=id)
        if not found:
            problem = Problem(
                code="unknown-name",
                message=f"There is no message {id}.",
                found=str(id),
                hint="`troth mailbox list --all` shows them.",
            )
            raise BadInput([problem])
        return found[0]

    def listed(
        self, *, every: bool = False, case: int | None = None, start: int = 0, limit: int | None = None
    ) -> tuple[MailRecord, ...]:
        """List messages, oldest first: those a person must look at, or all of them."""
        which: dict[str, object] = {} if every else {"state__in": OPEN, "ended_at__isnull": True}
        if case is not None:
            which["case"] = case
        return self._records(start, limit, **which)

    def counts(self) -> Mapping[str, int]:
        """Return how many messages are in each state; those a person must look at stand under `open`."""
        with self.session.reading() as alias:
            rows = InMail.objects.using(alias)
            found = {
                str(row["state"]): int(row["n"])
                for row in rows.values("state").order_by("state").annotate(n=Count("pk"))
            }
            return {**found, "open": rows.filter(state__in=OPEN, ended_at__isnull=True).count()}

    def open(self, id: int) -> bytes:
        """Return a message as it came in, or its beginning where it was too large.

        Raises:
            Refused: when it was destroyed.
            Damaged: when it cannot be opened.
        """
        with self.session.reading() as alias:
            row = InMail.objects.using(alias).filter(pk=id).values("key", "sealed", "digest").first()
        if row is None or row["key"] is None or row["sealed"] is None:
            raise Refused(
                f"What message {id} said was destroyed, as it is some time after it was settled.",
                hint="Ask whoever wrote it to write again, if it is still needed.",
            )
        key = self.sealing.open(bytes(row["key"]), place=_place(row["digest"]))
        sealed = bytes(row["sealed"])
        with contextlib.suppress(InvalidTag, ValueError):
            return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], row["digest"].encode())
        raise Damaged(f"Message {id} cannot be opened: it was changed.")

    def settle(
        self, seen: MailRecord, state: State, *, why: str, case: int | None, at: datetime, by: int
    ) -> bool:
        """Write down what a person made of a message; return whether it was still as they saw it."""
        with self.session.writing() as alias:
            rows = InMail.objects.using(alias).filter(pk=seen.id, state=seen.state)
            rows = rows.filter(ended_at__isnull=seen.ended_at is None)
            new = {"state": state, "why": why, "case": case, "seen_by_id": by, "ended_at": at}
            return bool(rows.update(**new))

    def forget(self, before: datetime) -> int:
        """Destroy what messages said that were settled before an instant; return how many."""
        with self.session.writing() as alias:
            rows = InMail.objects.using(alias).filter(ended_at__lt=before, key__isnull=False)
            return int(rows.update(key=None, sealed=None))

    def _row(self, new: NewMail, at: datetime) -> InMail:
        key, nonce = AESGCM.generate_key(KEY_BITS), secrets.token_bytes(NONCE)
        return InMail(
            digest=new.digest,
            mailbox=new.mailbox[:100],
            state=new.state,
            why=new.why,
            case=new.case,
            key=self.sealing.seal(key, place=_place(new.digest)),
            sealed=nonce + AESGCM(key).encrypt(nonce, new.content, new.digest.encode()),
            size=new.size,
            received_at=new.received,
            ended_at=None if new.state in OPEN else at,
        )

    def _records(self, start: int = 0, limit: int | None = None, **which: object) -> tuple[MailRecord, ...]:
        gone = ExpressionWrapper(Q(key__isnull=True), output_field=BooleanField())
        with self.session.reading() as alias:
            rows = InMail.objects.using(alias).filter(**which).order_by("received_at", "pk")
            rows = rows.annotate(forgotten=gone).values(*COLUMNS)
            rows = rows[start:] if limit is None else rows[start : start + limit]
            return tuple(MailRecord(seen_by=row.pop("seen_by_id"), **row) for row in rows)


def _place(digest: str) -> str:
    return f"in-mail/{digest}"
