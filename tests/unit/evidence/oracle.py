"""A slow, obviously right Merkle tree: the recursive definitions of RFC 9162 §2.1.1, word by word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root(entries: Sequence[bytes]) -> bytes:
    """Return MTH(D_n)."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + root(entries[:split]) + root(entries[split:])).digest()
