"""Problems in the user's files, as values: collected, sorted, and shown all at once.

"The files are wrong" (Problem), "a promise is not met" (a status, see promises) and "cannot go on" (an
exception, see errors) are three different things. Nothing here reads a file or prints.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from troth.codes import ALL, Severity
from troth.errors import TrothError
from troth.spans import Span

DOC_PAGE = "docs/reference/problems.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault or finding, with all a person needs to mend it."""

    code: str
    """A name from `codes.ALL`."""
    message: str
    """What is wrong, in one sentence. Never a personal value."""
    span: Span | None = None
    found: str = ""
    """The value found, where there is one."""
    valid: tuple[str, ...] = ()
    """The values that would be valid, or a description of them."""
    nearest: str = ""
    """The valid name that looks most like the one found."""
    hint: str = ""
    """What to do."""
    about: str = ""
    """What the finding is about (a dataset, field or rule), so that an acceptance can name it."""

    @property
    def severity(self) -> Severity:
        """Tell whether this stops the load."""
        return ALL[self.code].severity

    @property
    def page(self) -> str:
        """Where the documentation explains it."""
        return f"{DOC_PAGE}#{self.code}"


class BadInput(TrothError):
    """The user's text cannot be used; carries every problem found."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = in_order(problems)
        count = len(self.problems)
        super().__init__(f"{count} fault{'s' if count != 1 else ''} in the input")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by place, then code, then message, dropping exact repeats."""

    def place(problem: Problem) -> tuple[str, int, int, str, str]:
        span = problem.span
        where = (span.file, span.line, span.column) if span else ("", 0, 0)
        return (*where, problem.code, problem.message)

    return tuple(sorted(dict.fromkeys(problems), key=place))


def faults(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Keep those that stop the load."""
    return tuple(p for p in problems if p.severity is Severity.FAULT)


def nearest(found: str, valid: Iterable[str]) -> str:
    """Return the valid name most like the one found, or nothing when none is close."""
    close = difflib.get_close_matches(found, list(valid), n=1, cutoff=0.6)
    return close[0] if close else ""
