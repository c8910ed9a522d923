"""The evidence log's storage in the ledger: `evidence.log.Storage` over two tables and the tree in one row.

An append checks in constant time that the log ends where the tree says and that its last entry is the one that
was hashed. What lies before is checked by `evidence.log.audit`, which reads everything. Rows are added only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.errors import Damaged
from troth.evidence.labels import labels
from troth.evidence.log import Conflict
from troth.evidence.verify import Invalid, Tree, leaf_hash
from troth.ledger.models import EvidenceCheckpoint, EvidenceEntry, TreeState
from troth.ledger.session import Session

HASH = 32
PAGE = 500
"""Entries read at a time."""
_TREE = f"SELECT size, nodes FROM {TreeState._meta.db_table} ORDER BY id LIMIT 1"
_LAST_ENTRY = (
    f"SELECT sequence, leaf, body FROM {EvidenceEntry._meta.db_table} ORDER BY sequence DESC LIMIT 1"
)
_COUNT = f"SELECT count(*) FROM {EvidenceEntry._meta.db_table} WHERE sequence < %s"
_LAST_NOTE = f"SELECT note FROM {EvidenceCheckpoint._meta.db_table} ORDER BY id DESC LIMIT 1"
RESTORE = "Restore the ledger from a backup; export the evidence first, an auditor may want to see it."


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceStorage:
    """Keep entries, checkpoints and the compact tree."""

    session: Session

    def tree(self) -> Tree:
        """Return the compact tree; inside a transaction, nobody else appends until it ends."""
        locks = self.session.inside_transaction and not self.session.is_sqlite
        rows = self.session.ask(f"{_TREE} FOR UPDATE" if locks else _TREE)
        if not rows:
            raise Damaged("The evidence log has no tree: its row in troth_tree is gone.", hint=RESTORE)
        found = rows[0]
        nodes = _octets(found[1])
        peaks = tuple(nodes[at : at + HASH] for at in range(0, len(nodes), HASH))
        try:
            return Tree(found[0], peaks)
        except Invalid as error:
            raise Damaged(
                "The evidence log's tree was changed: its size and hashes do not fit.", hint=RESTORE
            ) from error

    def append(self, entries: Sequence[bytes], *, before: Tree, after: Tree) -> None:
        """Keep entries on top of the tree `before`, or raise `Conflict`."""
        with self.session.writing():
            if (kept := self.tree()) != before:
                raise Conflict(f"The log holds {kept.size} entries; {before.size} were expected. Try again.")
            self.check_end(before)
            self.add(entries, before=before, after=after)

    def add(self, entries: Sequence[bytes], *, before: Tree, after: Tree) -> None:
        """Keep entries on top of the tree `before`, which this very transaction has read, locked and checked."""
        with self.session.writing() as alias:
            leaves = [leaf_hash(data) for data in entries]
            EvidenceEntry.objects.using(alias).bulk_create(
                _row(number, leaf, data)
                for number, (leaf, data) in enumerate(zip(leaves, entries, strict=True), start=before.size)
            )
            _refuse_other(before, leaves, after)
            TreeState.objects.using(alias).update(size=after.size, nodes=b"".join(after.peaks))

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield entries by index, a page at a time, and stop at the first gap with `Damaged`."""
        place = start
        while end is None or place < end:
            with self.session.reading() as alias:
                rows = EvidenceEntry.objects.using(alias).filter(sequence__gte=place).order_by("sequence")
                limit = PAGE if end is None else min(PAGE, end - place)
                page = list(rows.values_list("sequence", "leaf", "body")[:limit])
            for sequence, leaf, body in page:
                _whole(place, sequence, _octets(leaf), _octets(body))
                yield _octets(body)
                place += 1
            if len(page) < limit:
                return

    def add_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint, after those kept before."""
        with self.session.writing() as alias:
            if size > (kept := self.tree().size):
                raise Conflict(f"The log holds {kept} entries; a checkpoint of {size} does not fit.")
            EvidenceCheckpoint.objects.using(alias).create(size=size, note=note)

    def checkpoints(self) -> Iterator[str]:
        """Yield the signed checkpoints, oldest first."""
        last = 0
        while True:
            with self.session.reading() as alias:
                rows = EvidenceCheckpoint.objects.using(alias).filter(pk__gt=last).order_by("pk")
                page = list(rows.values_list("pk", "note")[:PAGE])
            if not page:
                return
            for key, note in page:
                last = key
                yield note

    def last_checkpoint(self) -> str | None:
        """Return the newest checkpoint, or None."""
        found = self.session.ask(_LAST_NOTE)
        return str(found[0][0]) if found else None

    def check_end(self, tree: Tree) -> bytes | None:
        """Return the newest entry, once it is sure that the log ends where the tree says; reads one row.

        Raises:
            Damaged: when entries at the end were removed, added or changed.
        """
        found = next(iter(self.session.ask(_LAST_ENTRY)), None)
        length = found[0] + 1 if found else 0
        if length != tree.size:
            raise Damaged(
                f"The evidence log is not whole: {tree.size} entries were expected, its last is the {length}th.",
                hint=RESTORE,
            )
        if found:
            _whole(tree.size - 1, found[0], _octets(found[1]), _octets(found[2]))
            if tree.size % 2 == 1 and tree.peaks[-1] != _octets(found[1]):
                raise Damaged(f"Entry {found[0]} of the evidence log was changed.", hint=RESTORE)
        return _octets(found[2]) if found else None

    def check_count(self, tree: Tree) -> None:
        """Check that no entry in the middle is missing; counts rows.

        Raises:
            Damaged: when one is.
        """
        count = self.session.ask(_COUNT, tree.size)[0][0]
        if count != tree.size:
            raise Damaged(
                f"The evidence log is not whole: {tree.size} entries were expected, {count} were found.",
                hint=RESTORE,
            )


def _row(number: int, leaf: bytes, data: bytes) -> EvidenceEntry:
    kind, about = labels(data)
    return EvidenceEntry(sequence=number, leaf=leaf, body=data, kind=kind, about=about)


def _whole(expected: int, sequence: int, leaf: bytes, body: bytes) -> None:
    if sequence != expected:
        raise Damaged(f"Entry {expected} of the evidence log is gone.", hint=RESTORE)
    if leaf_hash(body) != leaf:
        raise Damaged(f"Entry {sequence} of the evidence log was changed.", hint=RESTORE)


def _refuse_other(before: Tree, leaves: Sequence[bytes], after: Tree) -> None:
    grown = before
    for leaf in leaves:
        grown = grown.append(leaf)
    if grown != after:
        raise Conflict("The tree handed over is not that of these entries; nothing was written.")


def _octets(value: object) -> bytes:
    """Return what the database holds as bytes; an edit by hand may have left something else there."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise Damaged("The evidence log holds something that is no entry: it was changed by hand.", hint=RESTORE)
