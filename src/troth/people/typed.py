"""Read the identities somebody typed: `email:ada@example.org`, `id:123`, `customer/123`, one an argument or a line.

Every fault at once, by line and kind. No value is ever repeated: not in a message, not in a hint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.problems import Problem, nearest
from troth.spans import Span

MOST = 10_000
_WRITTEN = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{0,40})\s*([:/])(.*)", re.DOTALL)
FORMS = ("email:ada@example.org", "phone:+14155550100", "id:123", "customer/123")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A value that finds people, in its normal form."""

    match: str
    """What it is compared with (see `kinds.match`); `customer/` for the key of one kind of subject."""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An identity as somebody gave it."""

    number: int
    """Its position, from 1: how it is named on screens."""
    kind: str
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One argument, or one line of a file."""

    source: str
    """`<arguments>`, `<standard input>` or `<file>`: never a file's name, so that no line of it can be shown."""
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What can be typed in a project."""

    kinds: tuple[str, ...]
    subjects: tuple[str, ...]
    region: str = ""
    """Country in which phone numbers without `+` are dialled."""


def lines(text: str, source: str) -> Iterator[Line]:
    """Split a file; empty lines and lines that begin with # are passed over."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield Line(source=source, line=number, text=line)


def read(given: Sequence[Line], known: Known) -> tuple[tuple[Typed, ...], tuple[Problem, ...]]:
    """Read what was typed; the same identity twice counts once."""
    if not given:
        return (), (_nothing(known),)
    if len(given) > MOST:
        return (), (_too_many(len(given)),)
    found: dict[Identity, str] = {}
    problems: list[Problem] = []
    for line in given:
        one = _one(line, known)
        if isinstance(one, Problem):
            problems.append(one)
        else:
            found.setdefault(one[1], one[0])
    typed = (
        Typed(number=number, kind=kind, identity=identity)
        for number, (identity, kind) in enumerate(found.items(), 1)
    )
    return tuple(typed), tuple(problems)


def _one(line: Line, known: Known) -> tuple[str, Identity] | Problem:
    parts = _WRITTEN.fullmatch(line.text.strip())
    if parts is None:
        return _bad(line, "is not written as kind:value", FORMS)
    kind, separator, value = parts[1], parts[2], parts[3].strip()
    if separator == "/":
        return _by_key(line, kind, value, known)
    return _by_kind(line, kind.lower(), value, known)


def _by_key(line: Line, subject: str, value: str, known: Known) -> tuple[str, Identity] | Problem:
    if subject not in known.subjects:
        return _unknown(line, "kind of subject", subject, tuple(f"{name}/…" for name in known.subjects))
    form = normal.normal(Family.ACCOUNT, value)
    if form is None:
        return _bad(line, f"names a {subject} and gives no usable key", (f"{subject}/123",))
    return subject, Identity(match=f"{subject}/", value=form)


def _by_kind(line: Line, kind: str, value: str, known: Known) -> tuple[str, Identity] | Problem:
    valid = {name.lower(): name for name in known.kinds if kinds.family(name) is not Family.NAME}
    if kinds.family(kind) is Family.NAME:
        message = "starts from a name: names are shared, so nobody is looked for by name"
        return _bad(line, message, tuple(f"{name}:…" for name in valid))
    if kind not in valid and kinds.match(kind) not in map(kinds.match, valid):
        return _unknown(line, "kind of identity", kind, tuple(f"{name}:…" for name in valid))
    if not value:
        return _bad(line, f"({kind}) has no value", (f"{kind}:…",))
    family = kinds.family(kind)
    form = normal.normal(family, value, known.region)
    if form is None:
        return _bad(line, f"({kind}) is not {_WANTED[family]}", _EXAMPLES.get(family, ()))
    return kind, Identity(match=kinds.match(kind), value=form)


_WANTED = {
    Family.EMAIL: "an e-mail address",
    Family.PHONE: "a phone number that can be read; without the country in front it needs one from the data map",
    Family.IP: "an IP address",
    Family.ACCOUNT: f"a value of 1 to {normal.LONGEST} characters",
    Family.DEVICE: f"a value of 1 to {normal.LONGEST} characters",
    Family.OTHER: f"a value of 1 to {normal.LONGEST} characters",
}
_EXAMPLES = {
    Family.EMAIL: ("email:ada@example.org",),
    Family.PHONE: ("phone:+14155550100",),
    Family.IP: ("ip:192.0.2.7", "ip:2001:db8::7"),
}


def _bad(line: Line, message: str, valid: tuple[str, ...]) -> Problem:
    return Problem(
        code="bad-identity",
        message=f"The identity at {_where(line)} {message}.",
        span=Span(line.source, line.line),
        valid=valid,
        hint="Correct it; values are never shown here.",
    )


def _unknown(line: Line, what: str, found: str, valid: tuple[str, ...]) -> Problem:
    close = nearest(found, [one.rstrip(":/…") for one in valid])
    return Problem(
        code="unknown-identity",
        message=f"The identity at {_where(line)} begins with no {what} of the data map.",
        span=Span(line.source, line.line),
        valid=valid,
        nearest=close,
        hint=f"Write `{close}`." if close else "Begin with one of the valid kinds.",
    )


def _where(line: Line) -> str:
    return f"argument {line.line}" if line.source == "<arguments>" else f"line {line.line}"


def _nothing(known: Known) -> Problem:
    valid = tuple(f"{name}:…" for name in known.kinds)
    hint = "Give identities as arguments, by --from FILE, or by --from - on standard input."
    return Problem(
        code="bad-identity", message="No identity to look for was given.", valid=valid or FORMS, hint=hint
    )


def _too_many(count: int) -> Problem:
    return Problem(
        code="too-many-identities",
        message=f"{count:,} identities were given; at most {MOST:,} are looked for at once.",
        hint="Split the list into several runs.",
    )
