"""Choices of people in their smallest form: what, how decided, when, by keyed digests bound to what was chosen.

Append-only: a later choice takes the place of an earlier one and removes nothing. Digests outlive erasure, so that
somebody who opted out is still known as such when a supplier hands in their address again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from troth.ledger.batches import batches
from troth.ledger.models_sharing import Choice, ChoosingIdentity
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session
from troth.people.typed import Identity

USE = "choice"
PAGE = 500
COLUMNS = ("id", "what", "decision", "at", "recorded_at", "how", "case")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChoice:
    """A choice before it has an id."""

    what: str
    decision: str
    at: datetime
    how: str
    case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRecord:
    """One choice."""

    id: int
    what: str
    decision: str
    at: datetime
    recorded_at: datetime
    how: str
    case: int | None

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"choice:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Append and ask."""

    session: Session
    sealing: Sealing

    def add(
        self, new: NewChoice, identities: Collection[Identity], *, recorded_at: datetime, by: int | None
    ) -> ChoiceRecord:
        """Keep a choice of somebody with these identities."""
        digests = {self.sealing.digest(_said(one, new.what), use=USE) for one in identities}
        with self.session.writing() as alias:
            row = Choice.objects.using(alias).create(
                what=new.what,
                decision=new.decision,
                at=new.at,
                recorded_at=recorded_at,
                how=new.how,
                by_id=by,
                case=new.case,
            )
            for some in batches(sorted(digests), PAGE):
                ChoosingIdentity.objects.using(alias).bulk_create(
                    ChoosingIdentity(choice=row, digest=bytes.fromhex(digest)) for digest in some
                )
            return ChoiceRecord(
                id=int(row.pk),
                what=new.what,
                decision=new.decision,
                at=new.at,
                recorded_at=recorded_at,
                how=new.how,
                case=new.case,
            )

    def of(
        self, identities: Collection[Identity], what: str, *, until: datetime | None = None
    ) -> dict[Identity, tuple[ChoiceRecord, ...]]:
        """Return every choice about one thing for each identity that has one, oldest first."""
        known: dict[bytes, Identity] = {}
        for one in identities:
            digests = self.sealing.digests(_said(one, what), use=USE)
            known |= dict.fromkeys(map(bytes.fromhex, digests), one)
        found: dict[Identity, list[ChoiceRecord]] = {}
        with self.session.reading() as alias:
            for page in batches(known, PAGE):
                rows = ChoosingIdentity.objects.using(alias).filter(digest__in=page, choice__what=what)
                rows = rows.filter(choice__at__lte=until) if until else rows
                columns = [f"choice__{name}" for name in COLUMNS]
                for digest, *values in rows.order_by("choice__at", "choice_id").values_list(
                    "digest", *columns
                ):
                    record = ChoiceRecord(**dict(zip(COLUMNS, values, strict=True)))
                    found.setdefault(known[bytes(digest)], []).append(record)
        return {one: tuple(sorted(r, key=lambda row: (row.at, row.id))) for one, r in found.items()}

    def things(self) -> tuple[str, ...]:
        """Return everything that somebody ever made a choice about."""
        with self.session.reading() as alias:
            return tuple(
                Choice.objects.using(alias).order_by("what").values_list("what", flat=True).distinct()
            )


def _said(one: Identity, what: str) -> str:
    return f"{what}\0{one.match}\0{one.value}"
