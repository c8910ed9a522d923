"""Places in the user's files: where a value stands, so that every message can point at it.

Lines and columns count from 1, as editors do. A span never holds the text itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where a value starts and ends in one file of the project."""

    file: str
    """Path as the user would type it: relative to the project folder where possible."""
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    """One past the last character."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
