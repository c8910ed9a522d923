"""Tombstones: keyed digests by which an erased person is known again in a store, and nothing else of them.

Pure. One is made for each key and each spelling of each identity, under a key of its own for each store, so that
digests of two stores cannot be joined. What is digested is written in docs/reference/tombstones.md; databases compute
the same digest themselves (`stores.sql.digests`), so that no value leaves them.
"""

from __future__ import annotations

import decimal
import hmac
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from troth.people import normal
from troth.people.entries import Entries, Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One digest of one person in one store."""

    person: int
    """Number of the person: in the manifest while it is made, in the ledger afterwards."""
    store: str
    place: str
    """What was digested (see `place`)."""
    digest: bytes = field(repr=False)
    key: str
    """Id of the key it was made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKey:
    """The key of one store, and the id of the secret it was derived from."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that stayed when people were erased, and why."""

    dataset: str
    fields: tuple[str, ...]
    """Empty for the row as such."""
    reason: str
    ends: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What the people of one erasure have in common."""

    plan: str
    """Hash of the plan."""
    erased_at: datetime
    kept: tuple[Kept, ...] = ()
    gone: tuple[str, ...] = ()
    """Datasets whose rows went whole, and columns that were emptied, as `app.orders:email`."""

    def took(self, dataset: str, columns: tuple[str, ...]) -> bool:
        """Tell whether nothing that was erased is left in some columns, whatever stays of the rows."""
        if dataset in self.gone:
            return True
        kept = {name for k in self.kept if k.dataset == dataset for name in k.fields}
        return any(f"{dataset}:{column}" in self.gone and column not in kept for column in columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One erased person, as the ledger knows them: without a name, a key or an identity."""

    id: int
    number: int
    """Within the erasure."""
    erasure: Erasure
    closed_at: datetime | None = None

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"erased:{self.id}"


def place(entry: Entry) -> str:
    """Name what is digested: a family of identities, wherever they stand, or the columns of a key."""
    return entry.family.value if entry.family else f"{entry.dataset}:{'+'.join(entry.columns)}"


def used(known: Entries, ways: Mapping[str, tuple[Way, ...]]) -> Mapping[str, frozenset[int]]:
    """Tell by which entries each store could know somebody again."""
    found: dict[str, set[int]] = {}
    for entry in known.of:
        found.setdefault(entry.dataset.partition(".")[0], set()).add(entry.number)
    for dataset, listed in ways.items():
        store = dataset.partition(".")[0]
        found.setdefault(store, set()).update(way.end.entry for way in listed)
    return {store: frozenset(numbers) for store, numbers in found.items()}


def made(
    manifest: Manifest, stores: Mapping[str, StoreKey], where: Mapping[str, frozenset[int]]
) -> Iterator[Tombstone]:
    """Yield the tombstones of everyone in a manifest, person by person.

    Args:
        manifest: Who was erased.
        stores: The key of each store.
        where: By which entries each store knows people (`used`).
    """
    entries = {entry.number: entry for entry in manifest.entries}
    for person in manifest.people:
        seen: set[tuple[str, bytes]] = set()
        for number, rows in person.values.items():
            entry = entries[number]
            written = [parts for row in rows for parts in spelt(entry, row)]
            for store, key in stores.items():
                if number not in where.get(store, ()):
                    continue
                for parts in written:
                    one = digest(key.secret, place(entry), parts)
                    if (store, one) not in seen:
                        seen.add((store, one))
                        yield Tombstone(
                            person=person.number, store=store, place=place(entry), digest=one, key=key.id
                        )


def spelt(entry: Entry, values: Sequence[Value]) -> Iterator[tuple[str, ...]]:
    """Yield what is digested of one row of an entry: its key as text, or each spelling of an identity.

    What has no normal form (`n/a` where an address should stand) is nobody's, and an IP address is many people's, so
    nothing is made of them.
    """
    if any(value is None for value in values) or entry.family is Family.IP:
        return
    if entry.family is None:
        yield tuple(text(value) for value in values)
        return
    form = normal.normal(entry.family, text(values[0]), entry.region)
    if form is not None:
        yield from ((one,) for one in normal.spellings(entry.family, form, entry.region))


def text(value: Value) -> str:
    """Write a value as every database writes it."""
    match value:
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case uuid.UUID():
            return str(value)
        case decimal.Decimal():
            return format(value, "f")
        case _:
            return str(value)


def message(place: str, parts: Sequence[str]) -> bytes:
    """Return what is digested: the place, a line end, and each part as `length:text,` (length in characters)."""
    return (place + "\n" + "".join(f"{len(part)}:{part}," for part in parts)).encode("utf-8", "replace")


def digest(secret: bytes, place: str, parts: Sequence[str]) -> bytes:
    """Return HMAC-SHA-256 (RFC 2104) over the message."""
    return hmac.digest(secret, message(place, parts), "sha256")


BLOCK = 64
"""Bytes of a block of SHA-256 (FIPS 180-4)."""


def pads(secret: bytes) -> tuple[bytes, bytes]:
    """Return the inner and the outer pad of a key (RFC 2104 §2), for stores that have SHA-256 and no HMAC."""
    padded = secret.ljust(BLOCK, b"\x00")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
