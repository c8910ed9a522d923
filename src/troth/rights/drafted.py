"""A drafted erasure: every step and everything that stays, with the question that counts it.

Pure. Made by `draft`, counted by the stores, sealed by `seal`. Questions say what holds keep (they are asked at once
and stand in no file); steps do not.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.rights.holds import Asked, Probe
from troth.rights.model import ErasureStep, Spared, Task, Unlooked


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedStep:
    """A step without its count."""

    step: ErasureStep
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedSpared:
    """Something that may stay, without its count."""

    spared: Spared
    asked: Asked
    task: Task | None = None
    """What a person must do if it does."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything decided before a row is looked at."""

    steps: tuple[DraftedStep, ...]
    """In the order of work."""
    spared: tuple[DraftedSpared, ...]
    datasets: tuple[Asked, ...]
    """Rows about the people in every dataset."""
    probes: tuple[Probe, ...]
    """Whether holds in one store reach the people whose rows lie in another."""
    away: tuple[DraftedSpared, ...]
    """What stays of a dataset when a hold in another store, named under `detail`, reaches the people."""
    tasks: tuple[Task, ...]
    """Whatever the counts are."""
    unlooked: tuple[Unlooked, ...]
    warnings: tuple[str, ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """(dataset, columns) by which people are looked for and that no index leads."""

    @property
    def asked(self) -> tuple[Asked, ...]:
        """List every question once; the counts that `seal` takes are in this order."""
        steps = (one.asked for one in self.steps)
        spared = (one.asked for one in (*self.spared, *self.away))
        probes = (one.asked for one in self.probes)
        return tuple(dict.fromkeys((*self.datasets, *steps, *spared, *probes)))
