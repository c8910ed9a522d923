"""What is never shown of a file: addresses of stores, which may hold a password.

A message names the key and hides the value; a source line is shown with the secret covered by as many `*`.
`${NAME}` is no secret: it only says where the secret is.
"""

from __future__ import annotations

import re

from troth.grammar.nodes import Path

SECRET_KEYS = frozenset(["url", "dsn", "password", "passwd", "pwd", "secret", "token"])
LONGEST_SHOWN = 60
_LOOKED_AT = 4000
"""How much of a value is looked at; more than is ever shown."""

_PLAIN = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|sqlite:///[^?@]*|https?://[^@?]*")
_AUTHORITY = re.compile(r"(?<=://)[^\s'\"]+(?=@)")
_BARE = r"(?:(?!,\s|\s#|[}\n]).)+"
_KEYED = re.compile(
    rf"(\b(?:{'|'.join(sorted(SECRET_KEYS))})[\"']?\s*:\s+)(\"[^\"]*\"?|'[^']*'?|{_BARE})", re.IGNORECASE
)


def shown(path: Path, text: str) -> str:
    """Return a value as a message may repeat it: hidden where it can be a secret, cut where it is long."""
    under_store = bool(path) and path[0] == "stores" and any(part in SECRET_KEYS for part in path)
    if under_store or (path and path[-1] in SECRET_KEYS - {"url"}) or _AUTHORITY.search(text[:_LOOKED_AT]):
        return "(hidden)"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def line(text: str) -> str:
    """Return a source line with every secret covered, its length unchanged."""
    covered = _KEYED.sub(_cover, text)
    return _AUTHORITY.sub(lambda match: "*" * len(match[0]), covered)


def _cover(match: re.Match[str]) -> str:
    value = match[2]
    bare = value.strip().strip("\"'")
    if _PLAIN.fullmatch(bare) or not bare:
        return match[0]
    quoted = value[0] in "\"'"
    inner = value.strip("\"'") if quoted else value.rstrip()
    return match[1] + value.replace(inner, "*" * len(inner), 1)
