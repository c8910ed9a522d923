"""Tables drawn with vertical bars, in plain text and markdown.

The first row is the header. A row of plain text may run over several lines, as copied web tables do: it is
complete when it has as many bars as the header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from troth.policy.text.model import Block
from troth.policy.text.passages import Line, Passage, passage, says_something

_BAR = re.compile(r"(?<!\\)\|")
_MOST_LINES = 6


def bars_in(text: str) -> int:
    """Count the bars that separate cells."""
    return len(_BAR.findall(text))


def cells_of(text: str) -> tuple[str, ...]:
    """Return the cells of a row, without empty ones at its end."""
    cells = [cell.strip() for cell in _BAR.split(text)]
    if cells and not cells[0] and text.lstrip().startswith("|"):
        del cells[0]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def is_rule(text: str) -> bool:
    """Tell whether a line is the rule under a markdown table's header."""
    return "-" in text and "|" in text and set(text) <= set("|:- \t")


def is_header(lines: Sequence[Line], at: int) -> bool:
    """Tell whether a table begins at a line: it and a row after it have the same number of bars."""
    count = bars_in(lines[at].text)
    if not count or not says_something(lines[at].text) or at + 1 >= len(lines):
        return False
    return is_rule(lines[at + 1].text) or bool(_row_end(lines, at + 1, count))


def read(lines: Sequence[Line], at: int, number: int) -> tuple[list[Passage], int] | None:
    """Return the header and rows of the table beginning at a line, and the line behind it; None without one."""
    if not is_header(lines, at):
        return None
    count = bars_in(lines[at].text)
    rows = [_row(Block.TABLE_HEADER, lines[at : at + 1], number)]
    at += 1
    while end := _row_end(lines, at, count):
        rows.append(_row(Block.TABLE_ROW, lines[at:end], number))
        at = end
    return rows, at


def _row_end(lines: Sequence[Line], at: int, count: int) -> int:
    """Return the line behind the row beginning at a line, 0 when there is no row."""
    seen = 0
    for end in range(at, min(at + _MOST_LINES, len(lines))):
        text = lines[end].text
        if not text:
            return 0
        seen += bars_in(text)
        if is_rule(text) or seen >= count or (seen and seen == count - 1 and text.count("|") == seen):
            return end + 1
    return 0


def _row(block: Block, lines: Sequence[Line], number: int) -> Passage:
    joined = " ".join(line.text for line in lines)
    return passage(block, lines, level=number, cells=cells_of(joined))
