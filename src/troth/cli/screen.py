"""What goes to the terminal: text and tables on standard output, complaints and progress on standard error.

Piped output has no colour and is never cut to a width; NO_COLOR is respected (no-color.org). The project in use
is kept here too, so that messages can show lines of its files.
"""

from __future__ import annotations

import contextlib
import io
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

UNBOUNDED = 100_000
"""Width of what is no terminal: nothing is ever cut."""
GAP = 3
"""Blanks between columns."""
STYLES = {
    "broken": "bold red",
    "unproven": "yellow",
    "kept": "green",
    "not-triggered": "dim",
    "fault": "bold red",
    "finding": "yellow",
    "done": "green",
    "cited": "green",
    "wording-only": "dim",
    "uncited": "yellow",
    "overdue": "bold red",
    "late": "red",
    "soon": "yellow",
    "in time": "green",
    "waiting": "dim",
    "elsewhere": "dim",
    "answered": "dim",
    "closed": "dim",
}
"""Colour of a word that is a status."""

_in_use: list[Path] = []


def use(folder: Path) -> None:
    """Remember the project in use."""
    _in_use[:] = [folder]


def project() -> Path:
    """Return the project in use; the current folder before one is known."""
    return _in_use[0] if _in_use else Path()


def out() -> Console:
    """Return the console for standard output."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else UNBOUNDED
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def write(text: str) -> None:
    """Write text as it is."""
    sys.stdout.write(text)


def say(text: str = "", style: str = "") -> None:
    """Write one line, in colour where a terminal reads it."""
    if sys.stdout.isatty() and style:
        out().print(text, style=style, soft_wrap=True)
    else:
        sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """Write to standard error; should nobody read it, go on."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """Write a table; columns whose index is in `right` are aligned to the right.

    Where a terminal is too narrow for it without breaking names, each row becomes a few lines instead.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    rows = [tuple(row) for row in rows]
    console = out()
    if console.width < _narrowest([headings, *rows]):
        for row in rows:
            _lines(headings, row, console.width)
        return
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    numbers = set(right)
    for index, heading in enumerate(headings):
        made.add_column(heading, justify="right" if index in numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(_cell(cell) for cell in row))
    with console.capture() as captured:
        console.print(made)
    lines = captured.get().split("\n")
    sys.stdout.write("\n".join(line.rstrip() for line in lines).strip("\n") + "\n")


def _narrowest(rows: Iterable[Sequence[str]]) -> int:
    """Return how wide a table must be for every column to hold its longest word."""
    columns = zip(*rows, strict=True)
    return sum(max((len(w) for cell in column for w in cell.split()), default=0) + GAP for column in columns)


def _lines(headings: Sequence[str], row: Sequence[str], width: int) -> None:
    """Write a row as its first two cells, and below them the others with their headings."""
    say("  ".join(row[:2]), STYLES.get(row[0], "bold"))
    rest = (f"{heading}: {cell}" for heading, cell in zip(headings[2:], row[2:], strict=True) if cell)
    for line in textwrap.wrap(" · ".join(rest), width - 4, break_long_words=False, break_on_hyphens=False):
        say(f"    {line}")


def _cell(text: str) -> Text:
    from rich.text import Text

    return Text(text, style=STYLES.get(text, ""))


def captured(show: Callable[[], None]) -> str:
    """Return what a function would write, as piped output has it."""
    with contextlib.redirect_stdout(io.StringIO()) as kept:
        show()
    return kept.getvalue()


def number(count: int) -> str:
    """Write a count as people read it."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun, as `1 row` or `1,200 rows`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"
