"""What a database looks for when it passes over rows that cannot show anybody: patterns, and keys to join by.

Pure. The patterns and keys are coarse: they miss nothing that `people.extraction` finds, and may find more, which
Python then reads exactly. Patterns are written so that PostgreSQL, MariaDB and Python read them alike. Small ones
matter: an engine of automata builds its states anew for every value.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from troth.people.extraction import Shapes

MOST_STATES = 8
"""Digits that the pattern for all rows asks for, at most: more cost more than the rows they keep out."""
_WIDE = "\uff10-\uff19"
"""Digits as wide as Chinese letters, which NFKC makes plain."""
_SEPARATORS = r" \t().\-/"
_FAR_SEPARATORS = "\u00a0\u2010-\u2015"
_HARD = r"\s\"<>()\[\],;:\\'/=?&!#$*^`{|}~+%"
_FAR_HARD = "\u00a0\u00ab\u00bb\u1680\u2000-\u206f\u3000-\u303f"
_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_HEX = "[0-9a-fA-F]{8,}"
"""Shorter than any hash, for counting costs states; the key is the whole run all the same."""
_IP6 = "(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}"
_CORE = re.compile("[a-z0-9._-]*@[a-z0-9.-]*")
_LEADING = re.compile(":0+")
_COLONS = re.compile(":+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Patterns for one store and one set of tokens; an empty one matches nothing."""

    first: str
    """What a value must match before the others are tried, unless it has an `@`."""
    addresses: str
    """Words with an `@`; with several, each may be that of an address."""
    hashes: str
    """Hashes and UUIDs."""
    ip6: str
    numbers: str
    """Runs of digits, with what stands between them."""
    within: bool
    """IPv4 addresses are looked for, which may stand within IPv6 ones."""


def patterns(wanted: Shapes, *, unicode: bool = True) -> Patterns:
    """Make the patterns for what is looked for.

    Args:
        wanted: The shapes of the tokens.
        unicode: The store can hold letters of every script; else none beyond ASCII may stand in a pattern.
    """
    hard = _HARD + (_FAR_HARD if unicode else "")
    at = "[@\uff20]" if unicode else "@"
    hexadecimal = wanted.hexadecimal or wanted.uuids
    between = _SEPARATORS + (_FAR_SEPARATORS if unicode else "")
    digit = f"0-9{_WIDE if unicode else ''}"
    run = f"[{digit}](?:[{between}]*[{digit}]){{{wanted.digits - 1},}}" if wanted.digits else ""
    return Patterns(
        first=_first(wanted, digit, between),
        addresses=f"[^{hard}]*{at}[^{hard}]*" if wanted.addresses else "",
        hashes="|".join(filter(None, [_UUID if wanted.uuids else "", _HEX if hexadecimal else ""])),
        ip6=_IP6 if wanted.ip6 or wanted.ip4 else "",
        numbers=run,
        within=wanted.ip4,
    )


def _first(wanted: Shapes, digit: str, between: str) -> str:
    shortest = [wanted.digits, wanted.ip6, 32 if wanted.hexadecimal or wanted.uuids else 0]
    if not any(shortest):
        return ""
    count = min([one for one in shortest if one] + [MOST_STATES])
    hexadecimal = "a-fA-F" if any(shortest[1:]) else ""
    letters = f"[{digit}{hexadecimal}]"
    colon = ":" if wanted.ip6 else ""
    return f"{letters}(?:[{between}{colon}]*{letters}){{{count - 1}}}"


def keys(texts: Iterable[str]) -> frozenset[str]:
    """Give the keys that tokens are joined by; all are ASCII."""
    return frozenset(key for text in texts for key in _keys(text))


def _keys(text: str) -> Iterable[str]:
    if "@" in text:
        # As JSON writes it, too: `json.dumps` escapes what is not ASCII.
        return {_address(text), _address(json.dumps(text)[1:-1])}
    if ":" in text:
        return {_groups(text)}
    if "." in text:
        return {text.replace(".", ""), _groups(str(ipaddress.IPv6Address(f"::ffff:{text}")))}
    return {text}


def _groups(address: str) -> str:
    """Cut an IPv6 address to its groups without zeros: what all its spellings have in common."""
    return _COLONS.sub(":", _LEADING.sub(":", f":{address}:")).strip(":")


def _address(text: str) -> str:
    """Cut an address to what is left of it in any spelling: the ASCII letters around its @."""
    found = _CORE.search(text)
    return found[0].strip(".-") if found else ""
