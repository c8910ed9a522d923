"""What a message that came in is told to be, by its headers alone; and what of it can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.app.mailbox import reading, sorting, suggesting
from troth.app.mailbox.sorting import Known, Sorted
from troth.app.requests import intake
from troth.letters.returned import Notice

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OURS, ALIEN = "ab" * 16, "cd" * 16
ANNA = "From: Anna <anna@example.org>\n"


def known(case: int | None = 7) -> Known:
    """Return a ledger that sent one letter, about a request, and has request 12."""
    found: Any = SimpleNamespace(id=12)
    return Known(
        letter=lambda token: (token == OURS, case if token == OURS else None),
        case=lambda id: found if id == 12 else None,
    )


def sort(head: str, notice: Notice | None = None, size: int = 100, case: int | None = 7) -> Sorted:
    """Sort a message with these headers."""
    read = reading.headers(head.encode() + b"\n")
    return sorting.sort(read, notice, report=reading.is_report(read), size=size, known=known(case))


@pytest.mark.parametrize(
    ("head", "state", "why"),
    [
        ("", "waiting", ""),
        ("Subject: Delete my data\n", "waiting", ""),
        ("Auto-Submitted: auto-replied\n", "dismissed", "auto-reply"),
        ("Auto-Submitted: auto-generated; x=y\n", "dismissed", "auto-reply"),
        ("Auto-Submitted: no\n", "waiting", ""),
        ("X-Autoreply: yes\n", "dismissed", "auto-reply"),
        ("List-Id: <news.example.org>\n", "dismissed", "list"),
        ("List-Unsubscribe: <https://x.example>\n", "dismissed", "list"),
        ("Precedence: bulk\n", "dismissed", "bulk"),
        ("Precedence: first-class\n", "waiting", ""),
        ("X-Spam-Flag: YES\n", "dismissed", "spam"),
        ("X-Spam-Status: Yes, score=9\n", "dismissed", "spam"),
        ("X-Spam-Status: No, score=1\n", "waiting", ""),
        (f"Message-ID: <{OURS}@kraemer.example>\n", "dismissed", "own"),
        ("Return-Path: <>\n", "waiting", "not-sent"),
        ("Content-Type: multipart/report; boundary=x\n", "dismissed", "other-notice"),
        (f"In-Reply-To: <{OURS}@kraemer.example>\n", "answer", "answers-letter"),
        (f"References: <a@b.example> <{ALIEN}@x.example>\n <{OURS}@kraemer.example>\n", "answer", "answers-letter"),
        (f"In-Reply-To: <{ALIEN}@kraemer.example>\n", "waiting", ""),
        (f"In-Reply-To: <{OURS}@kraemer.example>\nAuto-Submitted: auto-replied\n", "dismissed", "auto-reply"),
        ("Subject: Re: your data [case:12]\n", "answer", "names-case"),
        ("Subject: Re: your data [case:13]\n", "waiting", ""),
        ("Subject: =?utf-8?B?Y2FzZToxMg==?=\n", "answer", "names-case"),
    ],
)  # fmt: skip
def test_a_message_is_sorted_by_what_it_says_of_itself(head: str, state: str, why: str) -> None:
    """Only machines that say so are put aside; everything unclear waits."""
    found = sort(ANNA + head)
    assert (found.state, found.why) == (state, why)


@pytest.mark.parametrize("head", ["", "From: \n", "From: undisclosed\n", "From: a@b.example, c@d.example\n"])
def test_without_one_sender_a_message_waits(head: str) -> None:
    """A person looks at it."""
    assert sort(head).state == "waiting"


@pytest.mark.parametrize("action", ["failed", "delayed", "delivered"])
def test_a_notice_about_a_letter_of_ours_needs_nobody(action: str) -> None:
    """It is linked to the request of that letter; one about somebody else's mail is put aside."""
    found = sort(ANNA, Notice(token=OURS, action=action, code=550))
    assert (found.state, found.case) == ("notice", 7)
    assert sort(ANNA, Notice(token=ALIEN, action=action, code=550)).state == "dismissed"


def test_an_answer_is_linked_to_its_request_and_never_to_none() -> None:
    """A letter that was about no request leaves its answer waiting."""
    assert sort(ANNA + f"In-Reply-To: <{OURS}@kraemer.example>\n").case == 7
    assert sort(ANNA + f"In-Reply-To: <{OURS}@kraemer.example>\n", case=None) == Sorted(
        state="waiting", why=""
    )


def test_what_is_too_large_waits_like_anything_else() -> None:
    """A request is a request however large."""
    assert sort(ANNA, size=sorting.LARGEST + 1) == Sorted(state="waiting", why="too-large")
    assert sort(ANNA + "List-Id: <x>\n", size=sorting.LARGEST + 1).state == "dismissed"


