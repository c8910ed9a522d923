"""Restriction of processing (GDPR Art. 18): what stands in an application's way, and whether that was seen to hold.

Pure. A store makes the obstacle by the best means it has (`Means`); what was read as each declared role is a `Sight`;
`verdict` says what follows from all of them. A restriction that nobody read against is unproven, never proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from troth.problems import BadInput, Problem, nearest


class Reason(StrEnum):
    """Why processing is restricted: GDPR Art. 18(1), points (a) to (d)."""

    ACCURACY = "accuracy-contested"
    UNLAWFUL = "unlawful-processing"
    CLAIMS = "legal-claims"
    OBJECTION = "objection-pending"


class Means(StrEnum):
    """What stands in an application's way."""

    ROW_SECURITY = "row-security"
    """The database hides the rows from the application's roles (PostgreSQL, chapter 5.8)."""
    QUARANTINE = "quarantine"
    """The rows were moved out of the application's tables."""
    MARKER = "marker"
    """A column tells the application; it is an obstacle only if the application honours it."""
    NONE = "none"
    """Nothing."""


State = Literal["proven", "unproven", "readable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One restriction, as a store carries it out."""

    id: str
    """Its reference, as `restriction:12`."""
    roles: Mapping[str, tuple[str, ...]]
    """Declared roles of the store, each with its purposes."""
    allowed: frozenset[str]
    """Purposes the restriction lets through (Art. 18(2): legal claims, rights of others, …)."""

    def allows(self, role: str) -> bool:
        """Tell whether a role reads for a purpose that goes on."""
        return bool(self.allowed & set(self.roles[role]))

    @property
    def let_through(self) -> tuple[str, ...]:
        """Name the roles that go on."""
        return tuple(role for role in self.roles if self.allows(role))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What was done in one dataset."""

    dataset: str
    means: Means
    rows: int
    why: str = ""
    """What stood in the way of a better obstacle, or is hidden besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one reader saw of one dataset, or that nobody could look."""

    dataset: str
    reader: str
    """A declared role, or what else reads: a view, a function, a role nobody declared."""
    state: State
    rows: int = 0
    """Rows that were read."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Everything that was seen of one restriction."""

    sights: tuple[Sight, ...]
    notes: tuple[str, ...] = ()
    """What is so by nature, as that a superuser sees everything."""

    @property
    def state(self) -> State:
        """Say what follows: one row read breaks it, one place nobody could look at leaves it unproven."""
        return verdict(self.sights)

    @property
    def readable(self) -> int:
        """Count the rows that were read and should not have been."""
        return sum(one.rows for one in self.sights if one.state == "readable")

    def joined(self, other: Proof) -> Proof:
        """Join what was seen in two stores."""
        return Proof(
            sights=(*self.sights, *other.sights), notes=tuple(dict.fromkeys((*self.notes, *other.notes)))
        )


NOTHING = Proof(sights=())


def verdict(sights: Iterable[Sight]) -> State:
    """Join sights; none at all prove nothing."""
    states = {one.state for one in sights}
    if "readable" in states:
        return "readable"
    return "proven" if states == {"proven"} else "unproven"


def reason(text: str) -> Reason:
    """Read the reason of a restriction.

    Raises:
        BadInput: it is none of the four of Art. 18(1).
    """
    valid = tuple(one.value for one in Reason)
    if text in valid:
        return Reason(text)
    close = nearest(text, valid)
    raise BadInput(
        [
            Problem(
                code="bad-value",
                message="The reason of a restriction is none of those of GDPR Art. 18(1).",
                found=text,
                valid=valid,
                nearest=close,
                hint=f"Write `{close}`." if close else "Use one of the valid values.",
            )
        ]
    )
