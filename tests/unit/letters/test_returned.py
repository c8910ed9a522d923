"""Notices about mails that came back, as servers write them and as they are broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.letters import returned
from troth.letters.returned import Notice

TOKEN = "0123456789abcdef" * 2
STATUS = (
    "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: 5.1.1\n{more}"
)


def notice(
    action: str = "failed",
    *,
    more: str = "Diagnostic-Code: smtp; 550 5.1.1 no",
    kind: str = "message/rfc822",
    back: str = f"Message-ID: <{TOKEN}@x.example>\n\nHello",
) -> bytes:
    """Write a notice."""
    status = STATUS.format(action=action, more=more)
    return (
        'Subject: back\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\n\nSorry.\n\n--b\nContent-Type: message/delivery-status\n\n{status}\n\n"
        f"--b\nContent-Type: {kind}\n\n{back}\n--b--\n"
    ).encode()


def test_a_failure_gives_token_and_code() -> None:
    """Nothing else of the notice is taken."""
    assert returned.read(notice()) == Notice(token=TOKEN, action="failed", code=550)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "message/global"])
def test_the_mail_may_come_back_whole_or_as_headers(kind: str) -> None:
    """Our Message-ID is found in either."""
    found = returned.read(notice(kind=kind))
    assert found is not None
    assert found.token == TOKEN


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_has_no_code(action: str) -> None:
    """A delay is said as one."""
    assert returned.read(notice(action)) == Notice(token=TOKEN, action=action, code=None)


def test_a_failure_without_a_code_is_one_all_the_same() -> None:
    """Some servers give none, or one of their own."""
    for more in ("", "Diagnostic-Code: X-Lotus; no such person"):
        assert returned.read(notice(more=more)) == Notice(token=TOKEN, action="failed", code=None)


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"Subject: lunch?\n\nToday?",
        notice(back="Message-ID: <else@x.example>\n\n"),
        notice().replace(b"multipart/report", b"multipart/mixed"),
        notice().replace(b"Action:", b"Reaction:"),
    ],
)
def test_what_is_no_notice_about_ours_is_none(mail: bytes) -> None:
    """Other mails are left alone."""
    assert returned.read(mail) is None


@given(st.binary(max_size=400))
def test_no_mail_breaks_the_reading(noise: bytes) -> None:
    """Whatever stands in a mailbox, it is read or left."""
    for mail in (
        noise,
        notice().replace(b"Diagnostic-Code: smtp;", noise),
        notice().replace(b"Hello", noise),
    ):
        found = returned.read(mail)
        assert found is None or found.action


@given(st.data())
def test_a_notice_cut_anywhere_breaks_nothing(data: st.DataObject) -> None:
    """Half a mail is no reason to stop."""
    whole = notice()
    at = data.draw(st.integers(0, len(whole)))
    returned.read(whole[:at] + whole[at + data.draw(st.integers(0, 50)) :])
