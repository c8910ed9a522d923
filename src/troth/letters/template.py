"""Templates of letters: found, checked, and worked out into parts; a value can never become structure.

A template is plain text with a few marks (docs/reference/letters.md). What an expression prints is put in as a
token and exchanged only after the text was taken apart, so that nothing in a name can make a heading, a list or a
header. Templates run in a sandbox that calls nothing but what is listed here.
"""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, meta, pass_context
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from troth.letters import lines, template_faults
from troth.letters.data import Section, said_day
from troth.letters.kinds import LAYOUT, Kind
from troth.letters.lines import Page, Value
from troth.letters.model import Code, Heading, Listing, Paragraph, Part, Reason, Reasons, Route, Routes, Table
from troth.problems import BadInput

SUFFIX = ".txt.j2"
MAX_TEMPLATE = 100_000
MAX_LETTER = 1_000_000
"""Signs; a template that makes more is stopped."""
FILTERS = (
    *("capitalize", "count", "default", "first", "join", "last", "length", "list", "lower", "map", "reject"),
    *("replace", "select", "sort", "title", "trim", "unique", "upper"),
)
TESTS = ("defined", "divisibleby", "eq", "equalto", "even", "ge", "gt", "in", "le", "lt", "ne", "none", "odd")
STUMBLES = (
    *(TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError),
    RecursionError,  # a template that includes itself
)
_NAME = re.compile(r"_?[a-z][a-z0-9-]{0,60}\.txt\.j2", re.ASCII)
_tokens: ContextVar[list[Value]] = ContextVar("tokens")


@dataclass(frozen=True, slots=True)
class _Shown:
    """Parts a template puts in as a whole."""

    parts: tuple[Part, ...]


class _Sandbox(ImmutableSandboxedEnvironment):
    """Calls only what is offered here, and multiplies nothing into something huge."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def is_safe_callable(self, obj: Any) -> bool:
        return obj in (show, large) or isinstance(obj, Macro | BlockReference | LoopContext)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 as Jinja has it
        raise SecurityError(f"`{operator}` is not offered in letters")


def render(kind: Kind, values: Mapping[str, Any], overrides: Path | None) -> Page:
    """Work out the template of a kind with checked values.

    Raises:
        BadInput: with every fault of the organisation's own template, at its line and column.
    """
    overrides = overrides if overrides is not None and overrides.is_dir() else None
    environment = _environment(overrides)
    name = kind.name + SUFFIX
    if overrides is not None:  # those Troth brings along are looked at by its tests
        _check(environment, kind, name, overrides)
    tokens: list[Value] = []
    held = _tokens.set(tokens)
    try:
        text = _text(environment, name, values)
    except STUMBLES as wrong:
        raise BadInput([template_faults.failed(wrong, name, _source(overrides, name))]) from None
    finally:
        _tokens.reset(held)
    return lines.parsed(text, tokens, name)


def _text(environment: _Sandbox, name: str, values: Mapping[str, Any]) -> str:
    pieces, long = [], 0
    for piece in environment.get_template(name).generate(values):
        long += len(piece)
        if long > MAX_LETTER:
            raise SecurityError("the letter becomes too long")
        pieces.append(piece)
    return "".join(pieces)


def show(value: object, **words: str) -> _Shown:
    """Make a part, or several, of reasons, routes, sections, a table or a list of texts.

    `words` are those that stand before the law and the end of a reason: `show(reasons, law="Regel", until="Bis")`.
    """
    if isinstance(value, Table):
        return _Shown((value,))
    items = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else ()
    if items and all(isinstance(one, Reason) for one in items):
        said = {name: str(word) for name, word in words.items()}
        return _Shown((Reasons(items=items, **said),))
    if items and all(isinstance(one, Route) for one in items):
        return _Shown((Routes(items=items),))
    if items and all(isinstance(one, Section) for one in items):
        return _Shown(tuple(part for one in items for part in _section(one)))
    if items and all(isinstance(one, str) for one in items):
        return _Shown((Listing(items=items),))
    raise TypeError("show() takes reasons, routes, sections, a table or texts")


def large(code: str) -> _Shown:
    """Show a code by itself, large."""
    return _Shown((Code(text=str(code)),))


def _section(section: Section) -> Iterable[Part]:
    yield Heading(text=section.heading)
    yield from (Paragraph(text=text) for text in section.text)
    if section.items:
        yield Listing(items=section.items)
    if section.table:
        yield section.table


@pass_context  # so that Jinja works nothing out while it compiles
def _finalize(_context: object, value: object) -> str:
    """Exchange what an expression gives for a token."""
    tokens = _tokens.get()
    tokens.append(_put(value))
    return lines.token(len(tokens) - 1, whole=isinstance(value, _Shown))


def _put(value: object) -> Value:
    if isinstance(value, _Shown):
        return value.parts
    if isinstance(value, date):
        return said_day(value)
    return "" if value is None else str(value)


def _day(value: date, pattern: str = "") -> str:
    """Write a day, by a pattern of strftime where one is given."""
    return value.strftime(pattern) if pattern else said_day(value)


@lru_cache(maxsize=16)
def _environment(overrides: Path | None) -> _Sandbox:
    def load(name: str) -> tuple[str, str, Any]:
        source, own = _found(overrides, name)
        return source, name, lambda: _found(overrides, name) == (source, own)

    # Nothing is escaped here: values never stand in the template's text, and each form of a letter escapes its own.
    environment = _Sandbox(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        autoescape=False,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters = {name: environment.filters[name] for name in FILTERS} | {"day": _day}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    environment.tests["day"] = lambda value: isinstance(value, date)
    environment.globals = {"show": show, "large": large}
    return environment


def _found(overrides: Path | None, name: str) -> tuple[str, bool]:
    """Return a template's text, and whether it is the organisation's own."""
    if not _NAME.fullmatch(name):
        raise TemplateNotFound(name)
    if overrides is not None and (overrides / name).is_file():
        return template_faults.read(overrides / name, name, MAX_TEMPLATE), True
    place = importlib.resources.files("troth.letters") / "templates" / name
    if not place.is_file():
        raise TemplateNotFound(name)
    return place.read_text(encoding="utf-8"), False


def _source(overrides: Path | None, name: str) -> str:
    return _found(overrides, name)[0]


def _check(environment: _Sandbox, kind: Kind, name: str, overrides: Path | None) -> None:
    """Look at a template, and those it includes, before it is run."""
    used: set[str] = set()
    problems = []
    waiting, seen = [name], set()
    while waiting:
        here = waiting.pop()
        seen.add(here)
        try:
            source, own = _found(overrides, here)
            tree = environment.parse(source, here)
            names = meta.find_undeclared_variables(tree) - set(environment.globals)
        except TemplateNotFound:
            problems.append(template_faults.absent(here, name, _source(overrides, name)))
            continue
        except TemplateSyntaxError as wrong:
            raise BadInput([template_faults.syntax(wrong, here, _source(overrides, here))]) from None
        used |= names
        if own:
            problems += template_faults.unknown(sorted(names - set(kind.known)), kind, here, source)
        waiting += [one for one in meta.find_referenced_templates(tree) if one and one not in seen]
    needed = {datum.name for datum in kind.known.values() if datum.required} - LAYOUT
    needed |= set(kind.together) | set(kind.together.values())
    problems += template_faults.silent(sorted(needed - used), kind, name)
    if problems:
        raise BadInput(problems)
