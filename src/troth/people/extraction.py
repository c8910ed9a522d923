"""What in a text may be somebody: e-mail addresses, runs of digits, IP addresses, UUIDs and hashes.

Pure. `extract` gives exact forms, for one text at a time; `stores.sql.scan_patterns` asks a database for what may
have one. Which forms there are is the same for every engine.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_ADDRESS = 320
MOST_DIGITS = 20
"""E.164 has 15; an exit code and a trunk prefix may stand before them."""
SEPARATORS = " \u00a0\t().\\-/\u2010-\u2015"
"""What stands between the digits of a phone number, as a range in brackets."""
_PUNCTUATION = "\u00a0\u00ab\u00bb\u1680\u2000-\u206f\u3000-\u303f"
"""Spaces, quotes and brackets beyond ASCII."""
_HARD = rf"\s\x00-\x1f\x7f\"<>()\[\],;:\\{_PUNCTUATION}"
"""What no address contains outside quotes (RFC 5322 §3.4.1)."""
_SOFT = r"'/=?&!#$*^`{|}~"
"""What an address may contain, and what more often ends another word: `?email=ada@example.org`."""

_AT = re.compile("[@\uff20]")
_BEFORE = re.compile(rf"[^{_HARD}@]+")
_AFTER = re.compile(rf"[^{_HARD}{_SOFT}@%_+]+")
_CUT = re.compile(f"[{re.escape(_SOFT)}]")
_ASCII_BEFORE = re.compile(r"[A-Za-z0-9._%+-]+\Z")
_ASCII_AFTER = re.compile(r"[A-Za-z0-9.-]+")
_RUN = re.compile(rf"[0-9](?:[{SEPARATORS}]{{0,3}}[0-9]){{3,}}")
_GROUP = re.compile(r"[0-9]+")
_IP4 = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")
_IP6 = re.compile(
    r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})"
)
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Fa-f])")
_UUID = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Which kinds of text are looked for at all."""

    addresses: bool = True
    digits: int = 4
    """Digits of the shortest phone number or IPv4 address looked for; 0 where there is none."""
    ip4: bool = True
    """Written within an IPv6 address, perhaps (RFC 4291 §2.5.5.2)."""
    ip6: int = 1
    """Hexadecimal digits of the shortest IPv6 address looked for; 0 where there is none."""
    hexadecimal: bool = True
    uuids: bool = True


EVERYTHING = Shapes()


def shapes(wanted: Iterable[str]) -> Shapes:
    """Tell which shapes some tokens have."""
    texts = list(wanted)
    ip6 = [len(one.replace(":", "")) for one in texts if ":" in one and "@" not in one]
    rest = [one for one in texts if "@" not in one and ":" not in one]
    digits = [len(one.replace(".", "")) for one in rest if not (_UUID.fullmatch(one) or _HEX.fullmatch(one))]
    return Shapes(
        addresses=any("@" in one for one in texts),
        digits=min(digits, default=0),
        ip4=any("." in one for one in rest),
        ip6=min(ip6, default=0),
        hexadecimal=any(_HEX.fullmatch(one) for one in rest),
        uuids=any(_UUID.fullmatch(one) for one in rest),
    )


def plain(text: str) -> str:
    """Bring a text near the normal form of what may stand in it."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def extract(text: str, wanted: Shapes = EVERYTHING) -> Iterator[str]:
    """Yield every form of somebody a text may show, as tokens are written; the same one more than once, perhaps."""
    formed = plain(text)
    yield from _extracted(formed, wanted)
    decoded = _decoded(formed)
    if decoded != formed:
        yield from _extracted(decoded, wanted)


def _decoded(text: str) -> str:
    """Undo what addresses in a URL (RFC 3986) and letters in JSON (RFC 8259 §7) are written in."""
    if "%" in text:
        text = plain(urllib.parse.unquote(text))
    if "\\u" in text:
        text = plain(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
    return text


def _extracted(text: str, wanted: Shapes) -> Iterator[str]:
    if wanted.addresses and "@" in text:
        yield from _addresses(text)
    if wanted.digits:
        yield from _numbers(text, wanted.digits)
    if (wanted.ip6 or wanted.ip4) and ":" in text:
        yield from _ip6(text)
    if wanted.hexadecimal:
        yield from (found[0] for found in _HEX.finditer(text))
    if wanted.uuids:
        yield from (found[0] for found in _UUID.finditer(text))


def _addresses(text: str) -> Iterator[str]:
    """Read outwards from each @, a bounded stretch: a longer text costs no more than its length."""
    for at in _AT.finditer(text):
        before = _BEFORE.match(text[max(0, at.start() - LONGEST_ADDRESS) : at.start()][::-1])
        after = _AFTER.match(text, at.end(), at.end() + LONGEST_ADDRESS)
        if before is None or after is None:
            continue
        local, domain = before[0][::-1], after[0].rstrip(".-")
        for one in dict.fromkeys((domain, *_ascii(_ASCII_AFTER.match(domain)))):
            yield from (f"{part}@{one}" for part in _locals(local))


def _locals(local: str) -> Iterator[str]:
    """Yield a local part, and what is left of it behind each letter that may belong to another word."""
    yield local
    yield from (local[cut.end() :] for cut in _CUT.finditer(local) if cut.end() < len(local))
    yield from _ascii(_ASCII_BEFORE.search(local[-LONGEST_ADDRESS:]))


def _ascii(found: re.Match[str] | None) -> Iterator[str]:
    """Yield an address of letters that scripts without spaces run on from."""
    if found is not None:
        yield found[0].strip(".-")


def _numbers(text: str, shortest: int) -> Iterator[str]:
    for run in _RUN.finditer(text):
        groups = _GROUP.findall(run[0])
        for start in range(len(groups)):
            joined = ""
            for group in groups[start:]:
                joined += group
                if len(joined) > MOST_DIGITS:
                    break
                if len(joined) >= shortest:
                    yield joined
    yield from (found[0] for found in _IP4.finditer(text))


def _ip6(text: str) -> Iterator[str]:
    for found in _IP6.finditer(text):
        try:
            address = ipaddress.IPv6Address(found[0])
        except ValueError:
            continue
        yield str(address.ipv4_mapped or address)
