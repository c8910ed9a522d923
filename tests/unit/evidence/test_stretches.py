"""Proofs from the roots of whole stretches are those of the plain tree."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.evidence import merkle, stretches


def _leaves(size: int) -> list[bytes]:
    return [hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(size)]


LEAVES = _leaves(6 * stretches.WIDTH)


def _root(start: int, end: int) -> bytes:
    assert end - start <= stretches.WIDTH, "more than a stretch was read at once"
    return merkle.tree_of(LEAVES[start:end]).root


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_proof_from_stretches_is_the_plain_one(data: st.DataObject) -> None:
    """Whatever the size of the log, the path is that of RFC 9162, and leads to the root."""
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    path = stretches.inclusion_proof(_root, index, size)
    assert path == merkle.inclusion_proof(LEAVES.__getitem__, index, size)
    assert merkle.verify_inclusion(index, size, LEAVES[index], path, merkle.tree_of(LEAVES[:size]).root)


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_a_log_that_ends_about_a_stretch(over: int) -> None:
    """Sizes around whole stretches are no special case."""
    size = 4 * stretches.WIDTH + over
    for index in (0, size - 1, 2 * stretches.WIDTH):
        found = stretches.inclusion_proof(_root, index, size)
        assert found == merkle.inclusion_proof(LEAVES.__getitem__, index, size)


def test_an_entry_that_is_not_there_has_no_proof() -> None:
    """An index at or above the size is refused."""
    with pytest.raises(IndexError):
        stretches.inclusion_proof(_root, 5, 5)


def test_a_whole_stretch_has_the_root_of_its_tree() -> None:
    """Level by level or leaf by leaf, it is the same."""
    leaves = LEAVES[: stretches.WIDTH]
    assert stretches.stretch_root(leaves) == merkle.tree_of(leaves).root
    with pytest.raises(IndexError):
        stretches.stretch_root(leaves[1:])
