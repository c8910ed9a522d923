"""Kinds of entries about other systems: which keys open the interface, and who is told of events."""

from __future__ import annotations

from troth.evidence.fields import CODE, FLAG, INSTANT, REFERENCE, STAFF, list_of
from troth.evidence.kind import kind as _kind

_KEY = {"key": REFERENCE, "by": STAFF}
_WEBHOOK = {"webhook": REFERENCE, "by": STAFF}

SYSTEMS = (
    _kind(
        "api-key.created",
        "Another system was given a key; it acts as the staff named by `acts_as`.",
        {**_KEY, "scopes": list_of(CODE), "acts_as": STAFF},
        {"expires": INSTANT},
    ),
    _kind(
        "api-key.rotated",
        "The key of another system got a new secret; the one before is good until then.",
        {**_KEY, "older_until": INSTANT},
    ),
    _kind("api-key.ended", "A key of another system opens nothing any more.", _KEY),
    _kind(
        "webhook.added",
        "Another system is told of events, by reference only; `private` where it stands in a network of our own.",
        {**_WEBHOOK, "events": list_of(CODE)},
        {"private": FLAG},
    ),
    _kind("webhook.ended", "Another system is told of events no more.", _WEBHOOK),
)
