"""A letter as a mail message (RFC 5322): plain text and HTML, with a Message-ID that is the same at every attempt.

Nothing a letter holds can add a header: addresses are one address, other values one line. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, quote

from troth.letters import html, text
from troth.letters.model import Letter
from troth.problems import BadInput, Problem

_TOKEN = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>")
_SAFE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
"""Words that need no quotes before an address (RFC 5322 §3.2.3)."""
MAX_WORDS = 200
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_ATOM = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From whom mail goes."""

    address: str
    reply_to: str = ""
    colour: str = html.ACCENT
    """Of headings, as `#1f5c4d`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message with its envelope."""

    content: bytes
    sender: str
    to: str

    @property
    def needs_utf8(self) -> bool:
        """Tell whether the server must take addresses beyond ASCII (RFC 6531)."""
        return not (self.sender + self.to).isascii()


def build(letter: Letter, *, to: str, origin: Origin, token: str, at: datetime) -> Mail:
    """Make the mail of a letter.

    Raises:
        BadInput: when an address is none.
    """
    sender, receiver = address(origin.address), address(to)
    message = EmailMessage(policy=policy.SMTP if (sender + receiver).isascii() else policy.SMTPUTF8)
    message["To"] = _plain(receiver)
    if origin.reply_to:
        message["Reply-To"] = _plain(address(origin.reply_to))
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{token}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office notes, please
    message.set_content(text.render(letter))
    message.add_alternative(html.render(letter, origin.colour), subtype="html")
    message["Content-Language"] = letter.language
    head = f"From: {_words(letter.sender.name, 'From')} <{sender}>\r\n"
    head += f"Subject: {_words(letter.subject, 'Subject')}\r\n"
    return Mail(content=head.encode() + message.as_bytes(), sender=sender, to=receiver)


def address(written: str) -> str:
    """Return a mail address as it is sent: a domain beyond ASCII in its IDNA form.

    Raises:
        BadInput: when it is not one address.
    """
    local, _, domain = written.strip().rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host) or not _ATOM.fullmatch(local):
        problem = Problem(
            code="bad-value",
            message="One mail address was expected.",
            valid=("name@example.org",),
            hint="Correct the address; it is not shown here.",
        )
        raise BadInput([problem])
    return f"{local}@{host}"


def token(message_id: str) -> str:
    """Return the token of one of our Message-IDs; nothing where it is not one of ours."""
    found = _TOKEN.search(message_id)
    return found[1] if found else ""


def _plain(at: str) -> Address:
    local, _, domain = at.rpartition("@")
    return Address(username=local, domain=domain)


def _words(said: str, header: str) -> str:
    """Write words of a header (RFC 2047), folded.

    Not by EmailMessage: before Python 3.14 its folding loses blanks between long words beyond ASCII, or adds some.
    """
    line = " ".join(said.split())[:MAX_WORDS]
    if not line.isascii() or "=?" in line:
        return Header(line, "utf-8", header_name=header).encode(linesep="\r\n")
    return line if header == "Subject" or _SAFE.fullmatch(line) else f'"{quote(line)}"'
