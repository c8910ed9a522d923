"""Read a mail that came back (RFC 3464, RFC 6522): which of ours it was, and the code it was refused with.

Only the token of our Message-ID, the action and a number are taken; addresses and texts stay where they are. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from troth.letters.message import token

MAX_BYTES = 20_000_000
_CODE = re.compile(r"\b([245][0-9][0-9])\b")
_OURS = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a notice says of one of our mails."""

    token: str
    action: str
    """`failed`, `delayed`, `delivered`, `relayed` or `expanded`."""
    code: int | None
    """The SMTP code, where the notice has it."""


def read(content: bytes) -> Notice | None:
    """Read a notice about a mail of ours; nothing where a mail is none."""
    mail = message_from_bytes(content[:MAX_BYTES], policy=policy.default.clone(raise_on_defect=False))
    if mail.get_content_type() != "multipart/report":
        return None
    ours = _token(mail)
    states = [block for part in _parts(mail, "message/delivery-status") for block in _blocks(part)]
    actions = [(_first(block, "Action").lower(), block) for block in states if _first(block, "Action")]
    if not ours or not actions:
        return None
    failed = [block for action, block in actions if action == "failed"]
    if failed:
        return Notice(token=ours, action="failed", code=_code(failed[0]))
    return Notice(token=ours, action=actions[0][0], code=None)


def _token(mail: Message) -> str:
    """Find our token: in the headers sent back, else in what the notice answers."""
    for kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
        for part in _parts(mail, kind):
            for block in _headers(part):
                if found := token(_first(block, "Message-ID")):
                    return found
    for name in ("In-Reply-To", "References"):
        if found := token(_first(mail, name)):
            return found
    return ""


def _parts(mail: Message, kind: str) -> Iterator[Message]:
    return (part for part in mail.walk() if part.get_content_type() == kind)


def _blocks(part: Message) -> Iterator[Message]:
    """Yield the groups of fields of a status, whichever way the parser has cut them."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))


def _headers(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))
    elif isinstance(payload, str):
        raw = part.get_payload(decode=True)
        yield message_from_bytes(raw if isinstance(raw, bytes) else payload.encode(), policy=policy.default)


def _first(block: Message, name: str) -> str:
    """Return a field as text, whatever is wrong with it."""
    try:
        return str(block.get(name, "")).strip()
    except (ValueError, IndexError, AttributeError, TypeError):
        return next(
            (str(value).strip() for key, value in block.raw_items() if key.lower() == name.lower()), ""
        )


def _code(block: Message) -> int | None:
    found = _CODE.search(_first(block, "Diagnostic-Code").partition(";")[2])
    return int(found[1]) if found else None
