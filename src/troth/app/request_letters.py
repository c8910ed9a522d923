"""Letters that belong to steps of a request, put into the outbox within the step's own transaction.

Without an address there is no letter, and whoever does the step is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.app.requests import Work
    from troth.cases.case import Case, Contents
    from troth.cases.clocks import Dates


def acknowledge(work: Work, cases: Sequence[Case], dates: Sequence[Dates], contents: Contents) -> str:
    """Queue the acknowledgement of a message; return the letter, or nothing."""
    del work, cases, dates, contents
    return ""
