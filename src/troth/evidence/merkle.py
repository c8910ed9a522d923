"""Proofs over the tree of RFC 9162 §2: that an entry is in it, and that it only grew.

Generation takes a function that returns the leaf hash at an index; verification takes what an outsider has.
Subtree proofs follow draft-ietf-plants-merkle-tree-certs §4; the plain ones are the case start = 0. Sizes of
zero are settled in docs/decisions/0003-merkle-size-zero.md. Hashes and the compact tree stand in `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from troth.evidence.verify import EMPTY_ROOT, Tree, leaf_hash, node_hash

__all__ = [
    "EMPTY_ROOT",
    "Leaves",
    "Tree",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "range_root",
    "subtree_consistency_proof",
    "subtree_inclusion_proof",
    "tree_of",
    "valid_subtree",
    "verify_consistency",
    "verify_inclusion",
    "verify_subtree_consistency",
    "verify_subtree_inclusion",
]

Leaves = Callable[[int], bytes]
"""Returns the leaf hash at an index."""

Proof = tuple[bytes, ...]


def tree_of(leaves: Iterable[bytes]) -> Tree:
    """Build the compact tree of some leaf hashes."""
    tree = Tree()
    for leaf in leaves:
        tree = tree.append(leaf)
    return tree


def range_root(leaves: Leaves, start: int, end: int) -> bytes:
    """Return the root over the leaves from `start` up to, not including, `end` (MTH of RFC 9162 §2.1.1)."""
    return tree_of(leaves(index) for index in range(start, end)).root


def valid_subtree(start: int, end: int) -> bool:
    """Tell whether [start, end) is a subtree: `start` divides by the least power of two not below its width.

    The empty range is one too, wherever it starts.
    """
    if not 0 <= start <= end:
        return False
    width = end - start
    return width == 0 or start % (1 << (width - 1).bit_length()) == 0


def inclusion_proof(leaves: Leaves, index: int, size: int) -> Proof:
    """Return the path that proves a leaf to be in the tree of `size` (RFC 9162 §2.1.3.1).

    Raises:
        IndexError: when the index is not below the size.
    """
    return subtree_inclusion_proof(leaves, index, 0, size)


def subtree_inclusion_proof(leaves: Leaves, index: int, start: int, end: int) -> Proof:
    """Return the path that proves a leaf to be in the subtree [start, end).

    Raises:
        IndexError: when the range is no subtree or the index is not in it.
    """
    if not valid_subtree(start, end) or not start <= index < end:
        raise IndexError(f"leaf {index} is in no subtree from {start} to {end}")
    path: list[bytes] = []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(range_root(leaves, split, end))
            end = split
        else:
            path.append(range_root(leaves, start, split))
            start = split
    return tuple(reversed(path))


def consistency_proof(leaves: Leaves, first: int, second: int) -> Proof:
    """Return the proof that the tree of `first` is the beginning of that of `second` (RFC 9162 §2.1.4.1).

    Raises:
        IndexError: when `first` is zero (nothing can be proven from it) or above `second`.
    """
    if not 0 < first <= second:
        raise IndexError(f"no consistency proof leads from size {first} to size {second}")
    return subtree_consistency_proof(leaves, 0, first, second)


def subtree_consistency_proof(leaves: Leaves, start: int, end: int, size: int) -> Proof:
    """Return the proof that the subtree [start, end) is part of the tree of `size`; empty for an empty one.

    Raises:
        IndexError: when the range is no subtree or reaches beyond the tree.
    """
    if not valid_subtree(start, end) or end > size:
        raise IndexError(f"{start} to {end} is no subtree of a tree of size {size}")
    if start == end:
        return ()
    path: list[bytes] = []
    low, high, known = 0, size, True
    while (start, end) != (low, high):
        split = low + _split(high - low)
        if end <= split:
            path.append(range_root(leaves, split, high))
            high = split
        else:
            path.append(range_root(leaves, low, split))
            known = known and start >= split
            start, low = max(start, split), split
    if not known:
        path.append(range_root(leaves, low, high))
    return tuple(reversed(path))


def _split(width: int) -> int:
    """Return the largest power of two below a width of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _hashes(*values: bytes) -> bool:
    """Tell whether each value is as long as a hash: other lengths would let one proof be read in two ways."""
    return all(len(value) == 32 for value in values)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the proof leads from the leaf to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _hashes(leaf, *proof):
        return False
    position, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether the proof leads from the leaf to the root of the subtree [start, end)."""
    if not valid_subtree(start, end):
        return False
    return verify_inclusion(index - start, end - start, leaf, proof, root)


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Tell whether the first tree is the beginning of the second (RFC 9162 §2.1.4.2).

    From size 0 it never is: everything begins with nothing, so a yes would prove nothing.
    """
    if first == 0:
        return False
    return verify_subtree_consistency(0, first, second, proof, first_root, second_root)


def verify_subtree_consistency(
    start: int, end: int, size: int, proof: Sequence[bytes], subtree_root: bytes, root: bytes
) -> bool:
    """Tell whether the subtree [start, end) is part of the tree of `size` with this root.

    An empty subtree is, when its root is that of no entries and the proof is empty; the tree's root is then
    not looked at, for it cannot matter.
    """
    if not valid_subtree(start, end) or end > size or not _hashes(*proof):
        return False
    if start == end:
        return not proof and subtree_root == EMPTY_ROOT
    return _climb(start, end - 1, size - 1, list(proof), (subtree_root, root))


def _climb(first: int, end: int, last: int, proof: list[bytes], roots: tuple[bytes, bytes]) -> bool:
    """Rebuild both roots from the proof; the three positions move up the tree together."""
    shift = _quiet_levels(first, end, last)
    first, end, last = first >> shift, end >> shift, last >> shift
    if first == end:
        old = new = roots[0]
    elif proof:
        old = new = proof.pop(0)
    else:
        return False
    for sibling in proof:
        if last == 0:
            return False
        if end & 1 or end == last:
            old = node_hash(sibling, old) if first < end else old
            new = node_hash(sibling, new)
            while end and not end & 1:
                first, end, last = first >> 1, end >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        first, end, last = first >> 1, end >> 1, last >> 1
    return last == 0 and (old, new) == roots


def _quiet_levels(first: int, end: int, last: int) -> int:
    """Count the levels at the bottom that the proof skips: there the subtree's right edge is its own."""
    shift = 0
    whole = end == last
    while first >> shift != end >> shift and (whole or (end >> shift) & 1):
        shift += 1
    return shift
