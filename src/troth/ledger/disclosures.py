"""The journal of disclosures and of uses that count as such: append-only, and asked by keyed digests of identities.

One entry may be about any number of people: digests are written in batches, so that neither memory nor the number
of statements grows with a person. Whose data it was cannot be read from it, only asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from troth.ledger.batches import batches
from troth.ledger.models_sharing import Disclosed, Disclosure
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session
from troth.people.typed import Identity

USE = "disclosure"
BATCH = 1_000
PAGE = 500
COLUMNS = (
    "id",
    "kind",
    "recipient",
    "role",
    "sort",
    "country",
    "datasets",
    "categories",
    "purpose",
    "at",
    "recorded_at",
    "people",
    "case",
    "untold",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisclosure:
    """An entry of the journal before it has an id."""

    kind: str
    recipient: str = ""
    role: str = ""
    sort: str = ""
    country: str = ""
    datasets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    purpose: str
    at: datetime
    case: int | None = None
    untold: str = ""
    """Why people must not be told, as a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRecord:
    """One entry of the journal."""

    id: int
    kind: str
    recipient: str
    role: str
    sort: str
    country: str
    datasets: tuple[str, ...]
    categories: tuple[str, ...]
    purpose: str
    at: datetime
    recorded_at: datetime
    people: int
    case: int | None
    untold: str

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"disclosure:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosures:
    """Append to the journal and ask it."""

    session: Session
    sealing: Sealing

    def digest(self, one: Identity) -> bytes:
        """Return the keyed digest an identity is known by in the journal."""
        return bytes.fromhex(self.sealing.digest(_said(one), use=USE))

    def add(
        self, new: NewDisclosure, digests: Iterable[bytes], *, recorded_at: datetime, by: int | None
    ) -> tuple[DisclosureRecord, str]:
        """Append an entry; return it with a hash over whom it is about, bound to its id.

        The same digest twice counts once.
        """
        with self.session.writing() as alias:
            row = Disclosure.objects.using(alias).create(
                kind=new.kind,
                recipient=new.recipient,
                role=new.role,
                sort=new.sort,
                country=new.country,
                datasets=list(new.datasets),
                categories=list(new.categories),
                purpose=new.purpose,
                at=new.at,
                recorded_at=recorded_at,
                by_id=by,
                people=0,
                case=new.case,
                untold=new.untold,
            )
            for some in batches(digests, BATCH):
                rows = [Disclosed(disclosure=row, digest=digest) for digest in some]
                Disclosed.objects.using(alias).bulk_create(rows, ignore_conflicts=True)
            people, whom = self._summed(alias, int(row.pk))
            Disclosure.objects.using(alias).filter(pk=row.pk).update(people=people)
            return self._read(id=int(row.pk))[0], whom

    def read(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[DisclosureRecord, ...]:
        """Return the entries from one instant to another, both included, oldest first."""
        return self._read(**_within(since, until))

    def of(
        self,
        identities: Collection[Identity],
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[DisclosureRecord, ...]:
        """Return the entries about somebody with one of these identities, oldest first; both ends included."""
        found: dict[int, DisclosureRecord] = {}
        for page in batches(self._digests(identities), PAGE):
            rows = self._read(people_digests__digest__in=page, **_within(since, until))
            found |= {row.id: row for row in rows}
        return tuple(sorted(found.values(), key=lambda row: (row.at, row.id)))

    def _digests(self, identities: Collection[Identity]) -> Iterator[bytes]:
        for one in identities:
            yield from map(bytes.fromhex, self.sealing.digests(_said(one), use=USE))

    def _read(self, **which: object) -> tuple[DisclosureRecord, ...]:
        with self.session.reading() as alias:
            rows = Disclosure.objects.using(alias).filter(**which).order_by("at", "pk").distinct()
            return tuple(_record(row) for row in rows.values(*COLUMNS))

    def _summed(self, alias: str, id: int) -> tuple[int, str]:
        """Count the digests of an entry, and hash them in their order."""
        hashed, count = hashlib.sha256(f"disclosure/{id}\0".encode()), 0
        rows = Disclosed.objects.using(alias).filter(disclosure_id=id).order_by("digest")
        for digest in rows.values_list("digest", flat=True).iterator(chunk_size=BATCH):
            hashed.update(bytes(digest))
            count += 1
        return count, hashed.hexdigest()


def _within(since: datetime | None, until: datetime | None) -> dict[str, datetime]:
    return {k: v for k, v in (("at__gte", since), ("at__lte", until)) if v is not None}


def _said(one: Identity) -> str:
    return f"{one.match}\0{one.value}"


def _record(row: dict[str, object]) -> DisclosureRecord:
    for name in ("datasets", "categories"):
        row[name] = tuple(row[name])  # type: ignore[arg-type]  # rows are untyped
    return DisclosureRecord(**row)  # type: ignore[arg-type]  # as above
