"""Trees and proofs against a slow oracle, own vectors, and the shared vectors where they are present."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from troth.evidence import merkle
from troth.evidence.verify import Invalid
from unit.evidence import oracle

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "evidence-merkle.yml").read_text())
ENTRIES = [bytes.fromhex(leaf) for leaf in CASES["leaves"]]
SHARED_COUNTS = {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}


def leaves(index: int) -> bytes:
    """Return a reference leaf hash."""
    return merkle.leaf_hash(ENTRIES[index])


def hashes(proof: list[Any]) -> tuple[bytes, ...]:
    """Turn the shorthand of the case file into hashes, by the oracle."""
    ranges = [(item, item + 1) if isinstance(item, int) else item for item in proof]
    return tuple(oracle.root(ENTRIES[start:end]) for start, end in ranges)


@pytest.mark.parametrize(("size", "root"), CASES["roots"].items())
def test_reference_roots(size: int, root: str) -> None:
    """The roots of the eight reference leaves are those everybody knows, by the tree and by the oracle."""
    assert merkle.tree_of(map(leaves, range(size))).root.hex() == root
    assert oracle.root(ENTRIES[:size]).hex() == root


@pytest.mark.parametrize("case", CASES["inclusion"], ids=str)
def test_reference_inclusion(case: dict[str, Any]) -> None:
    """The proof made is the proof written down, and verifies."""
    proof = merkle.inclusion_proof(leaves, case["index"], case["size"])
    assert proof == hashes(case["proof"])
    root = oracle.root(ENTRIES[: case["size"]])
    assert merkle.verify_inclusion(case["index"], case["size"], leaves(case["index"]), proof, root)


@pytest.mark.parametrize("case", CASES["consistency"], ids=str)
def test_reference_consistency(case: dict[str, Any]) -> None:
    """The consistency proof made is the proof written down, and verifies."""
    first, second = case["first"], case["second"]
    proof = merkle.consistency_proof(leaves, first, second)
    assert proof == hashes(case["proof"])
    roots = oracle.root(ENTRIES[:first]), oracle.root(ENTRIES[:second])
    assert merkle.verify_consistency(first, second, proof, *roots)


@pytest.mark.parametrize("case", CASES["subtree_consistency"], ids=str)
def test_reference_subtree_consistency(case: dict[str, Any]) -> None:
    """A subtree's consistency proof is the one written down, and verifies."""
    start, end, size = case["start"], case["end"], case["size"]
    proof = merkle.subtree_consistency_proof(leaves, start, end, size)
    assert proof == hashes(case["proof"])
    roots = oracle.root(ENTRIES[start:end]), oracle.root(ENTRIES[:size])
    assert merkle.verify_subtree_consistency(start, end, size, proof, *roots)


@pytest.mark.parametrize("case", CASES["refused"], ids=str)
def test_refused(case: dict[str, Any]) -> None:
    """Sizes of zero, indexes outside and proofs of the wrong length prove nothing."""
    proof = hashes(case["proof"])
    if case["what"] == "inclusion":
        leaf, root = leaves(max(case["index"], 0)), oracle.root(ENTRIES[: case["size"]])
        assert not merkle.verify_inclusion(case["index"], case["size"], leaf, proof, root)
    else:
        first, second = case["first"], case["second"]
        roots = oracle.root(ENTRIES[:first]), oracle.root(ENTRIES[:second])
        assert not merkle.verify_consistency(first, second, proof, *roots)


def test_empty_subtree_is_consistent_with_anything() -> None:
    """An empty subtree with the empty root and no proof belongs to every tree; with a proof it does not."""
    assert merkle.verify_subtree_consistency(1, 1, 2, [], merkle.EMPTY_ROOT, b"any root")
    assert not merkle.verify_subtree_consistency(1, 1, 2, [merkle.EMPTY_ROOT], merkle.EMPTY_ROOT, b"any root")


@pytest.mark.parametrize(("start", "end"), [(1, 3), (2, 5), (2, 6), (1, 15), (3, 5), (2, 1), (-1, 1)])
def test_what_is_no_subtree(start: int, end: int) -> None:
    """A range whose start does not divide by its width, rounded up to a power of two, is no subtree."""
    assert not merkle.valid_subtree(start, end)
    with pytest.raises(IndexError):
        merkle.subtree_consistency_proof(leaves, start, end, 20)


@pytest.mark.parametrize(("first", "second"), [(0, 4), (0, 0), (5, 4)])
def test_no_proof_from_nothing(first: int, second: int) -> None:
    """No consistency proof is made from size zero or to a smaller tree."""
    with pytest.raises(IndexError):
        merkle.consistency_proof(leaves, first, second)


