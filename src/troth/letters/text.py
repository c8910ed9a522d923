"""A letter as plain text: what every mail carries, and what can be read anywhere. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from troth.letters.model import (
    Code,
    Heading,
    Letter,
    Listing,
    Paragraph,
    Part,
    Reason,
    Reasons,
    Route,
    Routes,
    Table,
)

WIDTH = 72
"""Signs a line, where words allow it (RFC 3676 §4.2 advises 78 at most)."""


def render(letter: Letter) -> str:
    """Write a letter as plain text."""
    blocks = ["\n".join((letter.sender.name, *letter.sender.address))]
    for part in letter.parts:
        blocks += _part(part)
    return "\n\n".join(blocks) + "\n"


def _part(part: Part) -> Iterator[str]:
    match part:
        case Heading():
            wrapped = _wrapped(part.text)
            yield f"{wrapped}\n{'-' * max(map(len, wrapped.splitlines()))}"
        case Paragraph():
            yield _wrapped(part.text)
        case Code():
            yield f"    {part.text}"
        case Listing():
            yield "\n".join(_wrapped(item, "- ", "  ") for item in part.items)
        case Reasons():
            yield from (_reason(one, part) for one in part.items)
        case Routes():
            yield from (_route(one) for one in part.items)
        case Table():
            yield from _table(part)


def _reason(reason: Reason, words: Reasons) -> str:
    lines = [_wrapped(f"{reason.item}\n{reason.because}", "- ", "  ")]
    lines += [_wrapped(f"{words.law}: {reason.law}", "  ", "  ")] if reason.law else []
    lines += [_wrapped(f"{words.until}: {reason.until}", "  ", "  ")] if reason.until else []
    return "\n".join(lines)


def _route(route: Route) -> str:
    lines = [_wrapped(f"{route.name}\n{route.how}", "- ", "  ")]
    lines += [_wrapped(route.contact, "  ", "  ")] if route.contact else []
    return "\n".join(lines)


def _table(table: Table) -> Iterator[str]:
    """Write a table in columns where it is narrow enough; else each row as a few lines."""
    rows = (table.headings, *table.rows)
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in flat) for column in range(len(table.headings))]
    if sum(widths) + 2 * (len(widths) - 1) <= WIDTH:
        rule = ["-" * width for width in widths]
        yield "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (flat[0], rule, *flat[1:])
        )
        return
    for row in flat[1:]:
        pairs = [f"{heading}: {cell}" for heading, cell in zip(flat[0], row, strict=True) if cell]
        if pairs:
            yield "\n".join(_wrapped(pair, "  " if at else "- ", "    ") for at, pair in enumerate(pairs))


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    """Break lines at words; a break in the text stays one."""
    lines: list[str] = []
    for line in text.splitlines():
        wrap = textwrap.TextWrapper(
            width=WIDTH,
            initial_indent=rest if lines else first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrap.wrap(line) or [""]
    return "\n".join(lines)
