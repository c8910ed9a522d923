"""A case as its events tell it: the fold, and what else can be read off the events.

Pure. The same events give the same case; columns of the ledger that say the same are there for lists only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from troth.cases import events, kinds, moves
from troth.cases.events import Event
from troth.cases.kinds import Kind
from troth.errors import Refused
from troth.laws import facts
from troth.laws.facts import Fact

Whom = Literal["self", "agent", "parent"]
Role = Literal["controller", "processor", "unknown"]
CHANNELS = ("mail", "phone", "letter", "form", "agent", "counter", "api")
"""How a request comes in."""
UNKNOWN = "unknown"
"""The residence nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is sealed: who asks, for whom, how they are reached, what they wrote."""

    identities: tuple[str, ...]
    """As typed: `email:…`, `customer/12`."""
    name: str = ""
    reply_to: str = ""
    """An e-mail address, or a postal address on several lines."""
    text: str = ""
    language: str = "en"
    agent: str = ""
    """Name and address of whoever asks for the person."""
    controller: str = ""
    """The customer for whom we hold the data, where we are processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request for one right."""

    id: int
    kind: Kind
    whom: Whom
    role: Role
    residence: str
    """A place as the packs write them: `EU-IE`, `GB-SCT`, `US-CA`; or `unknown`."""
    place: str
    """Where we act: whose days off count."""
    child: bool
    together_with: int | None
    """The first case of the same message."""
    laws: tuple[str, ...]
    events: tuple[Event, ...]

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"case:{self.id}"

    @property
    def received(self) -> datetime:
        """When it came in."""
        return self.events[0].at

    @property
    def state(self) -> str:
        """Where it stands."""
        return state(self.events)

    @property
    def outcome(self) -> str:
        """How it was decided last; empty before, and again once it is reopened."""
        for event in reversed(self.events):
            if event.kind == "reopened":
                return ""
            if event.kind == "withdrawn":
                return "withdrawn"
            if "outcome" in event.body:
                return str(event.body["outcome"])
        return ""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the law's clock is computed from; what came without being asked for moves no clock."""
        asked: set[str] = set()
        found = []
        for event in self.events:
            if event.kind in events.CLOCK and _COMES_AFTER.get(event.kind, "") in {"", *asked}:
                asked.add(event.kind)
                found.append(
                    Fact(kind=event.kind, at=event.at, justified=bool(event.body.get("justified", True)))
                )
        return tuple(found)

    @property
    def open(self) -> bool:
        """Tell whether something is still to be done."""
        return self.state != moves.CLOSED

    @property
    def closed_at(self) -> datetime | None:
        """When it was over; None while it is open."""
        ends = [event for event in self.events if event.kind in {"closed", "withdrawn"}]
        return ends[-1].at if ends and not self.open else None

    @property
    def here(self) -> str:
        """Where we act, whose days off count: as stated, else where the person lives; empty where unknown."""
        return self.place or ("" if self.residence == UNKNOWN else self.residence)

    @property
    def proven(self) -> bool:
        """Tell whether it is proven who asks: the last proof was not taken back by a later failure."""
        last = next(
            (e for e in reversed(self.events) if e.kind in {"identity.proven", "identity.failed"}), None
        )
        return last is not None and last.kind == "identity.proven"

    @property
    def instruction(self) -> str:
        """The controller's last instruction; empty where there is none."""
        found = self.last("instructed")
        return str(found.body["instruction"]) if found else ""

    def last(self, kind: str) -> Event | None:
        """Return the last event of a kind."""
        return next((event for event in reversed(self.events) if event.kind == kind), None)


_COMES_AFTER = {came: asked for asked, came in (facts.PAIRS["identity"],)}
"""What people also send unasked; everything else that comes without being asked for is contradictory."""


def state(found: Sequence[Event]) -> str:
    """Fold events into the state they lead to.

    Raises:
        Refused: when one of them may not come where it does.
    """
    if not found or found[0].kind != "received":
        raise Refused("A case begins with the event `received`.")
    at = moves.NEW
    for event in found[1:]:
        at = moves.after(at, event.kind, event.body.get("outcome"))
    return at


def kind_of(name: str) -> Kind:
    """Return a kind of request by its name."""
    return kinds.kind(name)
