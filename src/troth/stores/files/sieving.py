"""Tell quickly that nobody is in a text: whatever is looked for has one run of letters or digits that must be there.

Pure. A text is cut into such runs once; a look at a set decides, however many people are looked for. What passes is
looked at properly; what does not plainly have the runs it seems to have always passes.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

_RUN = re.compile(r"[^\W_]+")
_BETWEEN = str.maketrans("", "", " \t().-/")
"""What stands between the digits of a phone number, in ASCII."""
_DIGITS = re.compile(r"[0-9]{7,}")
LAST = 7
"""Last digits by which a phone number is told: every spelling has them."""
FEW = 16
"""Numbers that are looked for one after the other; more are looked up."""


def runs(text: str) -> frozenset[str] | None:
    """Cut a text into runs of letters and digits; None where they may be written in another way."""
    if not text.isascii() or "\\u" in text:
        return None
    lowered = text.lower()
    found = frozenset(_RUN.findall(lowered))
    if "%" not in text:
        return found
    plain = unquote(lowered)
    return found.union(_RUN.findall(plain.lower())) if plain.isascii() else None


@dataclass(slots=True)
class Sieve:
    """One run of everything that is looked for."""

    needed: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    """Last digits of phone numbers."""
    open: bool = False
    """Something has no such run: everything passes."""

    def passes(self, text: str, found: frozenset[str] | None) -> bool:
        """Tell whether somebody may be in a text with these runs."""
        if self.open or found is None or not self.needed.isdisjoint(found):
            return True
        return bool(self.phones) and self._called(text.translate(_BETWEEN))

    def _called(self, text: str) -> bool:
        if len(self.phones) <= FEW:
            return any(digits in text for digits in self.phones)
        return any(
            run[at : at + LAST] in self.phones
            for run in _DIGITS.findall(text)
            for at in range(len(run) - LAST + 1)
        )

    def word(self, text: str) -> None:
        """Take in a key, a name, a hash: the longest run of it."""
        found = _RUN.findall(text.lower())
        if not found:
            self.open = True
        elif text.isascii():
            self.needed.add(max(found, key=len))

    def email(self, address: str) -> None:
        """Take in an address: the domain may be written in two ways, so the longest run before it."""
        self.word(address.rpartition("@")[0])

    def phone(self, digits: str) -> None:
        """Take in a number of at least seven digits; one of fewer can be anywhere."""
        self.open |= len(digits) < LAST
        self.phones.add(digits[-LAST:])

    def ip(self, text: str) -> None:
        """Take in an address of version 4 or 6: its longest group, with and without zeros before it."""
        address = ipaddress.ip_address(text)
        if address.version == 4:
            self.word(text)
            address = ipaddress.IPv6Address(f"::ffff:{address}")
            groups = [f"{int(address) >> 16 & 0xFFFF:x}", f"{int(address) & 0xFFFF:x}"]
        else:
            groups = text.split(":")
        longest = max(groups, key=len)
        self.needed |= {longest, longest.zfill(4)}
