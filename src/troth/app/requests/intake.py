"""What came in, read: a mail file or a form, as a message that a person then says the rights of.

Nothing is decided here: which rights are meant is said by whoever reads the message. Nothing of what was written
is repeated in a fault, and attachments are not opened.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from troth.grammar import faults
from troth.grammar.declare import Block, Flag, Words
from troth.grammar.nodes import compose
from troth.problems import BadInput, Problem

LARGEST = 30_000_000
"""Bytes of a mail that are read."""
LONGEST = 100_000
"""Characters of a text that are kept."""
FORM = "<form>"
LONGEST_HEADER = 10_000
"""Characters of a header that are looked at."""
MARKUP = 1_000_000
"""Characters of HTML that are read for their text."""
_UNREAD = re.compile(r"<(?:script|style)\b", re.IGNORECASE)
_READ_AGAIN = re.compile(r"</(?:script|style)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as it was read."""

    name: str
    address: str
    text: str
    """Subject and body."""
    received: datetime | None
    """What its `Date` says, with its zone; None where it says nothing usable."""
    notes: tuple[str, ...] = ()


def mail(data: bytes) -> Mail:
    """Read a mail.

    Raises:
        BadInput: when it is too large, or not from exactly one address.
    """
    if len(data) > LARGEST:
        raise _bad(
            "The mail is too large.", f"Keep it below {LARGEST // 1_000_000} MB: save it without attachments."
        )
    message = BytesParser(policy=policy.compat32).parsebytes(data)
    found = getaddresses([decoded(one) for one in message.get_all("from", [])])
    senders = [pair for pair in found if "@" in pair[1].strip("@")]
    if len(senders) != 1:
        hint = "Save the mail with all its headers as a file (.eml), or give its parts by the other options."
        raise _bad(f"A mail from one address was expected; it has {len(senders)}.", hint)
    body, notes = text_of(message)
    return Mail(
        name=senders[0][0].strip(),
        address=senders[0][1].strip(),
        text=f"{decoded(message.get('subject', ''))}\n\n{body}".strip()[:LONGEST],
        received=_sent(message),
        notes=notes,
    )


def text_of(message: Message) -> tuple[str, tuple[str, ...]]:
    """Return the text of a mail, plain where there is plain text, and what to know of it."""
    parts = [part for part in message.walk() if not part.is_multipart()]
    attached = [
        part for part in parts if part.get_filename() or part.get_content_disposition() == "attachment"
    ]
    texts = {part.get_content_type(): part for part in reversed(parts) if part not in attached}
    part = texts.get("text/plain") or texts.get("text/html")
    text = _text(part) if part is not None else ""
    if part is not None and part.get_content_type() == "text/html":
        text = html.unescape(_stripped(text[:MARKUP]))
    notes = (
        [f"{len(attached)} attachments were not opened; look at them in your mailbox."] if attached else []
    )
    if not text.strip():
        notes.append("The mail has no text that can be read.")
    return plain(text).replace("\r\n", "\n"), tuple(notes)


def _stripped(markup: str) -> str:
    """Return what stands outside of tags, scripts and styles, in one pass whatever the markup is."""
    kept, at = [], 0
    while (start := markup.find("<", at)) >= 0:
        kept.append(markup[at:start])
        unread = _UNREAD.match(markup, start)
        close = _READ_AGAIN.search(markup, start) if unread else None
        end = markup.find(">", close.start() if close else start)
        if end < 0 or (unread and not close):
            return " ".join(kept if unread else [*kept, markup[start:]])
        at = end + 1
    return " ".join([*kept, markup[at:]])


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    except (LookupError, ValueError):  # a character set nobody knows
        return data.decode("utf-8", errors="replace")


def decoded(header: object) -> str:
    """Return a header in words; as it stands where it is not well coded."""
    written = str(header)[:LONGEST_HEADER]
    try:
        found = str(make_header(decode_header(written)))
    except (LookupError, ValueError, MessageError):
        found = written
    return plain(" ".join(found.split()))


def plain(text: str) -> str:
    """Take out of a text what no file can hold: halves of pairs that stand for bytes nobody could read."""
    return text.encode("utf-8", errors="replace").decode()


def _sent(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _instant(value: object) -> datetime:
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError as bad:
        raise PydanticCustomError("bad_instant", "an instant with its zone: 2026-01-31T10:00Z") from bad


class Form(Block):
    """A request as a form of a web page sends it."""

    kinds: Words
    identities: Words
    """As `email:…`, `customer/12`."""
    received: Annotated[datetime, BeforeValidator(_instant)] | None = None
    name: str = ""
    reply_to: str = ""
    text: str = ""
    language: str = "en"
    residence: str = ""
    agent: str = ""
    parent: str = ""
    child: Flag = False


def form(data: bytes) -> Form:
    """Read a form: JSON.

    Raises:
        BadInput: with every fault, by line; no value is repeated.
    """
    document = compose(FORM, data)
    if document.problems or document.values is None:
        raise BadInput(_quiet(document.problems))
    made, found = faults.find(Form, document.values, document.places, FORM)
    if found:
        raise BadInput(_quiet([fault.problem for fault in found]))
    assert isinstance(made, Form)
    return made


def _quiet(problems: Sequence[Problem]) -> list[Problem]:
    """Take out what was found: somebody wrote it about themselves."""
    return [
        Problem(code=one.code, message=one.message, span=one.span, valid=one.valid, hint=one.hint)
        for one in problems
    ]


def _bad(message: str, hint: str) -> BadInput:
    return BadInput([Problem(code="bad-value", message=message, hint=hint)])
