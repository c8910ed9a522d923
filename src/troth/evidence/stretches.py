"""Prove that an entry is in a long log without reading it all: roots of whole stretches are taken as they are.

A log only grows, so the root over 1,024 entries that are all there never changes. Whoever keeps such roots reads one
stretch and the end of the log for a proof. It is the proof of RFC 9162 §2.1.3, the same that `merkle` makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from troth.evidence import merkle
from troth.evidence.merkle import Proof

WIDTH = 1_024
"""Entries of a stretch; a power of two, so that a stretch is a whole subtree."""

Root = Callable[[int, int], bytes]
"""Returns the root over the leaves of a range within one stretch."""


def inclusion_proof(root: Root, index: int, size: int) -> Proof:
    """Return the path that proves a leaf to be in the tree of `size`.

    Raises:
        IndexError: when the index is not below the size.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < split:
            path.append(_root(root, split, end))
            end = split
        else:
            path.append(_root(root, start, split))
            start = split
    return tuple(reversed(path))


def stretch_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaves of a whole stretch, level by level; much faster than leaf by leaf."""
    level = list(leaves)
    if len(level) != WIDTH:
        raise IndexError(f"a whole stretch has {WIDTH} leaves, not {len(level)}")
    while len(level) > 1:
        level = [merkle.node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def _root(root: Root, start: int, end: int) -> bytes:
    """Return the root over a subtree: of one stretch as it is, of several from their roots."""
    if end - start <= WIDTH:
        return root(start, end)
    # A subtree wider than a stretch begins where a stretch begins, and splits where stretches end (RFC 9162 §2.1.1).
    return merkle.tree_of(root(at, min(at + WIDTH, end)) for at in range(start, end, WIDTH)).root
