"""Pieces of SQL with the values that go into them: a value is never part of the text.

Pure. A piece is put together from others in the order in which they stand, so that values and marks stay paired.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL text, and a value for each `?` in it."""

    sql: str
    given: tuple[object, ...] = ()


TRUE, FALSE = Piece("true"), Piece("false")


def piece(template: str, *parts: Piece) -> Piece:
    """Put pieces in the place of each `{}` of a template; other braces stay as they are."""
    first, *rest = template.split("{}")
    given = tuple(value for part in parts for value in part.given)
    filled = (part.sql + text for part, text in zip(parts, rest, strict=True))
    return Piece(first + "".join(filled), given)


def value(given: object) -> Piece:
    """Make a mark for one value."""
    return Piece("?", (given,))


def joined(parts: Iterable[Piece], between: str, empty: Piece = FALSE) -> Piece:
    """Join pieces; `empty` where there is none."""
    found = tuple(parts)
    if not found:
        return empty
    given = tuple(value for part in found for value in part.given)
    return Piece(between.join(part.sql for part in found), given)


def quoted(name: str) -> str:
    """Write a name as SQL, so that no letter of it means anything else."""
    return '"' + name.replace('"', '""') + '"'


def named(name: str) -> Piece:
    """Make a piece of a name."""
    return Piece(quoted(name))


def text(given: str) -> str:
    """Write a constant of ours, or the address of a file, as an SQL string."""
    return "'" + given.replace("'", "''") + "'"
