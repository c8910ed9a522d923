"""From the bytes of a file to its characters and lines, with every reason to refuse them.

First stage of reading: nothing here knows YAML beyond the characters it forbids (YAML 1.2.2 §5.1).
"""

from __future__ import annotations

import re

from troth.problems import Problem
from troth.spans import Span

MAX_BYTES = 2_000_000
"""Largest file of a project; the longest policy seen has 60,000 characters."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def lines(text: str) -> tuple[str, ...]:
    """Split as the YAML reader counts lines."""
    return tuple(_BREAK.split(text))


def decode(file: str, data: bytes) -> tuple[str, list[Problem]]:
    """Return the text of a file without its byte order mark, or the faults that keep it from being read."""
    if len(data) > MAX_BYTES:
        return "", [_too_large(file, len(data))]
    if data.startswith(_UTF16):
        return "", [_encoding(Span(file), "UTF-16")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        place = _place(file, data[: bad.start].decode("utf-8-sig", "replace"))
        return "", [_encoding(place, f"byte 0x{data[bad.start]:02x} at offset {bad.start}")]
    return text, [_control(file, text, match) for match in list(_FORBIDDEN.finditer(text))[:20]]


def _place(file: str, before: str) -> Span:
    above = lines(before)
    line, column = len(above), len(above[-1]) + 1
    return Span(file, line, column, line, column + 1)


def _too_large(file: str, size: int) -> Problem:
    return Problem(
        code="too-large",
        message=f"A file of a project has at most {MAX_BYTES:,} bytes; this one has {size:,}.",
        span=Span(file),
        hint="Split the project with `include:`.",
    )


def _encoding(span: Span, found: str) -> Problem:
    return Problem(
        code="bad-encoding",
        message=f"A file of a project is UTF-8; found {found}.",
        span=span,
        found=found,
        hint="Save the file as UTF-8.",
    )


def _control(file: str, text: str, match: re.Match[str]) -> Problem:
    name = "NUL" if match[0] == "\0" else "control"
    return Problem(
        code="bad-yaml",
        message=f"A {name} character (U+{ord(match[0]):04X}) cannot stand in YAML.",
        span=_place(file, text[: match.start()]),
        hint="Remove the character.",
    )
