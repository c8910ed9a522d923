"""Erasures that are done, their people by number, and the tombstones by which stores know them again.

Rows are added in the transaction that ends an erasure. A person is closed when they lawfully came back; nothing is
deleted. No value, and nothing a value could be computed from without the key, stands here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from troth.ledger.models import ErasedPerson, Erasure, Tombstone
from troth.ledger.records import ErasureRecord, KeyUse
from troth.ledger.session import Session
from troth.people import tombstones as making

PAGE = 2_000
"""Rows written or read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstones:
    """Add, read and close."""

    session: Session

    def add(self, erasure: making.Erasure, people: Sequence[int], stones: Iterable[making.Tombstone]) -> int:
        """Keep an erasure with its tombstones; return how many there are, 0 when the plan has some already."""
        with self.session.writing() as alias:
            row, fresh = Erasure.objects.using(alias).get_or_create(
                plan=erasure.plan,
                defaults={
                    "erased_at": erasure.erased_at,
                    "people": len(people),
                    "kept": [[k.dataset, list(k.fields), k.reason, k.ends] for k in erasure.kept],
                    "gone": list(erasure.gone),
                },
            )
            if not fresh:
                return 0
            members = self._members(alias, row, people)
            return self._written(alias, members, stones)

    def standing(self, store: str, *, after: datetime | None = None) -> Iterator[making.Tombstone]:
        """Yield the tombstones of people who have not come back, a page at a time.

        Args:
            store: Whose tombstones.
            after: Only of people erased after that instant.
        """
        last = 0
        while True:
            with self.session.reading() as alias:
                rows = Tombstone.objects.using(alias).filter(
                    store=store, person__closed_at__isnull=True, pk__gt=last
                )
                rows = rows.filter(person__erasure__erased_at__gt=after) if after else rows
                page = list(
                    rows.order_by("pk").values_list("pk", "person_id", "place", "digest", "key")[:PAGE]
                )
            for pk, person, place, digest, key in page:
                last = pk
                yield making.Tombstone(person=person, store=store, place=place, digest=bytes(digest), key=key)
            if len(page) < PAGE:
                return

    def count(self, store: str, *, after: datetime | None = None) -> int:
        """Count what `standing` yields."""
        with self.session.reading() as alias:
            rows = Tombstone.objects.using(alias).filter(store=store, person__closed_at__isnull=True)
            return int((rows.filter(person__erasure__erased_at__gt=after) if after else rows).count())

    def people(self, ids: Iterable[int]) -> dict[int, making.Erased]:
        """Return erased people by their ids; an id that is none is left out."""
        found: dict[int, making.Erased] = {}
        erasures: dict[int, making.Erasure] = {}
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), PAGE):
            with self.session.reading() as alias:
                rows = ErasedPerson.objects.using(alias).filter(pk__in=wanted[start : start + PAGE])
                for row in rows.select_related("erasure"):
                    known = erasures.setdefault(row.erasure_id, _erasure(row.erasure))
                    found[row.pk] = making.Erased(
                        id=row.pk, number=row.number, erasure=known, closed_at=row.closed_at
                    )
        return found

    def close(self, person: int, *, reason: str, by: int, at: datetime) -> bool:
        """Say that somebody lawfully came back; return whether this call did it."""
        with self.session.writing() as alias:
            rows = ErasedPerson.objects.using(alias).filter(pk=person, closed_at__isnull=True)
            return bool(rows.update(closed_at=at, closed_by_id=by, closed_reason=reason))

    def by_key(self, store: str = "") -> tuple[KeyUse, ...]:
        """Count the tombstones of every key, in all stores or in one."""
        with self.session.reading() as alias:
            rows = Tombstone.objects.using(alias).values("key").order_by("key")
            rows = rows.filter(store=store) if store else rows
            counted = rows.annotate(all=Count("pk"), open=Count("pk", filter=Q(person__closed_at=None)))
            return tuple(KeyUse(key=r["key"], tombstones=r["all"], standing=r["open"]) for r in counted)

    def erasures(self) -> tuple[ErasureRecord, ...]:
        """List every erasure that is done, oldest first."""
        with self.session.reading() as alias:
            rows = Erasure.objects.using(alias).order_by("erased_at", "pk")
            counted = rows.annotate(open=Count("members", filter=Q(members__closed_at=None)))
            listed = list(counted.values("pk", "plan", "erased_at", "people", "open"))
            pairs = Tombstone.objects.using(alias).values_list("person__erasure", "store").distinct()
            stores: dict[int, list[str]] = {}
            for erasure, store in pairs.order_by("person__erasure", "store"):
                stores.setdefault(erasure, []).append(store)
        return tuple(
            ErasureRecord(
                plan=row["plan"],
                erased_at=row["erased_at"],
                people=row["people"],
                standing=row["open"],
                stores=tuple(stores.get(row["pk"], ())),
            )
            for row in listed
        )

    def _members(self, alias: str, row: Erasure, people: Sequence[int]) -> dict[int, int]:
        rows = ErasedPerson.objects.using(alias)
        rows.bulk_create((ErasedPerson(erasure=row, number=n) for n in people), batch_size=PAGE)
        return dict(rows.filter(erasure=row).values_list("number", "pk"))

    def _written(self, alias: str, members: dict[int, int], stones: Iterable[making.Tombstone]) -> int:
        total, left = 0, iter(stones)
        while page := list(itertools.islice(left, PAGE)):
            Tombstone.objects.using(alias).bulk_create(
                Tombstone(
                    person_id=members[s.person], store=s.store, place=s.place, digest=s.digest, key=s.key
                )
                for s in page
            )
            total += len(page)
        return total


def _erasure(row: Erasure) -> making.Erasure:
    kept = tuple(
        making.Kept(dataset=dataset, fields=tuple(names), reason=reason, ends=ends)
        for dataset, names, reason, ends in row.kept
    )
    return making.Erasure(plan=row.plan, erased_at=row.erased_at, kept=kept, gone=tuple(row.gone))
