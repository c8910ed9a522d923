"""A mail that is taken apart and put together is the same mail, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.stores.mail import parts, texts
from troth.stores.mail.parts import split

LINES = st.sampled_from(
    [
        b"From: a@example.org\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b'Content-Type: multipart/mixed; boundary="b\n',
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/plain; charset*=x''%FF\n",
        b"Content-Transfer-Encoding: base64\n",
        b"\r\n",
        b"\n",
        b"--b\r\n",
        b"--b\n",
        b"--b--\n",
        b"--b",
        b" folded\n",
        b"no header\n",
        b"\xff\xfe",
        b"\r",
    ]
)


@given(st.lists(LINES, max_size=14).map(b"".join))
def test_lines_of_mails_come_back(data: bytes) -> None:
    """Whatever order the lines of mails are in, no byte is lost and nothing is refused."""
    part = split(data)
    assert b"".join(parts.pieces(part)) == data
    assert all(isinstance(texts.read(leaf), str) for leaf in part.leaves())


@given(st.binary(max_size=200))
def test_any_bytes_come_back(data: bytes) -> None:
    """Bytes that are no mail are one all the same."""
    assert b"".join(parts.pieces(split(data))) == data


def test_parts_of_parts() -> None:
    """Parts within parts and mails within mails are found."""
    data = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n"
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
        b"--b\nContent-Type: text/html\n\nhtml\n--b--\n"
        b"--a\nContent-Type: message/rfc822\n\nSubject: inner\n\nforwarded\n--a--\n"
    )
    assert [(leaf.kind, leaf.body) for leaf in split(data).leaves()] == [
        ("text/plain", b"plain"),
        ("text/html", b"html"),
        ("text/plain", b"forwarded"),
    ]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "us-ascii", "no-such-charset"])
def test_a_changed_text_reads_as_it_was_written(encoding: str, charset: str) -> None:
    """A text put into a part is read from it again, in whatever encoding the part has."""
    part = split(
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\nold\n".encode()
    )
    texts.write(part, "Grüße, [erased]!\n")
    again = split(b"".join(parts.pieces(part)))
    assert texts.read(again).rstrip() == "Grüße, [erased]!"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b" =?utf-8?q?Gr=C3=BC=C3=9Fe?= you\r\n", "Grüße you"),
        (b" plain\r\n folded\r\n", "plain folded"),
        (b" =?no-such?q?x?=\n", "x"),
        (b" =?utf-8?b?a?=\n", "=?utf-8?b?a?="),
    ],
)
def test_headers_are_decoded(value: bytes, text: str) -> None:
    """Words in headers are decoded where they can be, and shown as they stand where not."""
    assert texts.header(value) == text
