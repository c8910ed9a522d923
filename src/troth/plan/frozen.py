"""Plans and certificates as files: JSON text of a declared format, sealed by a hash over everything else. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from troth.plan import codec


class Sealed(Protocol):
    """What has a hash over everything else in it."""

    @property
    def hash(self) -> str:
        """SHA-256 in hexadecimal; empty before it is sealed."""
        ...


T = TypeVar("T")
S = TypeVar("S", bound=Sealed)


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(made: S) -> S:
    """Return a dataclass with the hash of everything else in it."""
    changes: Any = {"hash": ""}
    blank: Any = replace(made, **changes)  # type: ignore[type-var]  # every Sealed of ours is a dataclass
    found: S = replace(blank, hash=digest(codec.encode(blank)))
    return found


def dump(made: object) -> str:
    """Write a dataclass as JSON text, with a line end."""
    return json.dumps(codec.encode(made), indent=1, ensure_ascii=False) + "\n"


def load(kind: type[T], form: str, text: str, what: str) -> T:
    """Read a dataclass back.

    Args:
        kind: What it is.
        form: Its format, as the text must name it.
        text: What `dump` wrote.
        what: What to call it in messages.

    Raises:
        codec.Undecodable: when the text is not of this format.
    """
    try:
        value: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as bad:
        raise codec.Undecodable("the file is not JSON") from bad
    if not isinstance(value, dict) or value.get("format") != form:
        raise codec.Undecodable(f"the file is not a {what} of format {form}")
    return codec.decode(kind, value, what)


def load_sealed(kind: type[S], form: str, text: str, what: str) -> S:
    """Read a sealed dataclass back.

    Raises:
        codec.Undecodable: when the text is not of this format, or was changed after it was sealed.
    """
    found = load(kind, form, text, what)
    if sealed(found).hash != found.hash:
        raise codec.Undecodable(
            f"the {what} was changed after it was sealed: its hash does not match its content"
        )
    return found
