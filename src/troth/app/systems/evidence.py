"""The evidence log as another system reads it: by number, with proof that each was signed, the bundle."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import IO

from troth.app import ledgers
from troth.app.requests.steps import Place
from troth.errors import Damaged
from troth.evidence import bundle, merkle
from troth.evidence import checkpoint as checkpoints
from troth.evidence.entry import Entry
from troth.evidence.verify import leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An entry, its number and the hash under which the tree knows it."""

    index: int
    entry: Entry
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some entries in order."""

    entries: tuple[Numbered, ...]
    size: int
    """Entries of the whole log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed checkpoint, and the key to check it with."""

    note: str
    size: int
    root: bytes
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """An entry with the proof that it is in what a checkpoint signed (RFC 9162 §2.1.3)."""

    entry: Numbered
    proof: tuple[bytes, ...]
    signed: Signed


def entries(start: int, at: Place, *, limit: int) -> Page:
    """Return entries from a number on."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        size = ledger.evidence.tree().size
        found = ledger.evidence.entries(start, min(start + limit, size)) if start < size else ()
        return Page(entries=tuple(_numbered(i, data) for i, data in enumerate(found, start)), size=size)


def signed(at: Place) -> Signed:
    """Sign what the log holds now, unless it is signed already, and return that."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        key = ledger.keys.signing.verifier
        note = ledger.checkpoint(at=at.clock.now())
        read = checkpoints.read(note, key)
        return Signed(note=note, size=read.size, root=read.root, key=str(key))


def proven(index: int, at: Place) -> Proven | None:
    """Return an entry with its proof; nothing where the log has none of that number.

    Raises:
        Damaged: when the proof does not lead to what was signed.
    """
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        if not 0 <= index < ledger.evidence.tree().size:
            return None
        seal = signed(at)
        from troth.ledger.evidence_leaves import (
            EvidenceLeaves,
        )  # Django's models load once the ledger is open

        leaves = EvidenceLeaves(session=ledger.session).first(seal.size)
        [data] = ledger.evidence.entries(index, index + 1)
    proof = merkle.inclusion_proof(leaves.__getitem__, index, len(leaves))
    if not merkle.verify_inclusion(index, seal.size, leaf_hash(data), proof, seal.root):
        raise Damaged("The evidence log does not match what was signed; `troth evidence verify` says where.")
    return Proven(entry=_numbered(index, data), proof=proof, signed=seal)


def bundled(at: Place) -> IO[bytes]:
    """Return the bundle an auditor gets, up to now, as a file that goes when it is closed."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        ledger.checkpoint(at=at.clock.now())
        file = tempfile.TemporaryFile()  # noqa: SIM115 the caller closes it
        bundle.export(file, ledger.evidence, ledger.keys.signing.verifier)
    file.seek(0)
    return file


def _numbered(index: int, data: bytes) -> Numbered:
    return Numbered(index=index, entry=Entry.decode(data), leaf=leaf_hash(data))
