"""Canonical JSON: one value, one spelling, so that a hash over it means something.

A subset of RFC 8785: objects with string keys, arrays, strings, whole numbers up to 2^53 - 1, true, false,
null; no floats. Keys are sorted by Unicode code point (RFC 8785 §3.2.3 sorts by UTF-16 unit: the same for
every key Troth writes). UTF-8, no white space. The writer and reader themselves stand in `verify`.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.errors import Damaged, Refused
from troth.evidence import verify


def encode(value: object) -> bytes:
    """Return the canonical bytes of a value.

    Raises:
        Refused: for a float, a key that is no string, a lone surrogate, a number too large, another type.
    """
    return verify.render(_plain(value))


def decode(data: bytes) -> object:
    """Read canonical bytes back.

    Raises:
        Damaged: when they are not canonical JSON, repeated keys included.
    """
    try:
        return verify.parse_canonical(data)
    except verify.Invalid as error:
        raise Damaged(f"Canonical JSON was expected, but {error}.") from error


def _plain(value: object) -> object:
    match value:
        case bool() | None:
            return value
        case int() if abs(value) <= verify.MAX_INTEGER:
            return int(value)
        case str():
            return _text(value)
        case Mapping():
            return {_key(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case int():
            raise Refused(
                f"Canonical JSON takes whole numbers up to {verify.MAX_INTEGER}; this one is larger."
            )
        case _:
            raise Refused(f"Canonical JSON has no form for a value of type {type(value).__name__}.")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise Refused(f"Canonical JSON takes text as keys; this one is of type {type(key).__name__}.")
    return _text(key)


def _text(text: str) -> str:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise Refused("Canonical JSON takes whole characters; a text holds a lone surrogate.")
    return str(text)
