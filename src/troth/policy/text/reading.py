"""Bytes of a published text → `Text`, or faults that say what is wrong with the bytes.

The one way in. Opens no file: the caller hands over at most `MAX_BYTES` + 1 bytes. Chooses the reader by the
file's name, else by its first lines.
"""

from __future__ import annotations

import re
from typing import assert_never

from troth.policy.text import assembly, hypertext, markdown, plain
from troth.policy.text.model import Format, Text
from troth.policy.text.passages import Document
from troth.problems import BadInput, Problem
from troth.spans import Span

MAX_BYTES = 2_000_000
"""About fifty times the longest policy seen; more is not a policy."""

_ENDINGS = {
    ".txt": Format.TXT,
    ".text": Format.TXT,
    ".md": Format.MD,
    ".markdown": Format.MD,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
}
_HTML_START = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body|div|h1|p)\b", re.I)
_MD_HEADING = re.compile(r"^#{1,6} \S", re.M)
_OTHER_FORMATS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zipped document",
    b"\xd0\xcf\x11\xe0": "an Office document",
}


def read_bytes(name: str, data: bytes) -> Text:
    """Read a policy text from the bytes of its file.

    Raises:
        BadInput: The bytes are too many, no UTF-8 text, or hold no sentence.
    """
    text = read(name, decode(name, data))
    if not text.sentences:
        message = "The text holds no sentence, only white space, headings or markup."
        raise _fault("empty-text", name, message, "Name the file that holds the published policy.")
    return text


def read(name: str, source: str) -> Text:
    """Read a policy text that is already decoded."""
    chosen = detect(name, source)
    return assembly.assemble(name, chosen, source, _document(chosen, source))


def detect(name: str, source: str) -> Format:
    """Choose the format by the file's ending, else by how the text begins."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if _HTML_START.match(source[:4000]):
        return Format.HTML
    return Format.MD if _MD_HEADING.search(source[:100_000]) else Format.TXT


def decode(name: str, data: bytes) -> str:
    """Decode UTF-8, with or without byte order mark.

    Raises:
        BadInput: Too many bytes, another encoding, or no text at all.
    """
    if len(data) > MAX_BYTES:
        message = f"A policy text may have {MAX_BYTES:,} bytes; this file has {_size(data)}."
        raise _fault("too-large", name, message, "Name the file that holds only the policy.")
    for start, what in _OTHER_FORMATS.items():
        if data.startswith(start):
            message = f"Expected text (txt, md or html) in UTF-8, found {what}."
            raise _fault("bad-encoding", name, message, "Save the policy as text or HTML and name that file.")
    if b"\0" in data:
        raise _undecodable(name, data, data.index(b"\0"), "a NUL byte (UTF-16 or a binary file?)")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        body = data.removeprefix(b"\xef\xbb\xbf")
        raise _undecodable(name, body, error.start, f"byte 0x{body[error.start]:02x}") from error


def _document(chosen: Format, source: str) -> Document:
    match chosen:
        case Format.TXT:
            return plain.read(source)
        case Format.MD:
            return markdown.read(source)
        case Format.HTML:
            return hypertext.read(source)
        case _:
            assert_never(chosen)


def _size(data: bytes) -> str:
    return "more" if len(data) == MAX_BYTES + 1 else f"{len(data):,}"


def _undecodable(name: str, data: bytes, at: int, found: str) -> BadInput:
    line = data.count(b"\n", 0, at) + 1
    column = len(data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")) + 1
    message = f"Expected UTF-8 text, found {found}."
    hint = "Save the file as UTF-8 and try again."
    span = Span(name, line, column, line, column + 1)
    return BadInput([Problem(code="bad-encoding", message=message, span=span, hint=hint)])


def _fault(code: str, name: str, message: str, hint: str) -> BadInput:
    return BadInput([Problem(code=code, message=message, span=Span(name), hint=hint)])
