"""Short lengths of time as people type them: `200ms`, `1.5s`, `none`."""

from __future__ import annotations

import re
from datetime import timedelta

from troth.problems import BadInput, Problem

_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s)", re.ASCII)
SHORTEST, LONGEST = timedelta(milliseconds=1), timedelta(hours=1)


def read(text: str, what: str) -> timedelta | None:
    """Read a length of time; None for `none`.

    Raises:
        BadInput: when it is neither, or out of bounds.
    """
    if text.strip() == "none":
        return None
    found = _FORM.fullmatch(text.strip())
    if found:
        seconds = float(found[1]) / (1000 if found[2] == "ms" else 1)
        length = timedelta(seconds=min(seconds, LONGEST.total_seconds() * 2))
        if SHORTEST <= length <= LONGEST:
            return length
    problem = Problem(
        code="bad-value",
        message=f"{what} is no length of time from 1ms to 1 hour.",
        found=text,
        valid=("200ms", "1s", "none"),
        hint="Write a number with ms or s, or none for no bound.",
    )
    raise BadInput([problem])
