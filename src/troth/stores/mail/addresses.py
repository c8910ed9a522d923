"""The addresses in header fields, and their removal: one entry of a list goes, the others stay to the byte.

Pure. RFC 5322 §3.4: groups, display names, comments, quoted strings; words of RFC 2047 within them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import getaddresses

from troth.people import normal
from troth.people.kinds import Family
from troth.stores.files.spotting import Spotter
from troth.stores.mail import texts
from troth.stores.mail.parts import Field

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "from": ("from", "resent-from"),
    "to": ("to", "resent-to", "apparently-to"),
    "cc": ("cc", "resent-cc"),
    "bcc": ("bcc", "resent-bcc"),
    "reply_to": ("reply-to", "mail-reply-to", "mail-followup-to"),
    "sender": ("sender", "resent-sender", "return-path", "errors-to"),
    "delivered_to": ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"),
}
"""Which header fields each column is made of."""
NAMES = frozenset(name for names in COLUMNS.values() for name in names)
NOBODY = "erased@erased.invalid"
ERASED = f'"[erased]" <{NOBODY}>'.encode()
"""RFC 2606 §2: nobody can ever have an address under `.invalid`."""
_BARE = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
_PIECE = re.compile(rb'"(?:[^"\\]|\\.)*"?|\((?:[^()\\]|\\.)*\)?|<[^>]*>?|[,;:]|[^",;:<(]+', re.DOTALL)
# fmt: off
_HOUSE = frozenset(
    {
        "abuse", "account", "accounts", "admin", "administrator", "billing", "bounce", "bounces",
        "contact", "customerservice", "daemon", "dpo", "enquiries", "erased", "feedback", "ftp", "gdpr",
        "hello", "help", "helpdesk", "hostmaster", "info", "jobs", "legal", "mailer-daemon",
        "marketing", "news", "newsletter", "no-reply", "noc", "noreply", "notifications", "office",
        "orders", "postmaster", "press", "privacy", "reception", "root", "sales", "security", "service",
        "support", "team", "usenet", "uucp", "webmaster", "www",
    }
)
# fmt: on
"""Mailboxes of a function, not of a person (RFC 2142, and those every company has)."""


def found(fields: list[Field], column: str) -> tuple[str, ...]:
    """List the addresses in the fields of a column, as written; one that was erased is none."""
    names = COLUMNS[column]
    listed = (a for one in fields if one.name in names for a in within(one.value))
    return tuple(dict.fromkeys(a for a in listed if a != NOBODY))


def within(value: bytes) -> Iterator[str]:
    """Yield the addresses of one field."""
    text = texts.header(value)
    parsed = [address for _, address in getaddresses([text]) if "@" in address]
    yield from parsed or _BARE.findall(text)


def of_a_person(address: str) -> bool:
    """Tell whether an address may be a person's: not a function's, and nobody's whom Troth has erased."""
    local, _, domain = address.lower().rpartition("@")
    return local.partition("+")[0] not in _HOUSE and not domain.endswith(".invalid")


def theirs(address: str, people: frozenset[int], spotter: Spotter) -> bool:
    """Tell whether an address is one of some people's."""
    form = normal.normal(Family.EMAIL, address) or address.lower()
    known = spotter.wanted.emails.get(form) or spotter.wanted.emails.get(address.lower())
    return bool(known and known & people)


def redacted(one: Field, people: frozenset[int], spotter: Spotter) -> Field | None:
    """Take some people out of a header field; None where they are not in it."""
    if one.name in NAMES:
        value = b"".join(_entries(one.value, people, spotter))
        return Field(one.raw[: len(one.raw) - len(one.value)] + value) if value != one.value else None
    return scrubbed(one, people, spotter)


def scrubbed(one: Field, people: frozenset[int], spotter: Spotter) -> Field | None:
    """Take some people out of a field of running text; None where they are not in it."""
    if texts.encoded(one.value):
        text = texts.header(one.value)
        new = spotter.scrub(text, people)
        end = b"\r\n" if one.raw.endswith(b"\r\n") else b"\n"
        return None if new == text else texts.field(one.raw.partition(b":")[0], new, end)
    text = one.value.decode("utf-8", errors="surrogateescape")
    new = spotter.scrub(text, people)
    name = one.raw[: len(one.raw) - len(one.value)]
    return None if new == text else Field(name + new.encode("utf-8", errors="surrogateescape"))


def _entries(value: bytes, people: frozenset[int], spotter: Spotter) -> Iterator[bytes]:
    """Yield the pieces of a list of addresses, with those of some people replaced."""
    entry: list[bytes] = []
    for piece in _PIECE.findall(value):
        if piece in (b",", b";", b":"):
            yield _entry(b"".join(entry), people, spotter)
            yield piece
            entry = []
        else:
            entry.append(piece)
    yield _entry(b"".join(entry), people, spotter)


def _entry(raw: bytes, people: frozenset[int], spotter: Spotter) -> bytes:
    core = raw.strip()
    if not core:
        return raw
    at = raw.index(core)
    before, after = raw[:at], raw[at + len(core) :]
    mine = [theirs(address, people, spotter) for address in within(core)]
    if any(mine):
        return before + ERASED + after
    text = texts.header(core)
    if spotter.scrub(text, people) == text:
        return raw
    # A name of theirs before an address that is not known to be: the name goes, the address stays.
    kept = next(iter(within(core)), "")
    return (
        before + (b'"[erased]" <' + kept.encode(errors="replace") + b">" if kept else b'"[erased]"') + after
    )
