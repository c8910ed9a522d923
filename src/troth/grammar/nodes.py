"""YAML to plain values, with the place of every key and value.

Made from the parser's event stream with a composer of our own: no tags are run, no recursion, and size, depth
and repetition are bounded. Keys are always text. Anchors, aliases and several documents are refused
(docs/decisions/0002-yaml-with-positions.md). What the values mean is decided later, by the declaration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from troth.grammar import characters, scalars
from troth.problems import Problem
from troth.spans import Span

MAX_DEPTH = 30
MAX_NODES = 200_000

_TAGS = frozenset(
    ["!", *(f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "map", "seq"))]
)

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the project to a value."""


class Place(NamedTuple):
    """Where a value and its key stand; a list item is its own key."""

    key: Span
    value: Span


@dataclass(slots=True, kw_only=True)
class Document:
    """What one file says."""

    file: str
    values: dict[str, Any] | None = None
    """The top mapping, or None when the file cannot be used."""
    places: dict[Path, Place] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    """A mapping or list under construction."""

    items: dict[str, Any] | list[Any]
    path: Path | None
    """None where the values are thrown away: under a doubled key."""
    key: str | None = None
    key_span: Span | None = None
    taken: bool = False
    """Whether the pending key was seen before."""
    start: Span | None = None


class _Stop(Exception):
    """Leave the event stream: the rest of the file cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def compose(file: str, data: bytes) -> Document:
    """Read one file; its faults are in `problems`, and `values` is None when it cannot be used."""
    text, problems = characters.decode(file, data)
    document = Document(file=file, lines=characters.lines(text), problems=problems)
    if problems:
        return document
    composer = _Composer(document)
    try:
        composer.run(text)
    except _Stop as stop:
        document.problems.append(stop.problem)
        document.values = None
    except yaml.YAMLError as error:
        document.problems += _syntax(document, error)
        document.values = None
    return document


class _Composer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_Frame] = []
        self.nodes = 0
        self.documents = 0

    def run(self, text: str) -> None:
        for event in _events(text):
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._open(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._close(event)
            elif isinstance(event, AliasEvent):
                raise _Stop(self._alias(event))
            elif isinstance(event, DocumentStartEvent):
                self._document(event)
        if self.documents == 0:
            raise _Stop(_empty(self.document.file))

    def _document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _Stop(
                self._bad(event, "A file of a project is one YAML document; a second one starts here.")
            )

    def _node(self, event: NodeEvent) -> Span:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Stop(self._large(event, f"more than {MAX_NODES:,} values"))
        if event.anchor:
            raise _Stop(self._alias(event))
        tag = getattr(event, "tag", None)
        if tag and tag not in _TAGS:
            raise _Stop(self._bad(event, "Tags of one's own are not part of the language."))
        return self._span(event)

    def _scalar(self, event: ScalarEvent) -> None:
        span = self._node(event)
        frame = self.stack[-1] if self.stack else None
        if frame and isinstance(frame.items, dict) and frame.key is None:
            self._take_key(frame, event.value, span)
            return
        value = scalars.plain(event.value) if event.implicit[0] else event.value
        self._attach(value, span)

    def _take_key(self, frame: _Frame, key: str, span: Span) -> None:
        frame.key, frame.key_span = key, span
        frame.taken = key in frame.items
        if frame.taken and frame.path is not None:
            first = self.document.places[(*frame.path, key)].key
            self.document.problems.append(doubled(key, first, span))

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        span = self._node(event)
        if len(self.stack) >= MAX_DEPTH:
            raise _Stop(self._large(event, f"nested more than {MAX_DEPTH} deep"))
        frame = self.stack[-1] if self.stack else None
        if frame and isinstance(frame.items, dict) and frame.key is None:
            raise _Stop(self._bad(event, "A key is a text; a list or mapping cannot be one."))
        items: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        path = self._attach(items, span)
        self.stack.append(_Frame(items, path, start=span))

    def _close(self, event: Event) -> None:
        frame = self.stack.pop()
        if frame.path is None or not frame.path or frame.start is None:
            return
        end = self._end(event, frame)
        start = frame.start
        place = self.document.places[frame.path]
        whole = Span(start.file, start.line, start.column, end.end_line, end.end_column)
        key = whole if place.key is place.value else place.key
        self.document.places[frame.path] = Place(key, whole)

    def _end(self, event: Event, frame: _Frame) -> Span:
        """A block ends where its last value does, not where the next key starts."""
        last = next(reversed(frame.items), None) if isinstance(frame.items, dict) else len(frame.items) - 1
        here = self._span(event)
        bracket = (here.line, here.column) != (here.end_line, here.end_column)
        if bracket or frame.path is None or last is None or last == -1:
            return here
        return self.document.places[(*frame.path, last)].value

    def _attach(self, value: object, span: Span) -> Path | None:
        """Put a value where it belongs and note its place; return its path."""
        if not self.stack:
            return self._top(value, span)
        frame = self.stack[-1]
        path = frame.path
        if isinstance(frame.items, list):
            frame.items.append(value)
            here = None if path is None else (*path, len(frame.items) - 1)
            key_span = span
        else:
            key, key_span = frame.key or "", frame.key_span or span
            here = None if path is None or frame.taken else (*path, key)
            if not frame.taken:
                frame.items[key] = value
            frame.key = None
        if here is not None:
            self.document.places[here] = Place(key_span, span)
        return here

    def _top(self, value: object, span: Span) -> Path:
        if value is None:
            raise _Stop(_empty(self.document.file))
        if not isinstance(value, dict):
            kind = "a list" if isinstance(value, list) else "a single value"
            raise _Stop(
                Problem(
                    code="bad-yaml",
                    message=f"A file of a project is a mapping of keys; this one is {kind}.",
                    span=span,
                    hint="Start with `troth: 1`, then one key a line.",
                )
            )
        self.document.values = value
        return ()

    def _span(self, event: Event) -> Span:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            return Span(self.document.file)
        return Span(self.document.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _alias(self, event: Event) -> Problem:
        return self._bad(event, "Anchors and aliases (`&name`, `*name`) are not part of the language.")

    def _bad(self, event: Event, message: str) -> Problem:
        return Problem(code="bad-yaml", message=message, span=self._span(event), hint="Write the value out.")

    def _large(self, event: Event, what: str) -> Problem:
        return Problem(
            code="too-large",
            message=f"The file is {what}; no policy needs that.",
            span=self._span(event),
            hint="Split the project with `include:`.",
        )


def _events(text: str) -> Iterator[Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


def doubled(key: str, first: Span, second: Span) -> Problem:
    """Make the fault for a key that stands twice, at its second place."""
    return Problem(
        code="duplicate-key",
        message=f"`{key}` stands twice: first at {first}, again at {second}.",
        span=second,
        found=key,
        hint="Keep one of them.",
    )


def _empty(file: str) -> Problem:
    return Problem(
        code="bad-yaml",
        message="The file is empty; a project file is a mapping of keys.",
        span=Span(file),
        hint="Start with `troth: 1`, then one key a line.",
    )


def _syntax(document: Document, error: yaml.YAMLError) -> list[Problem]:
    """Say what the parser stumbled over; tabs, the commonest cause, are all shown."""
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    shown = document.lines[line - 1] if line <= len(document.lines) else ""
    tabs = list(_tabbed(document.lines)) if "\t" in shown[: column + 1] else []
    if tabs:
        return [_tab(document.file, number, text) for number, text in tabs[:20]]
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    context, began = getattr(error, "context", None), getattr(error, "context_mark", None)
    if context and began and began.line + 1 < line:
        context = f"{context}, opened on line {began.line + 1}"
    return [
        Problem(
            code="bad-yaml",
            message=f"This is not YAML: {reason}{f' ({context})' if context else ''}.",
            span=Span(document.file, line, column, line, column + 1),
            hint="Look for a missing quote, bracket, colon or indent here or on the line above.",
        )
    ]


def _tabbed(lines: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(lines, 1):
        if "\t" in text[: len(text) - len(text.lstrip())] or text.lstrip(" -").startswith("\t"):
            yield number, text


def _tab(file: str, line: int, text: str) -> Problem:
    column = text.index("\t") + 1
    return Problem(
        code="bad-yaml",
        message="YAML indents with spaces; a tab stands here.",
        span=Span(file, line, column, line, column + 1),
        hint="Replace each tab by spaces (most editors have a setting for it).",
    )