def test_forged_references_cost_little() -> None:
    """However many Message-IDs of ours a header seems to name, few are looked up."""
    asked: list[str] = []
    head = reading.headers(ANNA.encode() + b"References: " + b" <%s@x>" % (b"a" * 32) * 5_000 + b"\n\n")
    one = Known(letter=lambda token: (bool(asked.append(token)), None), case=lambda _: None)
    sorting.sort(head, None, report=False, size=1, known=one)
    assert 0 < len(asked) <= sorting.MOST_REFERENCES


@pytest.mark.parametrize(
    ("head", "instant"),
    [
        ("Received: by x; Sun, 01 Mar 2026 23:30:00 +0100\nReceived: y; Sat, 28 Feb 2026 00:00:00 +0000\n",
         datetime(2026, 3, 1, 22, 30, tzinfo=UTC)),
        ("Date: Sat, 28 Feb 2026 00:00:00 +0000\n", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("Received: by x; some day\n", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("Received: by x; Mon, 01 Mar 2027 00:00:00 +0000\n", NOW),
    ],
)  # fmt: skip
def test_a_message_reached_us_when_our_mail_server_says(head: str, instant: datetime) -> None:
    """Not when its sender says, never later than now; else when the mailbox says."""
    otherwise = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=1)))
    assert reading.received(reading.headers(head.encode() + b"\n"), otherwise, now=NOW) == instant


BEGINNINGS = (b"", b"From: a@b.example\n", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n")


@given(st.binary(max_size=600), st.sampled_from(BEGINNINGS))
def test_whatever_comes_is_read_and_sorted(content: bytes, before: bytes) -> None:
    """No bytes make a reader fail, and no sign that steers a terminal gets through."""
    seen = reading.read(before + content)
    head = reading.headers(before + content)
    assert sorting.sort(head, None, report=reading.is_report(head), size=1, known=known()).state in (
        "waiting",
        "dismissed",
        "answer",
    )
    assert not set(map(chr, (*range(9), *range(11, 32), 127, 0x9B))) & set(
        seen.text + seen.subject + seen.name
    )
    assert reading.received(head, NOW, now=NOW) <= NOW


def test_parts_within_parts_are_given_up_on_and_kept() -> None:
    """Three thousand levels: the text is not read, the sender is."""
    head = b"From: Anna <anna@example.org>\r\nSubject: deep\r\n"
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(3_000)
    )
    seen = reading.read(head + nested)
    assert (seen.address, seen.subject, seen.text) == ("anna@example.org", "deep", "")
    assert reading.UNREADABLE in seen.notes


@pytest.mark.parametrize("piece", ["<", "<script", "<style>", "=?", "&#", "<a href='"])
def test_markup_made_to_be_slow_is_read_in_one_pass(piece: str) -> None:
    """A megabyte of openings that never close: the reader does not look for the end of each."""
    content = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + piece.encode() * (
        1_000_000 // len(piece)
    )
    assert len(reading.read(content).text) <= intake.LONGEST


def test_html_is_read_without_what_nobody_sees() -> None:
    """Tags, scripts and styles go; what a person wrote stays, also around a lone bracket."""
    content = (
        b"From: a@b.example\nContent-Type: text/html\n\n<style>x{}</STYLE><p>Delete <b>my</b> data</p>1 < 2"
    )
    assert reading.read(content).text.split() == ["Delete", "my", "data", "1", "<", "2"]


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("Please send me a copy of my data.", {"access"}),
        ("Bitte löschen Sie alle meine Daten und geben Sie mir Auskunft.", {"access", "erase"}),
        ("Do not sell my information!", {"opt-out-sale"}),
        ("Je veux supprimer mes données", {"erase"}),
        ("Quiero borrar mis datos", {"erase"}),
        ("unsubscribe", {"object-marketing"}),
        ("I withdraw my consent", {"withdraw"}),
        ("When do you open on Sundays?", set()),
    ],
)
def test_rights_are_suggested_by_words(text: str, rights: set[str]) -> None:
    """A help for whoever reads; every suggestion is a kind of request there is."""
    from troth.cases import kinds

    found = set(suggesting.rights(text))
    assert found == rights
    assert found <= set(kinds.ALL)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please send me my data", "en"),
        ("Bitte löschen Sie meine Daten", "de"),
        ("Merci de supprimer mes données", "fr"),
        ("", "en"),
    ],
)
def test_the_language_is_guessed(text: str, language: str) -> None:
    """English where nothing tells."""
    assert suggesting.language(text) == language


def test_every_reason_has_words() -> None:
    """What a list shows is said in words, and fits its column."""
    assert all(len(why) <= 40 and says for why, says in sorting.WHY.items())
