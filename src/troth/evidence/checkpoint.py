"""Make signed checkpoints (C2SP tlog-checkpoint): what the log says of itself at one size.

Body: origin, size, root in base64, then one extension line of ours, `time 2026-01-31T12:00:00Z`: the
specification advises against extension lines, but an auditor needs to know when a checkpoint was made.
Reading stands in `verify`.
"""

from __future__ import annotations

import base64
from datetime import datetime

from troth.errors import Damaged
from troth.evidence import note
from troth.evidence.instants import instant
from troth.evidence.verify import Checkpoint, Invalid, Tree, VerifierKey, open_checkpoint

__all__ = ["Checkpoint", "make", "read"]


def make(tree: Tree, signer: note.Signer, at: datetime) -> str:
    """Return the signed checkpoint of a tree; the origin is the key's name."""
    root = base64.b64encode(tree.root).decode()
    lines = (signer.name, str(tree.size), root, f"time {instant(at)}")
    return note.sign("".join(f"{line}\n" for line in lines), signer)


def read(text: str, key: VerifierKey) -> Checkpoint:
    """Read a checkpoint of ours and check its signature.

    Raises:
        Damaged: when it is malformed or not signed by the key.
    """
    try:
        return open_checkpoint(text, key)
    except Invalid as error:
        raise Damaged(f"A checkpoint signed by {key.name} was expected, but {error}.") from error