@pytest.mark.parametrize(("size", "peaks"), [(1, ()), (3, (b"\0" * 32,)), (2, (b"short",)), (-1, ())])
def test_a_damaged_tree_is_refused(size: int, peaks: tuple[bytes, ...]) -> None:
    """A compact tree whose hashes do not fit its size cannot be made."""
    with pytest.raises(Invalid):
        merkle.Tree(size, peaks)


entries = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


@given(entries)
def test_tree_grows_as_the_oracle_says(data: list[bytes]) -> None:
    """After each append the compact tree has the oracle's root and at most one hash per bit of its size."""
    tree = merkle.Tree()
    for count, entry in enumerate(data, start=1):
        tree = tree.append(merkle.leaf_hash(entry))
        assert len(tree.peaks) == count.bit_count()
        assert tree.root == oracle.root(data[:count])


@given(entries, st.data())
def test_inclusion_holds_for_the_leaf_and_no_other(data: list[bytes], draw: st.DataObject) -> None:
    """A made proof verifies for its leaf and place, and fails for every other place in the tree."""
    index = draw.draw(st.integers(0, len(data) - 1))
    hashed = [merkle.leaf_hash(bytes([number]) + entry) for number, entry in enumerate(data)]
    root = merkle.tree_of(hashed).root
    proof = merkle.inclusion_proof(hashed.__getitem__, index, len(data))
    for place in range(len(data)):
        assert merkle.verify_inclusion(place, len(data), hashed[index], proof, root) == (place == index)


@given(entries, st.data())
def test_consistency_holds_for_the_beginning_only(data: list[bytes], draw: st.DataObject) -> None:
    """A made proof verifies between the two roots, and fails when the beginning was another."""
    first = draw.draw(st.integers(1, len(data)))
    hashed = [merkle.leaf_hash(entry) for entry in data]
    proof = merkle.consistency_proof(hashed.__getitem__, first, len(data))
    old, new = oracle.root(data[:first]), oracle.root(data)
    assert merkle.verify_consistency(first, len(data), proof, old, new)
    assert not merkle.verify_consistency(
        first, len(data), proof, oracle.root([*data[: first - 1], b"other"]), new
    )


@given(entries, st.data())
def test_subtrees_are_proven_like_whole_trees(data: list[bytes], draw: st.DataObject) -> None:
    """Every subtree's proofs verify, and one bit less in any hash of the proof makes them fail."""
    size = len(data)
    ranges = [(s, e) for s in range(size) for e in range(s + 1, size + 1) if merkle.valid_subtree(s, e)]
    start, end = draw.draw(st.sampled_from(ranges))
    index = draw.draw(st.integers(start, end - 1))
    hashed = [merkle.leaf_hash(entry) for entry in data]
    part, whole = oracle.root(data[start:end]), oracle.root(data)
    within = merkle.subtree_inclusion_proof(hashed.__getitem__, index, start, end)
    assert merkle.verify_subtree_inclusion(index, start, end, hashed[index], within, part)
    proof = merkle.subtree_consistency_proof(hashed.__getitem__, start, end, size)
    assert merkle.verify_subtree_consistency(start, end, size, proof, part, whole)
    for place, value in enumerate(proof):
        spoilt = (*proof[:place], bytes([value[0] ^ 1]) + value[1:], *proof[place + 1 :])
        assert not merkle.verify_subtree_consistency(start, end, size, spoilt, part, whole)


def judge(kind: str, case: dict[str, Any]) -> bool:
    """Run one shared vector."""
    decoded = {key: base64.b64decode(case[key] or "") for key in case if "oot" in key or key == "leafHash"}
    proof = [base64.b64decode(item) for item in case["proof"] or []]
    if kind == "inclusion":
        place, hashed = (case["leafIdx"], case["treeSize"]), decoded["leafHash"]
        return merkle.verify_inclusion(*place, hashed, proof, decoded["root"])
    if kind == "subtreeinclusion":
        spot, hashed = (case["leafIdx"], case["start"], case["end"]), decoded["leafHash"]
        return merkle.verify_subtree_inclusion(*spot, hashed, proof, decoded["root"])
    roots = decoded["root1"], decoded["root2"]
    if kind == "consistency":
        return merkle.verify_consistency(case["size1"], case["size2"], proof, *roots)
    return merkle.verify_subtree_consistency(case["start"], case["end"], case["size"], proof, *roots)


@pytest.mark.parametrize("kind", SHARED_COUNTS)
def test_shared_vectors(shared: Path, kind: str) -> None:
    """Every one of the 518 shared vectors gets the verdict it names."""
    folder = shared / "data" / "merkle" / kind
    if not folder.is_dir():
        pytest.skip("the shared Merkle vectors are not here")
    wrong, count = [], 0
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text())
        count += 1
        if judge(kind, case) == case["wantErr"]:
            wrong.append(str(path.relative_to(folder)))
    assert not wrong
    assert count == SHARED_COUNTS[kind]
