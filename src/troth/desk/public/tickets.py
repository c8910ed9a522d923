"""The mark a form carries: when it was made, and that it is one of ours; against scripts, and against sending twice.

No puzzle is set and nobody is watched: a form that comes back at once, or with a field filled that people do not see,
is shown again with everything that was typed.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core import signing

BYTES = 16
SOONEST = timedelta(seconds=2)
"""Nobody fills in a form faster."""
LATEST = timedelta(hours=12)
SALT = "troth.centre.form"
LONGEST = 200


def new() -> str:
    """Make a mark."""
    return signing.TimestampSigner(salt=SALT).sign(secrets.token_hex(BYTES))


def own(mark: str) -> str:
    """Return what a mark is known by; empty for one that is not ours or is too old."""
    signer = signing.TimestampSigner(salt=SALT)
    if not 0 < len(mark) <= LONGEST:
        return ""
    try:
        found = signer.unsign(mark, max_age=LATEST)
    except signing.BadSignature:
        return ""
    return found


def too_soon(mark: str) -> bool:
    """Tell whether a mark of ours comes back sooner than anybody could fill in the form."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(mark, max_age=SOONEST)
    except signing.BadSignature:
        return False
    return True
