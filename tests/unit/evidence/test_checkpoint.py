"""Checkpoints say origin, size, root and time, in the format others read."""

from __future__ import annotations

import base64

import pytest

from troth.errors import Damaged
from troth.evidence import checkpoint, merkle, note
from troth.evidence.verify import Checkpoint, Invalid
from unit.evidence.makers import AT, KEYS, NAME, made_keys

TREE = merkle.tree_of([merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")])
ROOT = base64.b64encode(TREE.root).decode()


def test_layout() -> None:
    """The body has the three lines of the specification and one for the time."""
    made = checkpoint.make(TREE, KEYS.signing, AT)
    assert made.startswith(f"{NAME}\n2\n{ROOT}\ntime 2026-01-31T12:00:00Z\n\n\u2014 {NAME} ")


def test_round_trip() -> None:
    """What was signed is read back."""
    read = checkpoint.read(checkpoint.make(TREE, KEYS.signing, AT), KEYS.signing.verifier)
    assert (read.origin, read.size, read.root, read.time) == (NAME, 2, TREE.root, "2026-01-31T12:00:00Z")


def test_an_empty_log_can_be_signed() -> None:
    """Size zero is written as 0 with the hash of nothing."""
    made = checkpoint.make(merkle.Tree(), KEYS.signing, AT)
    assert checkpoint.read(made, KEYS.signing.verifier).root == merkle.EMPTY_ROOT


def test_another_key_is_refused() -> None:
    """A checkpoint signed by someone else is not ours."""
    made = checkpoint.make(TREE, made_keys("two").signing, AT)
    with pytest.raises(Damaged, match="not signed by the key"):
        checkpoint.read(made, KEYS.signing.verifier)


def test_a_checkpoint_without_time_is_read() -> None:
    """Checkpoints of other logs have no time line."""
    body = f"elsewhere\n2\n{ROOT}\n"
    assert Checkpoint.parse(note.Note.parse(note.sign(body, KEYS.signing)).text).time == ""


@pytest.mark.parametrize(
    "body",
    [
        "a\n1\n",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n1.0\n{ROOT}\n",
        f"a\n{2**53}\n{ROOT}\n",
        f"a\n{'9' * 40}\n{ROOT}\n",
        f"a\n\u0661\n{ROOT}\n",
        f"a\n1\n{ROOT[:-2]}\n",
        f"a\n1\n{ROOT}",
        f"a\n1\n{ROOT}\n\nx\n",
        "",
    ],
    ids=repr,
)
def test_what_is_no_checkpoint(body: str) -> None:
    """Missing lines, odd sizes, huge numbers and cut roots are refused."""
    with pytest.raises(Invalid):
        Checkpoint.parse(body)
