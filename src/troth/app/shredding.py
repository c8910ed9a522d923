"""Destroy the keys of people's parts in encrypted archives: what they opened is beyond use, wherever copies are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from troth.evidence.entry import Entry
from troth.ledger.ledger import Ledger
from troth.ledger.records import WrapRecord
from troth.people.manifest import Manifest
from troth.people.tombstones import text

USE = "archive"
"""What the digests of people in archives are made for."""


def wraps(ledger: Ledger, person: str) -> tuple[WrapRecord, ...]:
    """Return the keys of a person, named as `customer/123`, in every archive."""
    digests = ledger.sealing.digests(person, use=USE)
    return tuple(wrap for digest in digests for wrap in ledger.key_wraps.read(subject=digest))


def destroy(ledger: Ledger, found: Iterable[WrapRecord], *, by: str, at: datetime) -> list[WrapRecord]:
    """Destroy keys, with evidence for each archive; return those that were still there."""
    with ledger.writing():
        done = [w for w in found if ledger.key_wraps.destroy(w.archive, w.member, at=at)]
        for archive in dict.fromkeys(w.archive for w in done):
            people = len({w.subject for w in done if w.archive == archive})
            body = {"archive": f"archive:{archive}", "people": people, "by": by}
            ledger.append(Entry(kind="archive.shredded", at=at, body=body))
    return done


def erased(ledger: Ledger, whom: Manifest, *, at: datetime) -> int:
    """Destroy the keys of everyone in a manifest: an erasure reaches archives too; return how many parts."""
    if not ledger.key_wraps.any():
        return 0
    found = (wrap for person in _named(whom) for wrap in wraps(ledger, person))
    return len(destroy(ledger, found, by="system", at=at))


def _named(whom: Manifest) -> Iterator[str]:
    """Yield everyone of a manifest as `customer/123`, by the keys of their own rows."""
    keyed: dict[str, int] = {}
    for entry in whom.entries:
        if entry.family is None and not entry.kind:
            keyed.setdefault(entry.subject, entry.number)
    for subject, number in keyed.items():
        for _, values in whom.rows(number):
            yield f"{subject}/{','.join(text(value) for value in values)}"
