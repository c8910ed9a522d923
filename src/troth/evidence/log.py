"""The append-only log over a port: what is appended stays, and checkpoints sign it.

`Storage` is what the log needs from whoever keeps the bytes; transactions and exclusion are its business: it
takes an append only on top of the tree the caller has seen and raises `Conflict` otherwise. The ledger
implements it on its database, `memory` in a list. No clock: `at` is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from troth.errors import Damaged, Refused
from troth.evidence import checkpoint as checkpoints
from troth.evidence import merkle
from troth.evidence.entry import Entry
from troth.evidence.note import Signer
from troth.evidence.verify import Checkpoint, Tree, VerifierKey, leaf_hash

ATTEMPTS = 8
"""How often an append is tried again after someone else came first."""


class Conflict(Refused):
    """Someone else appended first; nothing was written. Read the tree again and retry."""


class Storage(Protocol):
    """Where entries and checkpoints are kept. Nothing in it is ever changed or removed."""

    def tree(self) -> Tree:
        """Return the compact tree over all entries."""
        ...

    def append(self, entries: Sequence[bytes], *, before: Tree, after: Tree) -> None:
        """Keep entries and the tree that includes them, all or nothing, durably.

        Raises:
            Conflict: when the tree kept is no longer `before`.
        """
        ...

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield entries by index from `start` up to, not including, `end`; not all at once in memory."""
        ...

    def add_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint, after those kept before."""
        ...

    def checkpoints(self) -> Iterator[str]:
        """Yield the signed checkpoints, oldest first."""
        ...

    def last_checkpoint(self) -> str | None:
        """Return the newest checkpoint, or None."""
        ...


def append(storage: Storage, *entries: Entry) -> int:
    """Append entries together and return the index of the first.

    Raises:
        Conflict: when others kept coming first, eight times over.
    """
    encoded = [entry.encode() for entry in entries]
    for _ in range(ATTEMPTS - 1):
        try:
            return _append(storage, encoded)
        except Conflict:
            continue
    return _append(storage, encoded)


def _append(storage: Storage, encoded: Sequence[bytes]) -> int:
    before = storage.tree()
    storage.append(encoded, before=before, after=grown(before, encoded))
    return before.size


def grown(tree: Tree, encoded: Sequence[bytes]) -> Tree:
    """Return a tree with entries on top of it."""
    for data in encoded:
        tree = tree.append(leaf_hash(data))
    return tree


def checkpoint(storage: Storage, signer: Signer, at: datetime) -> str:
    """Sign what the log holds now and keep it; return the last checkpoint when nothing was added since.

    Raises:
        Damaged: when the log is smaller than, or at the same size differs from, what was signed before.
    """
    tree = storage.tree()
    last = storage.last_checkpoint()
    if last is not None:
        signed = checkpoints.read(last, signer.verifier)
        if signed.size > tree.size or (signed.size == tree.size and signed.root != tree.root):
            raise Damaged(
                f"The evidence log holds {tree.size} entries; they do not continue the {signed.size} signed.",
                hint="The ledger was changed or restored from an older copy; nothing was signed.",
            )
        if signed.size == tree.size:
            return last
    made = checkpoints.make(tree, signer, at)
    storage.add_checkpoint(tree.size, made)
    return made


def audit(storage: Storage, key: VerifierKey, since: Checkpoint | None = None) -> int:
    """Recompute the whole log and return its size; with `since`, also that it continues that checkpoint.

    Raises:
        Damaged: naming the first checkpoint whose root is not that of the entries, or a fork.
    """
    signed = [checkpoints.read(note, key) for note in storage.checkpoints()]
    marks = sorted([*signed, *([since] if since else [])], key=lambda mark: mark.size)
    tree, entries = Tree(), storage.entries()
    for mark in marks:
        tree = _grow(tree, entries, mark.size)
        if (tree.size, tree.root) != (mark.size, mark.root):
            found = "a fork" if mark is since else "entries were changed or lost"
            raise Damaged(f"The evidence log does not match the checkpoint of {mark.size} entries: {found}.")
    tree = _grow(tree, entries, None)
    if tree != storage.tree():
        raise Damaged(
            "The evidence log does not match the tree kept beside it: entries were changed or lost."
        )
    return tree.size


def _grow(tree: Tree, entries: Iterator[bytes], size: int | None) -> Tree:
    while size is None or tree.size < size:
        data = next(entries, None)
        if data is None:
            break
        tree = tree.append(leaf_hash(data))
    return tree


def prove_inclusion(storage: Storage, index: int, size: int) -> merkle.Proof:
    """Return the proof that one entry is in the tree of `size`; reads the entries up to there once."""
    leaves = [leaf_hash(data) for data in storage.entries(0, size)]
    return merkle.inclusion_proof(leaves.__getitem__, index, size)
