"""What goes to the terminal: text and tables on standard output, complaints and progress on standard error.

Piped output has no colour and is never cut to a width; NO_COLOR is respected (no-color.org). The project in use
is kept here too, so that messages can show lines of its files.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

UNBOUNDED = 100_000
"""Width of what is no terminal: nothing is ever cut."""
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
    """Write a table; columns whose index is in `right` are aligned to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    numbers = set(right)
    for index, heading in enumerate(headings):
        made.add_column(heading, justify="right" if index in numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(_cell(cell) for cell in row))
    console = out()
    with console.capture() as captured:
        console.print(made)
    lines = captured.get().split("\n")
    sys.stdout.write("\n".join(line.rstrip() for line in lines).strip("\n") + "\n")


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
