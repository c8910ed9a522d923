"""Requests and their events as plain values; importable without Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """One request as its row has it."""

    id: int
    kind: str
    whom: str
    role: str
    residence: str
    place: str
    child: bool
    together_with: int | None
    laws: tuple[str, ...]
    state: str
    outcome: str
    events_kept: int
    received_at: datetime
    opened_at: datetime
    legal_due: datetime | None
    safe_due: datetime
    due_law: str
    own_target: bool
    closed_at: datetime | None
    forgotten_at: datetime | None

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"case:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A request before it has an id."""

    kind: str
    whom: str
    role: str
    residence: str
    place: str
    child: bool
    together_with: int | None
    laws: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One event as its row has it."""

    case: int
    number: int
    kind: str
    at: datetime
    """On the clock it was read on."""
    recorded_at: datetime
    by: int
    """Staff id; 0 for the system."""
    body: Mapping[str, object]
    has_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event before it is kept."""

    kind: str
    at: datetime
    by: int
    body: Mapping[str, object]
    text: Mapping[str, object] | None = None
    """What is sealed beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a case's events add up to, for its row."""

    state: str
    outcome: str
    laws: tuple[str, ...]
    residence: str
    role: str
    legal_due: datetime | None
    safe_due: datetime
    due_law: str
    own_target: bool
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSum:
    """One request and what its events add up to, as a check reads it; numbers are places of events in the case."""

    id: int
    kind: str
    whom: str
    role: str
    residence: str
    place: str
    child: bool
    laws: tuple[str, ...]
    state: str
    outcome: str
    received_at: datetime
    legal_due: datetime | None
    safe_due: datetime
    due_law: str
    own_target: bool
    answered_at: datetime | None = None
    """When an answer first went out."""
    acknowledged_at: datetime | None = None
    done_at: datetime | None = None
    """When something was first done."""
    referred_at: datetime | None = None
    granted_first: int | None = None
    granted: int | None = None
    refusing: int | None = None
    """The last decision that refuses something."""
    reasoned: int | None = None
    """The last decision that names reasons."""
    decided: int | None = None
    unsigned: int = 0
    """Decisions nobody stands for by name."""
    proven_first: int | None = None
    proven: int | None = None
    failed: int | None = None
    asked: int = 0
    """How often proof of identity was asked for."""
    authority: int | None = None
    instructed: int | None = None
    done_first: int | None = None
    done: int | None = None
    certified: int | None = None
    packaged: int | None = None
    residues: int | None = None
    """The last time something was done that left something behind."""
    kept: int | None = None
    """The last time something was done that kept something."""
    told: int = 0
    """How often recipients were told."""
    customer_asked: int = 0
    moved: int = 0
    """Events that can move the end of a term."""
    reopened: int = 0
