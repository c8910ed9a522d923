"""The outbox: letters kept sealed until they are sent, printed or given up, and what came of each.

A letter is put in within the same transaction as the event it belongs to; sending is somebody else's work, apart
from it. Each change of state is written with its evidence entry. A letter on its way is claimed for a while: whoever
died with it in hand loses it to the next, and it is marked as possibly going twice.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.ledger.models_outbox import OutboxLetter
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session
from troth.problems import BadInput, Problem

Channel = Literal["mail", "post"]
Outcome = Literal["sent", "bounced", "failed"]

KEY_BITS = 256
NONCE = 12
TOKEN = 16
"""Random bytes in a Message-ID."""
ENDED = ("sent", "bounced", "failed", "cancelled", "printed")
_MAIL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,253}")
COLUMNS = (
    *("id", "case", "kind", "channel", "state", "attempts", "next_at", "until", "code", "reason", "again"),
    *("created_at", "ended_at", "forgotten_at"),
)


class Content(Protocol):
    """What can be kept: `letters.model.Letter`."""

    def encode(self) -> bytes:
        """Return it as bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter before it has an id."""

    kind: str
    channel: Channel
    to: str
    """One mail address, or a postal address line by line."""
    letter: Content
    case: int | None = None
    until: datetime | None = None
    """From when on it is of no use and must not go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRecord:
    """What may be known of a letter without opening it."""

    id: int
    case: int | None
    kind: str
    channel: Channel
    state: str
    attempts: int
    next_at: datetime
    until: datetime | None
    code: int | None
    reason: str
    again: bool
    created_at: datetime
    ended_at: datetime | None
    forgotten_at: datetime | None

    @property
    def reference(self) -> str:
        """Write the id as evidence has it."""
        return f"letter:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The content of a letter."""

    to: str
    token: str
    """What its Message-ID is made from, the same at every attempt."""
    letter: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Put letters in, hand them out for sending, and write down what came of them."""

    session: Session
    sealing: Sealing
    append: Callable[[Entry], int]
    """Appends to the evidence log."""

    def put(self, new: NewLetter, *, at: datetime, by: int) -> int:
        """Keep a letter sealed until it is sent or printed; return its id.

        Call it within the `writing` block of the event it belongs to.

        Raises:
            BadInput: when it is to go by mail and the address is not one mail address.
        """
        to = _address(new)
        key, nonce, token = (
            AESGCM.generate_key(KEY_BITS),
            secrets.token_bytes(NONCE),
            secrets.token_hex(TOKEN),
        )
        message = token_digest(token)
        content = json.dumps({"to": to, "token": token, "letter": new.letter.encode().decode()})
        with self.session.writing() as alias:
            row = OutboxLetter.objects.using(alias).create(
                case=new.case,
                kind=new.kind,
                channel=new.channel,
                state="waiting",
                key=self.sealing.seal(key, place=_place(message)),
                sealed=nonce + AESGCM(key).encrypt(nonce, content.encode(), message.encode()),
                message=message,
                next_at=at,
                until=new.until,
                created_at=at,
                created_by_id=by,
            )
            body = {"kind": new.kind, "channel": new.channel, "by": f"staff:{by}"}
            self._say("letter.queued", int(row.pk), new.case, at, body)
            return int(row.pk)

    def read(self, id: int) -> LetterRecord:
        """Return one letter, unopened.

        Raises:
            BadInput: when there is none of that id.
        """
        with self.session.reading() as alias:
            row = OutboxLetter.objects.using(alias).filter(pk=id).values(*COLUMNS).first()
        if row is None:
            hint = "`troth outbox list --all` shows them."
            problem = Problem(
                code="unknown-name", message=f"There is no letter {id}.", found=str(id), hint=hint
            )
            raise BadInput([problem])
        return LetterRecord(**row)

    def listed(
        self,
        *,
        every: bool = False,
        case: int | None = None,
        start: int = 0,
        limit: int | None = None,
    ) -> tuple[LetterRecord, ...]:
        """List letters, oldest first: those that somebody must see to (not yet gone, or come back), or all."""
        with self.session.reading() as alias:
            rows = OutboxLetter.objects.using(alias).order_by("pk")
            rows = rows if every else rows.exclude(state__in=("sent", "printed", "cancelled"))
            rows = rows if case is None else rows.filter(case=case)
            rows = rows[start:] if limit is None else rows[start : start + limit]
            return tuple(LetterRecord(**row) for row in rows.values(*COLUMNS))

    def due(self, at: datetime, *, limit: int) -> tuple[LetterRecord, ...]:
        """Return mails that may be tried now, those that waited longest first."""
        with self.session.reading() as alias:
            rows = OutboxLetter.objects.using(alias).filter(channel="mail", next_at__lte=at)
            rows = rows.filter(state__in=("waiting", "sending")).order_by("next_at", "pk")
            return tuple(LetterRecord(**row) for row in rows.values(*COLUMNS)[:limit])

    def claim(self, seen: LetterRecord, *, lease: datetime) -> LetterRecord | None:
        """Take a mail in hand until the lease ends; nothing when somebody else took it first.

        One that was in somebody's hand before is marked: it may have gone already.
        """
        again = seen.again or seen.state == "sending"
        with self.session.writing() as alias:
            rows = OutboxLetter.objects.using(alias).filter(
                pk=seen.id, state=seen.state, attempts=seen.attempts
            )
            new = {"state": "sending", "attempts": seen.attempts + 1, "next_at": lease, "again": again}
            if not rows.update(**new):
                return None
        return self.read(seen.id)

    def open(self, id: int) -> Opened:
        """Return the content of a letter.

        Raises:
            Refused: when it was forgotten.
            Damaged: when it cannot be opened.
        """
        with self.session.reading() as alias:
            row = OutboxLetter.objects.using(alias).filter(pk=id).values("key", "sealed", "message").first()
        if row is None or row["key"] is None or row["sealed"] is None:
            raise Refused(
                f"The content of letter {id} was destroyed, as it is some time after a letter has gone.",
                hint="Write the letter again if it is still needed.",
            )
        key = self.sealing.open(bytes(row["key"]), place=_place(row["message"]))
        sealed = bytes(row["sealed"])
        content = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], row["message"].encode())
        fields = json.loads(content)
        return Opened(to=fields["to"], token=fields["token"], letter=fields["letter"].encode())

    def put_back(
        self, claimed: LetterRecord, *, next_at: datetime, code: int | None, reason: str, again: bool = False
    ) -> None:
        """Let a claimed mail wait for its next attempt; `again` where nobody knows whether this one went."""
        with self.session.writing() as alias:
            rows = _claimed(alias, claimed)
            rows.update(
                state="waiting", next_at=next_at, code=code, reason=reason, again=claimed.again or again
            )

    def end(
        self,
        claimed: LetterRecord,
        outcome: Outcome,
        *,
        at: datetime,
        code: int | None = None,
        reason: str = "",
    ) -> bool:
        """Write down what became of a claimed mail; return whether it was still ours to say."""
        said: dict[str, object] = {"code": code} if code else {}
        said |= {"reason": reason} if reason else {}
        with self.session.writing() as alias:
            if not _claimed(alias, claimed).update(
                state=outcome, code=code, reason=reason, ended_at=at, next_at=at
            ):
                return False
            if outcome == "sent":
                said = {"attempts": claimed.attempts, "again": claimed.again}
            self._say(f"letter.{outcome}", claimed.id, claimed.case, at, said)
        return True

    def returned(self, message: str, *, code: int | None, at: datetime, by: int) -> LetterRecord | None:
        """Mark the mail with that token digest as come back; nothing when there is none of it."""
        with self.session.writing() as alias:
            row = OutboxLetter.objects.using(alias).filter(message=message).values(*COLUMNS).first()
            if row is None:
                return None
            seen = LetterRecord(**row)
            rows = OutboxLetter.objects.using(alias).filter(pk=seen.id).exclude(state="bounced")
            if rows.update(state="bounced", code=code, reason="returned", ended_at=at):
                said: dict[str, object] = {"reason": "returned", "by": f"staff:{by}"}
                said |= {"code": code} if code else {}
                self._say("letter.bounced", seen.id, seen.case, at, said)
        return self.read(seen.id)

    def sent_as(self, message: str) -> LetterRecord | None:
        """Return the letter whose Message-ID has that token digest; nothing when it is none of this ledger."""
        with self.session.reading() as alias:
            row = OutboxLetter.objects.using(alias).filter(message=message).values(*COLUMNS).first()
        return LetterRecord(**row) if row else None

    def printed(self, id: int, *, at: datetime, by: int) -> None:
        """Write down that a letter was printed for the post."""
        seen = self.read(id)
        with self.session.writing() as alias:
            OutboxLetter.objects.using(alias).filter(pk=id).update(state="printed", ended_at=at, next_at=at)
            self._say("letter.printed", id, seen.case, at, {"by": f"staff:{by}"})

    def cancel(self, id: int, *, at: datetime, by: int) -> bool:
        """Take back a letter that waits; return whether it still did."""
        seen = self.read(id)
        with self.session.writing() as alias:
            rows = OutboxLetter.objects.using(alias).filter(pk=id, state="waiting")
            if not rows.update(state="cancelled", ended_at=at, next_at=at):
                return False
            self._say("letter.cancelled", id, seen.case, at, {"by": f"staff:{by}"})
        return True

    def forget(self, before: datetime, *, at: datetime) -> int:
        """Destroy the content of letters whose way ended before an instant; return how many."""
        with self.session.writing() as alias:
            rows = OutboxLetter.objects.using(alias).filter(state__in=ENDED, ended_at__lt=before)
            count = int(rows.filter(key__isnull=False).update(key=None, sealed=None, forgotten_at=at))
            if count:
                self.append(Entry(kind="letter.forgotten", at=at, body={"letters": count}))
        return count

    def _say(self, kind: str, id: int, case: int | None, at: datetime, said: Mapping[str, object]) -> None:
        about: dict[str, object] = {"letter": f"letter:{id}"}
        about |= {"case": f"case:{case}"} if case else {}
        self.append(Entry(kind=kind, at=at, body={**about, **said}))


def token_digest(token: str) -> str:
    """Return what the table knows a Message-ID's token by."""
    return hashlib.sha256(token.encode()).hexdigest()


def _claimed(alias: str, claimed: LetterRecord):  # type: ignore[no-untyped-def] # a Django query
    return OutboxLetter.objects.using(alias).filter(pk=claimed.id, state="sending", attempts=claimed.attempts)


def _place(message: str) -> str:
    return f"outbox/{message}"


def _address(new: NewLetter) -> str:
    """Return where it goes: a mail address is one address and nothing else, so that no header can be forged."""
    to = new.to.strip()
    if (new.channel == "mail" and not _MAIL.fullmatch(to)) or not to:
        problem = Problem(
            code="bad-value",
            message=f"The address of a letter is no {'mail' if new.channel == 'mail' else 'postal'} address.",
            valid=("name@example.org",) if new.channel == "mail" else (),
            hint="Correct the address; it is not shown here.",
        )
        raise BadInput([problem])
    return to
