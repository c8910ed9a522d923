"""The log's storage in memory, for tests; it passes the same contract as the ledger's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troth.evidence.log import Conflict
from troth.evidence.verify import Tree


class MemoryStorage:
    """Keep entries and checkpoints in lists."""

    def __init__(self) -> None:
        self._tree = Tree()
        self._entries: list[bytes] = []
        self._checkpoints: list[str] = []

    def tree(self) -> Tree:
        """Return the compact tree over all entries."""
        return self._tree

    def append(self, entries: Sequence[bytes], *, before: Tree, after: Tree) -> None:
        """Keep entries on top of the tree `before`, or raise `Conflict`."""
        if before != self._tree or after.size != before.size + len(entries):
            raise Conflict(
                f"The log holds {self._tree.size} entries; {before.size} were expected. Try again."
            )
        self._entries.extend(entries)
        self._tree = after

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield entries by index."""
        yield from self._entries[start:end]

    def add_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint."""
        if size > self._tree.size:
            raise Conflict(f"The log holds {self._tree.size} entries; a checkpoint of {size} does not fit.")
        self._checkpoints.append(note)

    def checkpoints(self) -> Iterator[str]:
        """Yield the signed checkpoints, oldest first."""
        yield from self._checkpoints

    def last_checkpoint(self) -> str | None:
        """Return the newest checkpoint, or None."""
        return self._checkpoints[-1] if self._checkpoints else None
