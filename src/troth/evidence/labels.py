"""What an entry is listed under: its kind, and the one thing it is about, so that both can be found without a scan.

Pure. Read from the canonical bytes; nothing of it is hashed or proven. A label that is wrong hides an entry from
a list and changes nothing in the log.
"""

from __future__ import annotations

import json

ABOUT = (
    "case",
    "plan",
    "promise",
    "hold",
    "restriction",
    "rectification",
    "objection",
    "manifest",
    "archive",
    "backup",
    "recipient",
    "disclosure",
    "choice",
    "letter",
    "paper",
    "person",
    "store",
)
"""Fields that name what an entry is about; the first one an entry has counts."""
LONGEST_KIND, LONGEST_ABOUT = 60, 300


def labels(data: bytes) -> tuple[str, str]:
    """Return kind and subject matter of an entry; empty words for bytes that are none."""
    try:
        content = json.loads(data)
        kind, body = content["kind"], content["body"]
        about = next((body[name] for name in ABOUT if name in body), "")
    except (ValueError, KeyError, TypeError):
        return "", ""
    return str(kind)[:LONGEST_KIND], str(about)[:LONGEST_ABOUT]
