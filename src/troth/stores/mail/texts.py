"""Read and write the text of a mail's headers and parts, whatever their encoding says or fails to say.

Pure. A text that cannot be decoded as declared is read so that writing it back gives the same bytes: UTF-8 with
what is none carried along. RFC 2045 (transfer encodings), RFC 2047 (words in headers).
"""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from email.errors import HeaderParseError
from email.header import Header, decode_header

from troth.stores.mail.parts import Field, Part

_ENCODED = re.compile(rb"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
_UNDECODED = ("utf-8", "surrogateescape")
LINE = 76


def header(value: bytes) -> str:
    """Return the text of a header's value, unfolded."""
    plain = re.sub(r"\r?\n(?=[ \t])", "", value.decode(*_UNDECODED)).strip()
    if not _ENCODED.search(value):
        return plain
    try:
        return "".join(
            part.decode(_known(charset), errors="replace") if isinstance(part, bytes) else part
            for part, charset in decode_header(plain.encode(*_UNDECODED).decode("ascii", errors="replace"))
        )
    except (HeaderParseError, ValueError, LookupError):
        return plain


def encoded(value: bytes) -> bool:
    """Tell whether a header has words in an encoding of their own."""
    return _ENCODED.search(value) is not None


def field(name: bytes, text: str, end: bytes) -> Field:
    """Write a header field."""
    value = text if text.isascii() else Header(text.encode(errors="replace").decode(), "utf-8").encode()
    return Field(name + b": " + value.replace("\n", end.decode()).encode("ascii", errors="replace") + end)


def read(part: Part) -> str:
    """Return the text of a part without parts."""
    data = unpacked(part)
    charset = _charset(part)
    try:
        text = data.decode(charset)
        return text if text.encode(charset) == data else data.decode(*_UNDECODED)
    except (UnicodeError, LookupError):
        return data.decode(*_UNDECODED)


def write(part: Part, text: str) -> None:
    """Put another text into a part, in the encoding it has."""
    charset = _charset(part)
    try:
        data = text.encode(charset)
    except (UnicodeError, LookupError):
        data = text.encode(*_UNDECODED)
    put(part, data)


def unpacked(part: Part) -> bytes:
    """Undo the transfer encoding of a part; one that is broken is taken as it stands."""
    how = _transfer(part)
    if how == "base64":
        try:
            return base64.b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", part.body))
        except binascii.Error:
            return part.body
    return quopri.decodestring(part.body) if how == "quoted-printable" else part.body


def put(part: Part, data: bytes) -> None:
    """Put other content into a part, in the transfer encoding it has."""
    how = _transfer(part)
    end = b"\r\n" if b"\r\n" in part.body else b"\n"
    tail = part.body[len(part.body.rstrip(b"\r\n")) :]
    if how == "base64":
        text = base64.b64encode(data)
        lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
        part.body = end.join(lines) + tail
    elif how == "quoted-printable":
        made = quopri.encodestring(data.replace(b"\r\n", b"\n"))
        part.body = made.replace(b"\n", end)
    else:
        part.body = data


def _transfer(part: Part) -> str:
    named = [one.value for one in part.fields if one.name == "content-transfer-encoding"]
    return header(named[-1]).lower().strip() if named else ""


def _charset(part: Part) -> str:
    try:
        return _known(part.headers.get_content_charset())
    except (ValueError, LookupError, TypeError, AttributeError):
        return "utf-8"


def _known(charset: str | None) -> str:
    """Return a charset Python knows; UTF-8 covers what should have been ASCII."""
    try:
        found = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if found == "ascii" else found
