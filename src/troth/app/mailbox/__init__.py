"""Messages that come in by mail: taken from a mailbox, sorted, and settled by people.

`poll` takes messages in; `listed`, `read`, `confirm`, `join`, `dismiss` and `save` are what people do with them.
"""

from __future__ import annotations

from troth.app.mailbox.settling import (
    DISMISSALS,
    Read,
    Waiting,
    again,
    confirm,
    dismiss,
    join,
    listed,
    look,
    raw,
    read,
    save,
)
from troth.app.mailbox.sorting import WHY
from troth.app.mailbox.taking import LIMIT, Taken, poll

__all__ = [
    "DISMISSALS",
    "LIMIT",
    "WHY",
    "Read",
    "Taken",
    "Waiting",
    "again",
    "confirm",
    "dismiss",
    "join",
    "listed",
    "look",
    "poll",
    "raw",
    "read",
    "save",
]
