"""Take other people's identities out of text that is about several people. Pure.

Every e-mail address and phone number that is not the person's own becomes `[someone else]`. Names of others cannot be
known and stay; an export says so. Rather a number too many goes than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.people.typed import Identity
from troth.rights.export import ELSE

_MAIL = re.compile(r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+\.[^\s@<>()\[\]\"',;:.]{2,}")
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d(?:[\s().\-/\u2010-\u2015]{0,2}\d){6,16}(?![\w])")
_DATE = re.compile(r"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])")
FEWEST, MOST = 8, 15
"""Digits of what counts as a phone number (ITU-T E.164 §6: at most 15)."""


class Redactor:
    """Knows what is one person's own."""

    __slots__ = ("mails", "phones", "region")

    def __init__(self, identities: Iterable[Identity], region: str = "") -> None:
        known = list(identities)
        self.region = region
        self.mails = {i.value for i in known if kinds.family(i.match) is Family.EMAIL}
        phones = [i.value for i in known if kinds.family(i.match) is Family.PHONE]
        self.phones = {one for p in phones for one in normal.spellings(Family.PHONE, p, region)}

    def own(self, value: object) -> bool:
        """Tell whether a value is one of the person's own identities, and nothing more."""
        if not isinstance(value, str):
            return False
        return (
            normal.normal(Family.EMAIL, value) in self.mails
            or normal.normal(Family.PHONE, value, self.region) in self.phones
        )

    def value(self, value: Any) -> Any:
        """Return a value without others' identities: text, and text in lists and documents."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(k)): self.value(v) for k, v in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
            return [self.value(one) for one in value]
        return value

    def text(self, text: str) -> str:
        """Return text without others' identities."""
        if "@" in text:
            text = _MAIL.sub(self._mail, text)
        return _PHONE.sub(self._phone, text) if any(c.isdigit() for c in text) else text

    def _mail(self, found: re.Match[str]) -> str:
        whole = found[0]
        bare = whole.rstrip(".!?*_`")
        return whole if normal.normal(Family.EMAIL, bare) in self.mails else ELSE + whole[len(bare) :]

    def _phone(self, found: re.Match[str]) -> str:
        written = normal.digits(found[0])
        count = len(written.removeprefix("+"))
        if not FEWEST <= count <= MOST or _DATE.match(found[0]):
            return found[0]
        own = written in self.phones or normal.normal(Family.PHONE, found[0], self.region) in self.phones
        return found[0] if own else ELSE
