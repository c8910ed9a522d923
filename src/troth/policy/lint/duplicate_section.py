"""Two sections under one heading, or one subject spread over several: their contents can differ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given
from troth.policy.text.fingerprint import normalise
from troth.policy.text.model import Heading, Text
from troth.problems import Problem

_NUMBER = re.compile(r"^\s*(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[ivxIVX]+[.)])\s+")
MANY_RIGHTS = 3
"""From how many kinds of right a section counts as a list of rights."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding at the second of two equal headings, and at each further list of rights."""
    if given.text is None:
        return
    seen: dict[tuple[tuple[str, ...], str], Heading] = {}
    for heading in given.text.headings:
        title = normalise(_NUMBER.sub("", heading.text))
        first = seen.setdefault((heading.path, title), heading)
        if first is not heading and heading.level > 0:
            message = f"Two sections have this heading; the first stands on line {first.span.line}."
            yield _at(heading, message)
    yield from _rights(given.text)


def _rights(text: Text) -> Iterator[Problem]:
    kinds: dict[str, set[str]] = {}
    outer: dict[str, Heading] = {}
    for sentence in text.sentences:
        if sentence.heading_path and sentence.kind_guess.startswith("right-"):
            top = sentence.heading_path[0]
            outer[top.fingerprint] = top
            kinds.setdefault(top.fingerprint, set()).add(sentence.kind_guess)
    lists = [outer[name] for name, found in kinds.items() if len(found) >= MANY_RIGHTS]
    for heading in lists[1:]:
        message = f"Rights are listed here again; the first list stands on line {lists[0].span.line}."
        yield _at(heading, message)


def _at(heading: Heading, message: str) -> Problem:
    return Problem(
        code="duplicate-section",
        message=message,
        span=heading.span,
        hint="Join the sections, or say in each heading for whom it is.",
        about=heading.fingerprint,
    )
