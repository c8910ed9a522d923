"""What every file of an export says about the export itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """By whom, when, from what, and what was not looked at."""

    organisation: str
    contact: str
    """Where a person can ask about it."""
    at: str
    """The instant, ISO 8601."""
    simulation: bool
    policy: str
    """SHA-256 of the policy."""
    stores: tuple[str, ...]
    """Every store that was searched."""
    unlooked: tuple[tuple[str, str], ...] = ()
    """What was not looked at, and why."""
    notes: tuple[str, ...] = ()
    incomplete: bool = False
    """A store that should have answered did not."""
