"""Write YAML for people: plain values where possible, a comment beside each guess.

Only what a draft needs; reading YAML is the grammar's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./=-]+)*")
_RESERVED = frozenset("yes no true false on off null y n ~".split())  # noqa: SIM905


def scalar(text: str) -> str:
    """Write one text, quoted where YAML would read it as something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(items: Iterable[str]) -> str:
    """Write a list on one line."""
    return "[" + ", ".join(scalar(item) for item in items) + "]"


def mapping(pairs: Iterable[tuple[str, str]]) -> str:
    """Write a mapping of ready-made values on one line."""
    return "{" + ", ".join(f"{scalar(key)}: {value}" for key, value in pairs) + "}"


def comment(text: str) -> str:
    """Write a comment: one line, whatever the text."""
    return "# " + " ".join(text.split())


def beside(line: str, text: str, *, column: int = 40) -> str:
    """Put a comment to the right of a line."""
    return f"{line.ljust(column)}  {comment(text)}" if text else line
