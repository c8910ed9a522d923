"""What a letter is told, checked and made plain before any template sees it.

Signs that no letter has (controls, marks that turn the direction of text around, halves of pairs) are taken out, so
that a name cannot forge a line, a header or the order of letters. All that is missing is said at once; never a value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from troth.letters.kinds import Datum, Form, Kind
from troth.letters.model import Reason, Route, Sender, Table
from troth.problems import BadInput, Problem, nearest

T = TypeVar("T")

TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks by which a text can show its signs in another order than it has them (UAX #9)."""
BREAKS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of an answer with a heading."""

    part: str
    """What the law calls for, as a word: `purposes`, `recipients`, …"""
    heading: str
    text: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: Table | None = None


class _Wrong(Exception):
    """A value is not of its form."""


class _Missing(Exception):
    """A value says nothing."""


def clean(text: str) -> str:
    """Take out of a text what no letter has; line breaks become line feeds, tabs blanks."""
    for found, put in BREAKS.items():
        text = text.replace(found, put)
    return "".join(sign for sign in text.replace("\t", " ") if sign == "\n" or _shown(sign)).strip()


def _shown(sign: str) -> bool:
    return sign not in TURNING and unicodedata.category(sign) not in ("Cc", "Cs")


def checked(kind: Kind, given: Mapping[str, object]) -> dict[str, Any]:
    """Return every datum of a kind, plain; those that may be left out and are stand as None.

    Raises:
        BadInput: with everything that is missing, wrong, or unknown.
    """
    problems = [_unknown(kind, name) for name in given if name not in kind.known]
    values: dict[str, Any] = {}
    for datum in kind.known.values():
        try:
            values[datum.name] = _value(datum, given.get(datum.name))
        except _Missing:
            values[datum.name] = None
            if datum.required:
                problems.append(missing(kind.name, datum.name, datum.says))
        except _Wrong:
            problems.append(_wrong(kind.name, datum))
    if not problems:
        problems = [*_together(kind, values), *_demanded(kind, values)]
    if problems:
        raise BadInput(problems)
    return values


def missing(kind: str, name: str, says: str) -> Problem:
    """Say that a letter lacks something it must say."""
    return Problem(
        code="missing-part",
        message=f"A letter of the kind `{kind}` must say `{name}`: {says}.",
        valid=(name,),
        hint="Give it; without it the letter is not sent.",
    )


def _unknown(kind: Kind, name: str) -> Problem:
    return Problem(
        code="unknown-name",
        message=f"A letter of the kind `{kind.name}` takes no such datum.",
        found=name,
        valid=tuple(kind.known),
        nearest=nearest(name, kind.known),
        hint="Leave it out, or name one of those it takes.",
    )


def _wrong(kind: str, datum: Datum) -> Problem:
    return Problem(
        code="bad-value",
        message=f"`{datum.name}` of a letter of the kind `{kind}` is not {datum.form.value}.",
        valid=(datum.form.value,),
        hint="Give it in that form; what was given is not shown here.",
    )


def _together(kind: Kind, values: Mapping[str, object]) -> list[Problem]:
    return [
        missing(kind.name, second, kind.known[second].says)
        for first, second in kind.together.items()
        if values[first] is not None and values[second] is None
    ]


def _demanded(kind: Kind, values: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each part the caller demands that no section or route is."""
    there = {one.part for name in ("contents", "routes") for one in values.get(name) or ()}
    return [
        missing(kind.name, part, "the law of the case demands it")
        for part in values["demanded"] or ()
        if part not in there
    ]


def _value(datum: Datum, given: object) -> object:
    if given is None:
        raise _Missing
    return _READERS[datum.form](given)


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise _Wrong
    text = clean(given)
    if not text:
        raise _Missing
    return text


def _day(given: object) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(_text(given))
    except ValueError:
        raise _Wrong from None


def _when(given: object) -> date | str:
    try:
        return _day(given)
    except _Wrong:
        return _text(given)


def _each(given: object, read: Callable[[Any], T]) -> tuple[T, ...]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise _Wrong
    try:
        found = tuple(read(one) for one in given)
    except _Missing:
        raise _Wrong from None
    if not found:
        raise _Missing
    return found


def _texts(given: object) -> tuple[str, ...]:
    return _each(given, _text)


def _fields(given: object, *, needs: Sequence[str], may: Sequence[str]) -> dict[str, Any]:
    fields = asdict(given) if is_dataclass(given) and not isinstance(given, type) else given
    if not isinstance(fields, Mapping) or not set(needs) <= set(fields) <= {*needs, *may}:
        raise _Wrong
    return dict(fields)


def _maybe(given: object) -> str:
    return _text(given) if given else ""


def _reason(given: object, *, ends: bool = False) -> Reason:
    fields = _fields(given, needs=("item", "because"), may=("law", "until"))
    until = fields.get("until") or ""
    if ends and not until:
        raise _Wrong
    said = said_day(until) if isinstance(until, date) else _maybe(until)
    return Reason(
        item=_text(fields["item"]),
        because=_text(fields["because"]),
        law=_maybe(fields.get("law")),
        until=said,
    )


def _route(given: object) -> Route:
    fields = _fields(given, needs=("part", "name", "how"), may=("contact",))
    read = {name: _text(fields[name]) for name in ("part", "name", "how")}
    return Route(**read, contact=_maybe(fields.get("contact")))


def _table(given: object) -> Table:
    fields = _fields(given, needs=("headings", "rows"), may=())
    headings = _texts(fields["headings"])
    rows = _each(fields["rows"], lambda row: tuple(_cell(one) for one in row))
    if any(len(row) != len(headings) for row in rows):
        raise _Wrong
    return Table(headings=headings, rows=rows)


def _cell(given: object) -> str:
    """Read a cell, which may be empty."""
    if not isinstance(given, str):
        raise _Wrong
    return clean(given)


def _section(given: object) -> Section:
    fields = _fields(given, needs=("part", "heading"), may=("text", "items", "table"))
    text = fields.get("text") or ()
    table = fields.get("table")
    section = Section(
        part=_text(fields["part"]),
        heading=_text(fields["heading"]),
        text=_texts((text,) if isinstance(text, str) else text) if text else (),
        items=_texts(fields["items"]) if fields.get("items") else (),
        table=_table(table) if table else None,
    )
    if not (section.text or section.items or section.table):
        raise _Missing
    return section


def _organisation(given: object) -> Sender:
    fields = _fields(given, needs=("name", "contact"), may=("address",))
    address = fields.get("address") or ()
    return Sender(
        name=_text(fields["name"]),
        contact=_text(fields["contact"]),
        address=_texts(address.splitlines() if isinstance(address, str) else address) if address else (),
    )


def said_day(day: date) -> str:
    """Write a day as nobody can misread it: `31 January 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_READERS: Mapping[Form, Callable[[Any], object]] = {
    Form.TEXT: _text,
    Form.DAY: _day,
    Form.WHEN: _when,
    Form.TEXTS: _texts,
    Form.REASONS: lambda given: _each(given, _reason),
    Form.KEPT: lambda given: _each(given, lambda one: _reason(one, ends=True)),
    Form.ROUTES: lambda given: _each(given, _route),
    Form.SECTIONS: lambda given: _each(given, _section),
    Form.ORGANISATION: _organisation,
}
