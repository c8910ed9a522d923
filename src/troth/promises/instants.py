"""Dates as stores write them, read back as days: an ISO day, an instant, or a number of seconds.

Text that is not a date is nothing: the smallest text of a column may be a name, and must not reach a report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from troth.plan.dates import NUMBER_LAYOUTS

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?![\d-])")


def day(text: str, layout: str = "") -> date | None:
    """Return the day a stored value names; None where it names none."""
    try:
        if layout in NUMBER_LAYOUTS:
            return datetime.fromtimestamp(float(text) / NUMBER_LAYOUTS[layout], UTC).date()
        found = _DAY.match(text)
        return date.fromisoformat(found[1]) if found else None
    except (ValueError, OverflowError, OSError):
        return None


def earliest(texts: Iterable[str], layouts: Iterable[str]) -> date | None:
    """Return the earliest day among stored values, all of which may be in any of some layouts."""
    numbers = next((layout for layout in layouts if layout in NUMBER_LAYOUTS), "")
    days = [found for text in texts if text and (found := day(text, "" if "-" in text else numbers))]
    return min(days, default=None)
