"""What a store can do for rights, as it says itself; what it cannot becomes a task for a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ability = Literal[
    "delete", "blank", "replace", "generalise", "scrub", "prune", "detach", "restrict", "recheck"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a store can do; what it cannot becomes a task for a person."""

    store: str
    engine: str
    can: frozenset[Ability]
    atomic: bool
    """A batch is all or nothing; else a kill leaves a part that a rerun finishes."""
    joins: bool = True
    """Rows of one dataset can be asked about rows of another."""
    notes: tuple[str, ...] = ()
    """What a user should know, in sentences."""
    unread: tuple[tuple[str, str], ...] = ()
    """Places of it that cannot be read, each with the reason: nobody can be found there."""
