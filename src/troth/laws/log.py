"""A clock's events as people write them: a YAML file with `events`, each with its kind and its instant.

```yaml
events:
  - {kind: received, at: 2026-01-31T10:00Z}
  - {kind: identity.asked, at: 2026-02-02T09:00Z, justified: no}
```
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from troth.grammar import faults
from troth.grammar.declare import Block, Flag
from troth.grammar.nodes import compose
from troth.laws.facts import Fact
from troth.problems import BadInput


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value).strip())
    except ValueError as bad:
        raise PydanticCustomError("bad_instant", "an instant with its zone: 2026-01-31T10:00Z") from bad


class Event(Block):
    """One event."""

    kind: Literal[
        "received",
        "identity.asked",
        "identity.received",
        "fee.asked",
        "fee.paid",
        "clarification.asked",
        "clarification.answered",
        "cost.told",
        "cost.confirmed",
        "extension.notice",
        "answered",
    ]
    at: Annotated[datetime, BeforeValidator(_instant)]
    justified: Flag = True


class Log(Block):
    """What happened, in any order."""

    events: tuple[Event, ...]


def parse(file: str, data: bytes) -> tuple[Fact, ...]:
    """Read the events of a file.

    Raises:
        BadInput: with every fault, each with its line.
    """
    document = compose(file, data)
    if document.problems or document.values is None:
        raise BadInput(document.problems)
    made, found = faults.find(Log, document.values, document.places, file)
    if found:
        raise BadInput([fault.problem for fault in found])
    return tuple(Fact(kind=one.kind, at=one.at, justified=one.justified) for one in made.events)
