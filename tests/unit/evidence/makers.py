"""Logs, keys and bundles for the evidence tests: the same every time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta

from troth.evidence import bundle, keys, log
from troth.evidence.entry import Entry
from troth.evidence.memory import MemoryStorage

NAME = "example.org/privacy"
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def made_keys(seed: str = "one", name: str = NAME) -> keys.Keys:
    """Make keys from a seed instead of chance."""
    counter = iter(range(9))

    def random(count: int) -> bytes:
        return hashlib.sha256(f"{seed} {next(counter)}".encode()).digest()[:count]

    return keys.generate(name, random)


KEYS = made_keys()
VERIFIER = str(KEYS.signing.verifier)


def entry(number: int, kind: str = "hold.lifted") -> Entry:
    """Make an entry that differs by its number."""
    return Entry(
        kind=kind, at=AT + timedelta(minutes=number), body={"hold": f"hold:{number + 1}", "by": "staff:1"}
    )


def made_log(*sizes: int, other_from: int | None = None) -> MemoryStorage:
    """Make a log with a checkpoint at each size; from `other_from` on its entries are others."""
    storage = MemoryStorage()
    for size in sizes:
        while (number := storage.tree().size) < size:
            other = 1000 if other_from is not None and number >= other_from else 0
            log.append(storage, entry(number + other))
        log.checkpoint(storage, KEYS.signing, AT + timedelta(hours=size))
    return storage


def made_bundle(storage: MemoryStorage) -> bytes:
    """Export a log."""
    out = io.BytesIO()
    bundle.export(out, storage, KEYS.signing.verifier)
    return out.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """Take a bundle apart, whatever its CRCs say."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            del info.CRC
        return {info.filename: archive.open(info).read() for info in archive.infolist()}


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    """Put a bundle together again, as a forger would."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out
