"""Every promise of a policy with its stable id: what `attested` names, citations count, and checks report.

An id is the promise's own `id`, or its block and key (`retention.account`), never a position. Whether a
promise is kept is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from troth.grammar.nodes import Path
from troth.policy.model import Policy, Promise

NAMED = ("categories", "purposes", "retention", "transfers", "recipients", "statements")
"""Blocks with one promise a key."""

SINGLE = ("rights", "erasure", "breach")
"""Blocks that are one promise."""


class Listed(NamedTuple):
    """One promise, its id and its place in the project."""

    id: str
    path: Path
    promise: Promise


def each(policy: Policy) -> Iterator[Listed]:
    """Yield every promise in the order of the declaration."""
    for block in NAMED:
        for key, promise in getattr(policy, block).items():
            yield Listed(promise.id or f"{block}.{key}", (block, key), promise)
    for block in SINGLE:
        promise = getattr(policy, block)
        if promise is not None:
            yield Listed(promise.id or block, (block,), promise)


def ids(policy: Policy) -> Iterator[str]:
    """Yield every id, those of single rights (`rights.erase`) included."""
    for listed in each(policy):
        yield listed.id
    if policy.rights is not None:
        own = policy.rights.id or "rights"
        yield from (f"{own}.{right}" for right in policy.rights.offer)
