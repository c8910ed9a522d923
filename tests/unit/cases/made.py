"""Cases for tests, made from short lines: an event and its instant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from troth.cases import kinds
from troth.cases.case import Case
from troth.cases.events import Event

BODIES: dict[str, dict[str, object]] = {
    "received": {"channel": "mail"},
    "residence.stated": {"laws": ["eu-gdpr"]},
    "instructed": {"instruction": "oz-17"},
    "identity.asked": {"means": "code", "reason": "doubt", "justified": True},
    "identity.received": {"means": "code"},
    "identity.proven": {"means": "code"},
    "identity.failed": {"reason": "no-answer"},
    "authority.shown": {"means": "paper"},
    "clarification.asked": {"justified": True},
    "fee.asked": {"reason": "excessive", "justified": True},
    "extension.notice": {"reason": "complexity"},
    "decided": {"outcome": "granted"},
    "answered": {"outcome": "granted"},
    "recipients.told": {"recipients": 1},
    "recipient.answered": {"recipient": "recipient:1", "reason": "done"},
    "bounced": {"letter": "letter:1"},
    "reopened": {"reason": "new-facts"},
    "closed": {"outcome": "granted"},
}
"""What an event needs, at its plainest."""


def event(kind: str, at: str, number: int = 0, **body: object) -> Event:
    """Make an event."""
    return Event(
        kind=kind, at=datetime.fromisoformat(at), by=1, body=BODIES.get(kind, {}) | body, number=number
    )


def case(*happened: tuple[str, str] | Event, kind: str = "access", **fields: Any) -> Case:
    """Make a case from what happened to it; the first is the arrival."""
    events = [one if isinstance(one, Event) else event(*one) for one in happened]
    told: dict[str, Any] = {
        "id": 7,
        "whom": "self",
        "role": "controller",
        "residence": "EU-IE",
        "place": "",
        "child": False,
        "together_with": None,
        "laws": ("eu-gdpr",),
    }
    numbered = tuple(
        Event(kind=one.kind, at=one.at, by=one.by, body=one.body, number=number)
        for number, one in enumerate(events, 1)
    )
    return Case(kind=kinds.kind(kind), events=numbered, **told | fields)
