"""Write the bundle an auditor gets: entries, signed checkpoints, the public key, and how to verify them.

A zip of five stored (not compressed) files with fixed times, so that the same log makes the same bytes
everywhere and no member can be larger than it looks. Entries pass through one by one. `verify` reads it.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from troth.errors import Damaged, Refused
from troth.evidence import verify
from troth.evidence.log import Storage
from troth.evidence.verify import VerifierKey

_EPOCH = (1980, 1, 1, 0, 0, 0)

README_TEXT = """\
This is evidence written by Troth: a log of what was done to keep the promises of a privacy policy.

  entries.jsonl      one entry a line: the entry, its SHA-256 leaf hash, its number
  checkpoints.jsonl  signed checkpoints: size and root of the log at some instants
  key.txt            the public key that signed them
  manifest.json      counts, and SHA-256 of the files above

To verify it, take verify.py from Troth itself (src/troth/evidence/verify.py), not from whoever gave you this:

  python verify.py BUNDLE.zip --key KEY --since CHECKPOINT

KEY is the public key as you got it from the organisation by another way than this bundle, CHECKPOINT a
checkpoint you kept from earlier. Without KEY the most that can be said is that the bundle is internally
consistent; without CHECKPOINT a history that was rewritten or shortened since you last looked is not seen.

By hand: the leaf hash of an entry is SHA-256 over a zero byte and the bytes of the entry. The tree is that of
RFC 9162, section 2; checkpoints are signed notes (C2SP signed-note, tlog-checkpoint), Ed25519.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a bundle holds."""

    origin: str
    entries: int
    checkpoints: int


def export(out: IO[bytes], storage: Storage, key: VerifierKey) -> Written:
    """Write what the log holds up to its last checkpoint.

    Raises:
        Refused: when there is no checkpoint yet.
        Damaged: when the log and its checkpoints do not fit.
    """
    last = storage.last_checkpoint()
    if last is None:
        raise Refused("The evidence log has no signed checkpoint yet.", hint="Make one first, then export.")
    size = _checkpoint(last, key).size
    return write(out, entries=storage.entries(0, size), checkpoints=storage.checkpoints(), key=key)


def write(
    out: IO[bytes], *, entries: Iterable[bytes], checkpoints: Iterable[str], key: VerifierKey
) -> Written:
    """Write a bundle to a seekable binary file; the last checkpoint must cover all entries.

    Raises:
        Damaged: when the checkpoints do not end with the entries; what was written does not verify.
    """
    notes = _Notes(checkpoints, key)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        members = {
            verify.README: iter([README_TEXT.encode()]),
            verify.KEY: iter([f"{key}\n".encode()]),
            verify.ENTRIES: _entry_lines(entries),
            verify.CHECKPOINTS: notes.lines(),
        }
        added = {name: _add(archive, name, lines) for name, lines in members.items()}
        count = added[verify.ENTRIES][1]
        digests = {name: digest for name, (digest, _) in added.items()}
        listed = verify.manifest(notes.origin, count, notes.count, digests)
        _add(archive, verify.MANIFEST, iter([listed]))
    if notes.size != count:
        raise Damaged(f"The last checkpoint covers {notes.size} entries, the log holds {count}.")
    return Written(origin=notes.origin, entries=count, checkpoints=notes.count)


def _add(archive: zipfile.ZipFile, name: str, lines: Iterator[bytes]) -> tuple[str, int]:
    """Add a member and return its digest and the number of pieces."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.external_attr = 0o644 << 16
    info.create_system = 3
    digest, count = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as member:
        for line in lines:
            digest.update(line)
            member.write(line)
            count += 1
    return digest.hexdigest(), count


def _entry_lines(entries: Iterable[bytes]) -> Iterator[bytes]:
    for index, entry in enumerate(entries):
        recorded = verify.leaf_hash(entry).hex().encode()
        yield b'{"entry":%b,"hash":"%b","index":%d}\n' % (entry, recorded, index)


class _Notes:
    """The checkpoints on their way into the bundle, with what the last of them said."""

    def __init__(self, notes: Iterable[str], key: VerifierKey) -> None:
        self._notes, self._key = notes, key
        self.origin, self.size, self.count = key.name, -1, 0

    def lines(self) -> Iterator[bytes]:
        for note in self._notes:
            checkpoint = _checkpoint(note, self._key)
            self.origin, self.size, self.count = checkpoint.origin, checkpoint.size, self.count + 1
            yield verify.render({"note": note}) + b"\n"


def _checkpoint(note: str, key: VerifierKey) -> verify.Checkpoint:
    try:
        return verify.open_checkpoint(note, key)
    except verify.Invalid as error:
        raise Damaged(f"A checkpoint signed by {key.name} was expected, but {error}.") from error
