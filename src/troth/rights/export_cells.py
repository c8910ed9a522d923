"""How one value is written: in JSON without loss, in a spreadsheet without being run, on a page for people. Pure.

Dates are ISO 8601; decimals keep every digit, as text; bytes are base64 and say so; what JSON has no form for (NaN,
infinity) is text. RFC 8259, RFC 4180; OWASP "CSV Injection".
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet takes a cell that begins so for a formula."""
_UNSEEN = r"[\s\x00-\x1f\ufeff\u00ad\u200b-\u200f\u2060]*"
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_BEHIND_NOTHING = re.compile(_UNSEEN + _SIGN)
_INSIDE = re.compile(rf"([;\t\r\n]{_UNSEEN})(?={_SIGN})")
"""Where a spreadsheet begins a new cell that parts by another sign than the comma, or does not heed quotes."""
LIST = (list, tuple, set, frozenset)


def plain(value: object) -> object:
    """Return what stands in JSON for a value JSON has no form for."""
    match value:
        case date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return {"base64": base64.b64encode(bytes(value)).decode()}
        case timedelta():
            return duration(value)
        case set() | frozenset():
            return sorted(value, key=str)
        case Mapping():
            return dict(value)
        case _:
            return str(value)


def duration(value: timedelta) -> str:
    """Write a length of time by ISO 8601 (§5.5.2.2): days and seconds, with a sign in front where it is negative."""
    sign, length = ("-", -value) if value < timedelta() else ("", value)
    seconds = f"{length.seconds}.{length.microseconds:06}".rstrip("0").rstrip(".")
    days = f"{length.days}D" if length.days else ""
    clock = f"T{seconds}S" if length.seconds or length.microseconds or not days else ""
    return f"{sign}P{days}{clock}"


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain, allow_nan=False)


def encode(value: Any) -> str:
    """Write a value as JSON text on one line."""
    try:
        return _encoder.encode(value)
    except (ValueError, TypeError):
        return _encoder.encode(_tamed(value))


def _tamed(value: Any) -> Any:
    """Replace what the encoder refuses: numbers that are none, keys that are no text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else text(key): _tamed(one) for key, one in value.items()}
    if isinstance(value, LIST):
        return [_tamed(one) for one in value]
    return value


def text(value: object) -> str:
    """Write a value for people: empty for nothing, lists and documents as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case bytes() | bytearray() | memoryview():
            return "base64:" + base64.b64encode(bytes(value)).decode()
        case Mapping() | list() | tuple() | set() | frozenset():
            return encode(value)
        case _:
            made = plain(value)
            return made if isinstance(made, str) else str(value)


def cell(value: object) -> str:
    """Write a value for a spreadsheet: an apostrophe stands before what it would run as a formula.

    Also inside the text, before what would become a cell where a spreadsheet parts cells by `;` or at line breaks.
    """
    written = text(value)
    if isinstance(value, (int, float)):
        return written
    guarded = _INSIDE.sub(r"\1'", written)
    return f"'{guarded}" if written.startswith(RUN) or _BEHIND_NOTHING.match(written) else guarded


def document(value: object) -> object:
    """Read a JSON column that comes as text (SQLite); what is no document stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
