"""Take a mail apart and put it together again so that every byte nobody changed is what it was.

Pure. Nothing is ever refused: a header that is none begins the body, a boundary that is nowhere leaves one part.
RFC 5322 (fields), RFC 2045 and 2046 (parts). `b"".join(pieces(split(mail))) == mail` for any bytes at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

DEEPEST = 20
"""Parts within parts; anything below is one part."""
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_ODD = (ValueError, LookupError, TypeError, AttributeError)
"""What the standard library raises for parameters no mail should have; UnicodeError is a ValueError."""


@dataclass(slots=True)
class Field:
    """One header field with its line ends and its continuation lines."""

    raw: bytes
    name: str = field(init=False)
    """In lower case."""

    def __post_init__(self) -> None:
        """Read the name."""
        self.name = self.raw.partition(b":")[0].strip().decode("ascii", errors="replace").lower()

    @property
    def value(self) -> bytes:
        """What stands behind the colon, line ends included."""
        return self.raw.partition(b":")[2]


@dataclass(slots=True)
class Part:
    """A message, or one part of it."""

    fields: list[Field]
    gap: bytes
    """The empty line behind the fields; nothing where it is missing."""
    body: bytes = b""
    """What follows, where there are no parts."""
    parts: list[Part] = field(default_factory=list)
    seams: list[bytes] = field(default_factory=list)
    """What stands before, between and behind the parts."""
    kind: str = "text/plain"
    """Its type; what it is taken for where it says none that can be read."""

    def leaves(self) -> Iterator[Part]:
        """Yield every part that has no parts."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def walk(self) -> Iterator[Part]:
        """Yield this part and every part in it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def headers(self) -> Message:
        """Read the fields with the standard library."""
        return message_from_bytes(b"".join(one.raw for one in self.fields) + b"\r\n")


def split(data: bytes, depth: int = 0) -> Part:
    """Take a mail apart."""
    fields, gap, body = _headers(data)
    part = Part(fields=fields, gap=gap, body=body)
    part.kind, boundary = _kind(part)
    if depth >= DEEPEST or not body:
        return part
    if part.kind == "message/rfc822" and not _packed(part):
        part.parts, part.seams, part.body = [split(body, depth + 1)], [b"", b""], b""
    elif boundary:
        _divide(part, boundary, depth)
    return part


def pieces(part: Part) -> Iterator[bytes]:
    """Yield what a mail is made of, in order."""
    yield from (one.raw for one in part.fields)
    yield part.gap
    if not part.parts:
        yield part.body
        return
    for seam, inner in zip(part.seams, part.parts, strict=False):
        yield seam
        yield from pieces(inner)
    yield part.seams[-1]


def file_name(part: Part) -> str:
    """Return the name of an attachment, if it has one."""
    try:
        return part.headers.get_filename("") or ""
    except _ODD:
        return ""


def attached(part: Part) -> bool:
    """Tell whether a part is an attachment: says so, has a file name, or is no text."""
    try:
        disposition = part.headers.get_content_disposition()
    except _ODD:
        disposition = None
    return disposition == "attachment" or bool(file_name(part)) or not part.kind.startswith("text/")


def _headers(data: bytes) -> tuple[list[Field], bytes, bytes]:
    fields: list[Field] = []
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        line = data[at:end]
        if line in (b"\n", b"\r\n"):
            return fields, line, data[end:]
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1].raw += line
        elif _FIELD.match(line):
            fields.append(Field(line))
        else:
            break
        at = end
    return fields, b"", data[at:]


def _kind(part: Part) -> tuple[str, bytes]:
    try:
        headers = part.headers
        boundary = headers.get_boundary() if headers.get_content_maintype() == "multipart" else None
        return headers.get_content_type(), (boundary or "").encode("ascii", errors="replace")
    except _ODD:
        return "text/plain", b""


def _packed(part: Part) -> bool:
    return any(
        b"base64" in one.value.lower() for one in part.fields if one.name == "content-transfer-encoding"
    )


def _divide(part: Part, boundary: bytes, depth: int) -> None:
    """Find the delimiter lines; the line end before one is part of it (RFC 2046 §5.1.1)."""
    body = part.body
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
    starts: list[int] = []
    ends: list[int] = []
    for found in line.finditer(body):
        start = found.start()
        if starts:
            start -= body.endswith(b"\n", ends[-1], start)
            start -= body.endswith(b"\r", ends[-1], start)
        starts.append(start)
        ends.append(found.end())
        if found[1]:
            break
    else:
        if starts:
            starts.append(len(body))
            ends.append(len(body))
    if len(starts) < 2:
        return
    part.parts = [split(body[end:start], depth + 1) for end, start in zip(ends, starts[1:], strict=False)]
    between = [body[start:end] for start, end in zip(starts[1:-1], ends[1:-1], strict=True)]
    part.seams = [body[: ends[0]], *between, body[starts[-1] :]]
    part.body = b""
