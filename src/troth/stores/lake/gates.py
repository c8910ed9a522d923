"""Regular expressions that tell of a text, in one pass, whether it can hold anybody, or whether only Python can tell.

Pure. They are for RE2, which DuckDB uses and which has no look-around. Each lets through all that
`people.extraction` reads as a token, and more: `sifting` and Python look at what comes through.
"""

from __future__ import annotations

from collections.abc import Iterable

SOFT = r"'/=?&!#$*^`{|}~%"
"""What more often ends another word than stands in an address: behind it an address is looked for by its rest."""
_WORD = r"[^\s\x00-\x1f\x7f\"<>()\[\],;:\\@]*"
"""What may stand beside the @ of an address (`extraction`)."""
BETWEEN = r"[ \t().\-/\x{80}-\x{10FFFF}]{0,3}"
"""What stands between the digits of a phone number; beyond ASCII anything, which is quicker to tell."""
IP4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_DIGIT = (
    r"\x{b2}-\x{be}\x{2070}-\x{2089}\x{2150}-\x{215f}\x{2189}\x{2460}-\x{249b}\x{24ea}\x{3251}-\x{325f}"
    r"\x{32b1}-\x{32cb}\x{3358}-\x{3379}\x{339f}-\x{33af}\x{33e0}-\x{33fe}\x{ff10}-\x{ff19}\x{1d7ce}-\x{1d7ff}"
    r"\x{1f100}-\x{1f10a}\x{1fbf0}-\x{1fbf9}"
)
"""What NFKC turns into digits."""
_LETTER = r"\x{2070}-\x{2189}\x{2460}-\x{24ea}\x{ff10}-\x{ff46}\x{1d400}-\x{1d7ff}"
"""What NFKC turns into hexadecimal digits, and some more."""
_COLON = r"\x{2a74}\x{fe13}\x{fe55}\x{ff1a}"
_HEX = "[0-9a-fA-F]"
_ESCAPED = (
    r"%(?:2[dDeE]|3[0-9]|40|5[cC]|[46][1-9a-fA-F]|[57][0-9aA]|[eE][fF])",
    r"\\u(?:00[2-7aA]|[fF][eEfF])",
    r"[\x{fe68}\x{fe6a}\x{fe6b}\x{ff05}\x{ff20}\x{ff3c}]",
)
"""Letters and digits written as in a URL (RFC 3986) or in JSON (RFC 8259 §7), and what begins such an escape."""
_GLUED = r"(?:%{0}{{2}}|\\u{0}{{4}}|\\[bf])".replace("{0}", _HEX).replace("{{", "{").replace("}}", "}")
"""An escape that ends in what looks like part of a number or a hash behind it."""
_NUMBERED = (
    rf"[0-9]{BETWEEN}[{_DIGIT}]",
    rf"[{_DIGIT}]{BETWEEN}[0-9{_DIGIT}]",
)
_ONLY_PYTHON = {
    "address": (
        rf"[^\x00-\x7F]{_WORD}@",
        rf"@{_WORD}[^\x00-\x7F]",
        rf"@{_WORD}@",
        rf"%{_WORD}@",
        rf"@{_WORD}%",
        rf"\\[bfnrtu]{_WORD}@",
        rf"@{_WORD}\\u",
    ),
    "number": (
        *_NUMBERED,
        rf"[0-9]{BETWEEN}(?:%(?:0|2[0-9a-fA-F]|[cC]2|[eE][23])|\\t|\\/|\\u20|\\u3000)",
    ),
    "ip4": (
        *_NUMBERED,
        rf"{_GLUED}[0-9]{{1,3}}\.[0-9]",
        r"[0-9][\x{2024}-\x{2026}\x{fe52}\x{ff0e}][0-9]",
    ),
    "ip6": (
        "::",
        rf"(?:{_HEX}{{1,4}}:){{6}}",
        "%3[aA]",
        rf"[{_COLON}]{_HEX}{{0,4}}[:{_COLON}]|:{_HEX}{{0,4}}[{_COLON}]",
    ),
    "hash": (
        rf"{_GLUED}{_HEX}{{32}}",
        rf"(?:[0-9a-fA-F{_LETTER}]{{3}}[{_LETTER}]|[{_LETTER}][0-9a-fA-F{_LETTER}]{{3}})",
    ),
    "uuid": (
        rf"{_GLUED}{_HEX}{{8}}-",
        rf"(?:[0-9a-fA-F{_LETTER}]{{3}}[{_LETTER}]|[{_LETTER}][0-9a-fA-F{_LETTER}]{{3}})",
    ),
}
_AMID = {
    "hash": (rf"{_HEX}{{32}}[^0-9a-fA-F]", rf"[^0-9a-fA-F]{_HEX}{{32}}"),
    "uuid": (rf"-{_HEX}{{12}}[^0-9a-fA-F]", rf"[^0-9a-fA-F]{_HEX}{{8}}-{_HEX}{{4}}-"),
}
"""A hash or UUID with something beside it; one that is all of a text is looked up."""


def only_python(shapes: Iterable[str]) -> str:
    """Match every text about which only Python can tell."""
    wanted = set(shapes)
    # An IPv4 address is found within one of version 6 as well (RFC 4291 §2.5.5.2).
    wanted |= {"ip6"} if "ip4" in wanted else set()
    found = (one for shape in _ONLY_PYTHON if shape in wanted for one in _ONLY_PYTHON[shape])
    return "|".join(dict.fromkeys((*_ESCAPED, *found)))


def anybody(shapes: Iterable[str], digits: int) -> str:
    """Match every text that can hold an address or a number of so many digits, and those for Python.

    Args:
        shapes: What is looked for; hashes and UUIDs are not among what is matched here.
        digits: Of the shortest number.
    """
    wanted = set(shapes)
    own = {"address": "@", "number": run(digits), "ip4": IP4}
    return "|".join([*(one for shape, one in own.items() if shape in wanted), only_python(wanted)])


def amid(shapes: Iterable[str]) -> str:
    """Match every text that has a hash or UUID among other letters; nothing where none is looked for."""
    wanted = set(shapes)
    return "|".join(one for shape, some in _AMID.items() if shape in wanted for one in some)


def run(digits: int, *, more: bool = False) -> str:
    """Match so many digits with what may stand between them, or so many and all that follow."""
    return f"[0-9](?:{BETWEEN}[0-9]){{{digits - 1}{',' if more else ''}}}"
