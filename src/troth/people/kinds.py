"""What a kind of identity is worth: how its values are compared, and whether they may lead on to other rows.

A data map names kinds freely (`email`, `work-email`, `account`); the family decides. Kinds of the families e-mail,
phone and IP are looked for together whatever they are called; any other kind is compared with kinds of its name.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache


class Family(StrEnum):
    """How values of a kind are compared."""

    EMAIL = "email"
    PHONE = "phone"
    IP = "ip"
    ACCOUNT = "account"
    DEVICE = "device"
    NAME = "name"
    OTHER = "other"


_WORDS = (
    (Family.DEVICE, {"device", "cookie", "advertising", "browser", "fingerprint", "idfa", "gaid", "mac"}),
    (Family.NAME, {"name", "surname", "firstname", "lastname", "fullname", "forename"}),
    (Family.EMAIL, {"email", "mail", "emails"}),
    (Family.PHONE, {"phone", "mobile", "tel", "telephone", "cell", "fax", "handy", "msisdn"}),
    (Family.IP, {"ip", "ipv4", "ipv6"}),
)
_ACCOUNT = re.compile(
    r"(id|uid|uuid|guid|(account|user|customer|member|person|subject)([-_]?(id|no|number|uuid))?)"
)
NEVER_LINK = frozenset({Family.DEVICE, Family.IP, Family.NAME})
"""Shared by households, offices and namesakes: whatever a data map says, they lead nowhere."""
TOGETHER = frozenset({Family.EMAIL, Family.PHONE, Family.IP})
BY_KEY = "id"
"""The kind under which the key of a subject can be typed."""


@cache
def family(kind: str) -> Family:
    """Return the family of a kind by its name."""
    lowered = kind.lower()
    words = set(re.split(r"[-_ .]+", lowered))
    for found, names in _WORDS:
        if words & names:
            return found
    return Family.ACCOUNT if _ACCOUNT.fullmatch(lowered) else Family.OTHER


def match(kind: str) -> str:
    """Return the name under which values of this kind are compared with those of other kinds."""
    found = family(kind)
    return found.value if found in TOGETHER else kind.lower()


def may_link(kind: str, *, declared: bool | None, verified: bool) -> bool:
    """Tell whether values of a kind may extend a search.

    Args:
        kind: As the data map names it.
        declared: What the map says under `links`; None where it says nothing.
        verified: The map names a column that says whether a value was proven; each row is asked besides.
    """
    found = family(kind)
    if found in NEVER_LINK or declared is False:
        return False
    if declared:
        return True
    return found is Family.ACCOUNT or (found is Family.EMAIL and verified)
