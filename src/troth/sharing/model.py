"""What a recipient is, wherever it was named, and the closed lists of roles and kinds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Role = Literal["processor", "controller", "joint", "authority", "buyer", "group"]
Kind = Literal["disclosure", "sale", "share", "use"]
"""Handed on for a purpose, sold, shared for advertising across contexts (Civ. Code 1798.140(ah)), or used."""

ROLES: tuple[str, ...] = get_args(Role)
KINDS: tuple[str, ...] = get_args(Kind)

SORTS = {
    "processor": "service provider",
    "controller": "other organisation",
    "joint": "joint controller",
    "authority": "public authority",
    "buyer": "buyer of data",
    "group": "company of the group",
}
"""How a recipient is called where nobody named its category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Someone data goes to."""

    name: str
    """As people read it."""
    role: str
    id: int | None = None
    """In the ledger; None for one the project's files declare."""
    key: str = ""
    """Its name in the files; empty for one of the ledger."""
    promise: str = ""
    """The id by which evidence names one the files declare."""
    sort: str = ""
    categories: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    country: str = ""
    contact: str = ""
    since: date | None = None
    until: date | None = None
    """The last day."""

    @property
    def reference(self) -> str:
        """Write how it is named on screens: `recipient:3`, or its name in the files."""
        return f"recipient:{self.id}" if self.id is not None else self.key

    @property
    def called(self) -> str:
        """Return its category: the one somebody named, or what its role says."""
        return self.sort or SORTS[self.role]

    @property
    def third_party(self) -> bool:
        """Tell whether it decides by itself what it does with the data."""
        return self.role not in {"processor", "authority"}

    def on(self, day: date) -> bool:
        """Tell whether it is given data on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
