"""Worked-out text of a template, taken apart into header and parts; tokens are exchanged for values afterwards.

    Subject: …          first, one line each, up to the first blank line; `Language: de` may follow
    # Heading
    - point             points that follow one another are one list
    anything else       a paragraph; `\\` at the end of a line breaks it

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from troth.letters.model import Heading, Listing, Paragraph, Part
from troth.problems import BadInput, Problem
from troth.spans import Span

_OPEN, _CLOSE, _WHOLE = "\x02", "\x03", "\x04"
_TOKEN = re.compile(r"[\x02\x04]([0-9]+)\x03")
_ALONE = re.compile(r"\x04([0-9]+)\x03")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_SUBJECT = 200

Value = str | tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a template came to."""

    subject: str
    language: str
    parts: tuple[Part, ...]


def token(number: int, *, whole: bool) -> str:
    """Return the stand-in for a value; `whole` for one that is parts."""
    return f"{_WHOLE if whole else _OPEN}{number}{_CLOSE}"


def parsed(text: str, values: Sequence[Value], name: str) -> Page:
    """Take a text apart and put the values in.

    Raises:
        BadInput: when the header is not as it must be, or parts stand within a line.
    """
    header, _, body = text.lstrip("\n").partition("\n\n")
    subject, language = _header(header, values, name)
    return Page(subject=subject, language=language, parts=tuple(_parts(body, values, name)))


def _header(header: str, values: Sequence[Value], name: str) -> tuple[str, str]:
    fields = dict.fromkeys(("Subject", "Language"), "")
    for line in header.splitlines():
        field, colon, said = line.partition(":")
        if field not in fields or not colon:
            raise _bad(name, "A letter begins with `Subject: …`, and `Language: …` where it is not English.")
        fields[field] = " ".join(_filled(said, values, name).split())
    if not fields["Subject"]:
        raise _bad(name, "A letter begins with a line `Subject: …` that is not empty.")
    language = fields["Language"] or "en"
    if not _LANGUAGE.fullmatch(language):
        raise _bad(name, "The language of a letter is a tag such as `en` or `pt-BR`.")
    return fields["Subject"][:MAX_SUBJECT], language


def _parts(body: str, values: Sequence[Value], name: str) -> Iterator[Part]:
    points: list[str] = []
    for kind, lines in _blocks(body):
        if kind == "point":
            points.append(_filled(lines[0], values, name, breaks=False))
            continue
        if points:
            yield Listing(items=tuple(points))
            points = []
        if kind == "whole":
            yield from _whole(lines[0], values)
        elif text := _filled(_joined(lines), values, name, breaks=kind != "heading"):
            yield Heading(text=text) if kind == "heading" else Paragraph(text=text)
    if points:
        yield Listing(items=tuple(points))


def _blocks(body: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what the lines are, and their text: paragraphs as several lines, everything else line by line."""
    for kind, group in groupby((line.strip() for line in body.splitlines()), key=_kind):
        lines = list(group)
        if kind == "text":
            yield kind, lines
        elif kind:
            cut = {"heading": 1, "point": 2, "whole": 0}[kind]
            yield from ((kind, [line[cut:].strip()]) for line in lines)


def _kind(line: str) -> str:
    if not line:
        return ""
    if _ALONE.fullmatch(line):
        return "whole"
    if line.startswith("# "):
        return "heading"
    return "point" if line.startswith("- ") else "text"


def _joined(lines: Sequence[str]) -> str:
    """Join the lines of a paragraph by blanks, or where one ends in a backslash by a break."""
    text = "".join(f"{line[:-1].rstrip()}\n" if line.endswith("\\") else f"{line} " for line in lines)
    return text.strip()


def _whole(line: str, values: Sequence[Value]) -> tuple[Part, ...]:
    value = values[int(line[1:-1])]
    assert isinstance(value, tuple)
    return value


def _filled(text: str, values: Sequence[Value], name: str, *, breaks: bool = True) -> str:
    """Exchange tokens for values; one that a value holds (of a macro) only for values before it."""

    def fill(text: str, below: int) -> str:
        def value(found: re.Match[str]) -> str:
            number = int(found[1])
            if number >= below:
                return ""
            one = values[number]
            if not isinstance(one, str):
                raise _bad(name, "What `show` and `large` give must stand on a line of its own.")
            return fill(one, number)

        return _TOKEN.sub(value, text)

    filled = fill(text, len(values))
    lines = [" ".join(line.split()) for line in filled.splitlines()]
    return "\n".join(lines).strip() if breaks else " ".join(line for line in lines if line)


def _bad(name: str, message: str) -> BadInput:
    problem = Problem(
        code="bad-template",
        message=message,
        span=Span(f"letters/{name}"),
        hint="Mend the template; docs/reference/letters.md shows one.",
    )
    return BadInput([problem])
