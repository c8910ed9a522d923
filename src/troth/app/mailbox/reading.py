"""A message that came in, read as far as it can be: nothing about it may stop the reading of others.

Headers are enough to sort it; its text is read when a person looks. Attachments are named and never opened. Pure.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime

from troth.app.requests import intake

STUMBLES = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, MessageError)
"""What Python's reader of mails may fail with on a message that is none."""
LONGEST_NAME = 120
MOST_ATTACHMENTS = 50
LONGEST_HEADERS = 1_000_000
"""Bytes that are looked through for the end of the headers."""
MOST_PARTS = 5_000
"""Lines that may begin a part of a message; one with more is read no further than its headers."""
MOST_WORK = 20_000_000
"""Lines times boundaries, each of which is looked for in each line by Python's reader: two seconds."""
UNREADABLE = "The message is not well formed; look at it as a file."
_END = re.compile(rb"\r?\n\r?\n|\r\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file within a message, as the message names it."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a message says."""

    name: str
    address: str
    """Empty where it is not from exactly one address."""
    subject: str
    text: str
    attachments: tuple[Attachment, ...]
    notes: tuple[str, ...]


def fingerprint(content: bytes, size: int) -> str:
    """Return what tells a message from every other; of a large one the beginning and the size."""
    return hashlib.sha256(b"%d\0" % size + content).hexdigest()


def is_bomb(content: bytes) -> bool:
    """Tell whether a message is made of so many parts, or so many in each other, that reading it takes minutes."""
    if len(content) > LONGEST_HEADERS and not _END.search(content, 0, LONGEST_HEADERS):
        return True
    lines = content.count(b"\n") + content.count(b"\r")
    parts = content.count(b"\n--") + content.count(b"\r--")
    return parts > MOST_PARTS or lines * content.lower().count(b"boundary") > MOST_WORK


def headers(content: bytes) -> Message | None:
    """Read the headers; nothing where they cannot be read."""
    end = _END.search(content, 0, LONGEST_HEADERS)
    try:
        head = content[: end.end() if end else LONGEST_HEADERS]
        return BytesParser(policy=policy.compat32).parsebytes(head, headersonly=True)
    except STUMBLES:
        return None


def is_report(message: Message | None) -> bool:
    """Tell whether a message is a report of a mail system (RFC 6522)."""
    try:
        return message is not None and message.get_content_type() == "multipart/report"
    except STUMBLES:
        return False


def read(content: bytes) -> Seen:
    """Read a whole message."""
    head = headers(content)
    if head is None:
        return Seen(name="", address="", subject="", text="", attachments=(), notes=(UNREADABLE,))
    name, address = sender(head)
    try:
        if is_bomb(content):
            raise ValueError("it has too many parts")
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        text, notes = intake.text_of(message)
        attached = tuple(_attached(message))
    except STUMBLES:
        text, notes, attached = "", (UNREADABLE,), ()
    if not address:
        notes = (*notes, "It is not from exactly one address.")
    return Seen(
        name=name,
        address=address,
        subject=first(head, "subject"),
        text=_clean(text[: intake.LONGEST]).strip(),
        attachments=attached,
        notes=notes,
    )


def first(message: Message, name: str) -> str:
    """Return a header in words; empty where it is missing or cannot be read."""
    try:
        return _clean(intake.decoded(message.get(name, ""))).strip()
    except STUMBLES:
        return ""


def sender(message: Message) -> tuple[str, str]:
    """Return name and address of whoever wrote; nothing where that is not one."""
    try:
        found = getaddresses([intake.decoded(one) for one in message.get_all("from", [])[:2]])
    except STUMBLES:
        return "", ""
    addresses = [(_clean(name).strip(), _clean(at).strip()) for name, at in found if "@" in at.strip("@")]
    return addresses[0] if len(addresses) == 1 else ("", "")


def received(message: Message | None, otherwise: datetime, *, now: datetime) -> datetime:
    """Return when a message reached us: what the last server on its way wrote on top (RFC 5321 §4.4).

    Args:
        message: Its headers.
        otherwise: What the mailbox says, for messages without that line.
        now: The clock; nothing comes in later than now.
    """
    line = str(message.get("received", "") if message is not None else "")
    try:
        found = parsedate_to_datetime(line[: intake.LONGEST_HEADER].rpartition(";")[2].strip())
    except (*STUMBLES, OverflowError):
        found = otherwise
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return min(found, now, key=lambda one: one.astimezone(UTC))
    except (OverflowError, ValueError):
        return otherwise


def _clean(text: str) -> str:
    """Take out signs that steer terminals and printers; lines and tabs stay."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) != "Cc")


def _attached(message: Message) -> Iterator[Attachment]:
    count = 0
    for part in message.walk():
        if part.is_multipart() or not (part.get_filename() or part.get_content_disposition() == "attachment"):
            continue
        count += 1
        if count > MOST_ATTACHMENTS:
            return
        name = _clean(intake.decoded(part.get_filename() or ""))[:LONGEST_NAME]
        yield Attachment(name=name or "(without a name)", kind=part.get_content_type())
