"""Write and check instants as evidence holds them: RFC 3339, UTC, with a Z.

`2026-01-31T12:00:00Z`, with exactly six more digits where there is a fraction: one instant has one spelling.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from troth.errors import Refused

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def instant(at: datetime) -> str:
    """Write an instant.

    Raises:
        Refused: when it does not say its offset from UTC.
    """
    if at.tzinfo is None:
        raise Refused("An instant with its offset from UTC was expected, found one without.")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def is_instant(text: str) -> bool:
    """Tell whether a text is an instant in its one spelling."""
    if not _INSTANT.fullmatch(text):
        return False
    try:
        return instant(datetime.fromisoformat(text)) == text
    except ValueError:
        return False


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, as 2026-01-31."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
