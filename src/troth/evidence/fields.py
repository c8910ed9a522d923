"""The types a field of an evidence entry may have: so narrow that no personal value fits by accident.

No type takes free text. Names of stores, datasets and fields are ASCII and percent-encoded (`place`), so that
neither `@` nor a blank nor `+` passes; people are digests or ledger ids. Used by `kinds`, checked by `entry`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from troth.evidence.instants import is_day, is_instant
from troth.evidence.verify import MAX_INTEGER

MAX_ITEMS = 500
"""The longest list in an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """One type: its name in the documentation, what it takes in words, and the test."""

    name: str
    takes: str
    accepts: Callable[[object], bool]


def _text(name: str, takes: str, pattern: str, longest: int = 200) -> FieldType:
    compiled = re.compile(pattern, re.ASCII)

    def accepts(value: object) -> bool:
        return isinstance(value, str) and len(value) <= longest and bool(compiled.fullmatch(value))

    return FieldType(name=name, takes=takes, accepts=accepts)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER


_SEGMENT = r"(?:[A-Za-z_$]|%[0-9A-F]{2})(?:[A-Za-z0-9_$~-]|%[0-9A-F]{2}){0,127}"

COUNT = FieldType(name="count", takes="a whole number from 0", accepts=_count)
FLAG = FieldType(name="flag", takes="true or false", accepts=lambda value: isinstance(value, bool))
INSTANT = FieldType(
    name="instant",
    takes="an instant in UTC, `2026-01-31T12:00:00Z`, with six digits of a second or none",
    accepts=lambda value: isinstance(value, str) and is_instant(value),
)
DAY = FieldType(
    name="day", takes="a day, `2026-01-31`", accepts=lambda value: isinstance(value, str) and is_day(value)
)
HASH = _text(
    "hash", "64 hexadecimal digits of SHA-256, `sha256:` before them or not", r"(?:sha256:)?[0-9a-f]{64}"
)
DIGEST = _text(
    "digest", "`hmac-sha256:` and 64 hexadecimal digits: a salted, keyed digest", r"hmac-sha256:[0-9a-f]{64}"
)
KEY_ID = _text("key id", "8 hexadecimal digits", r"[0-9a-f]{8}")
STORE = _text("store", "the name of a store", _SEGMENT)
DATASET = _text(
    "dataset",
    "`store.table` or `store.schema.table`, percent-encoded",
    rf"{_SEGMENT}(?:\.{_SEGMENT}){{1,2}}",
    600,
)
FIELD = _text(
    "field",
    "the name of a field within the entry's dataset, percent-encoded",
    rf"{_SEGMENT}(?:\.{_SEGMENT}){{0,3}}",
    600,
)
PROMISE = _text(
    "promise",
    "the id of a promise, as `retention.account`",
    r"[A-Za-z][A-Za-z0-9_-]{0,99}(?:\.[A-Za-z0-9_-]{1,100}){0,4}",
)
CODE = _text("code", "a word in kebab-case, as `stale-plan`", r"[a-z][a-z0-9]*(?:-[a-z0-9]+){0,8}", 64)
STAFF = _text(
    "staff",
    "`staff:` and the ledger id of a person on the staff, or `system`",
    r"staff:[1-9][0-9]{0,8}|system",
)
REFERENCE = _text(
    "reference",
    "a word, a colon, and a ledger id or hexadecimal digits, as `hold:12`",
    r"[a-z]{2,16}:(?:[1-9][0-9]{0,8}|[0-9a-f]{8,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
)
FINGERPRINT = _text("fingerprint", "`fp1:` and hexadecimal digits", r"fp[1-9]:[0-9a-f]{8,64}")
VERSION = _text(
    "version",
    "a version of Troth, as `0.1.0`",
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){2}(?:(?:a|b|rc|\.dev)[0-9]{1,4})?",
)

PLAIN = (
    COUNT,
    FLAG,
    INSTANT,
    DAY,
    HASH,
    DIGEST,
    KEY_ID,
    STORE,
    DATASET,
    FIELD,
    PROMISE,
    CODE,
    STAFF,
    REFERENCE,
)
TYPES = (*PLAIN, FINGERPRINT, VERSION)
"""Every plain type; besides them there are choices and lists of these."""


def one_of(*words: str) -> FieldType:
    """Return the type that takes one of these words."""
    shown = ", ".join(f"`{word}`" for word in words)
    return FieldType(name=f"one of {shown}", takes=shown, accepts=lambda value: value in words)


def list_of(item: FieldType) -> FieldType:
    """Return the type that takes a list of at most 500 values of another type."""

    def accepts(value: object) -> bool:
        return isinstance(value, list | tuple) and len(value) <= MAX_ITEMS and all(map(item.accepts, value))

    return FieldType(
        name=f"list of {item.name}", takes=f"at most {MAX_ITEMS} of: {item.takes}", accepts=accepts
    )


def place(*names: str) -> str:
    """Write names of stores, tables and columns as evidence holds them: percent-encoded, joined by dots.

    For a dataset named in the data map: `place(*dataset.split("."))`.
    """
    return ".".join(_encoded(name) for name in names)


def _encoded(name: str) -> str:
    text = quote(name, safe="$").replace(".", "%2E")
    return f"%{ord(text[0]):02X}{text[1:]}" if re.match(r"[0-9~-]", text) else text
