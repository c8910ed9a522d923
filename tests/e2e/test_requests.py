"""Requests by the installed command: a mail comes in, two people work on it, a program reads the list."""

from __future__ import annotations

import json

from e2e.shops import Shop

MAIL = """\
From: Lou Doe <lou@x.example>
Date: Mon, 01 Jun 2026 02:00:00 -0700
Subject: My data

What do you hold on me? Please delete it.
"""


def test_from_the_mail_to_the_list(shop: Shop) -> None:
    """A case for each right, by the law of where the person lives; nothing of the person is said without a reason."""
    shop = shop.having(TROTH_TEST_CLOCK="2026-06-02T09:00:00Z")
    mail = shop.folder / "letter.eml"
    mail.write_text(MAIL, encoding="utf-8")
    opened = shop.troth(
        "request", "open", "access", "erase", "--mail", str(mail), "--residence", "US-CA", "--by", "Ann"
    )
    assert opened.returncode == 0, opened.stderr
    listed = json.loads(shop.troth("request", "list", "--format", "json").stdout)
    assert [one["legal-end"][:10] for one in listed["requests"]] == ["2026-07-17", "2026-07-17"]
    late = shop.troth("request", "list", "--at", "2026-08-01")
    assert "overdue" in late.stdout  # in words, not in colour only
    shown = shop.troth("request", "show", "1")
    assert "To do:" in shown.stdout
    unread = shop.troth("request", "show", "1", "--contents")
    assert unread.returncode == 2
    quiet = opened.stdout + late.stdout + shown.stdout + unread.stdout + unread.stderr
    assert "lou" not in quiet.casefold()
    read = shop.troth("request", "show", "1", "--contents", "--because", "to answer it", "--by", "Ann")
    assert "What do you hold on me?" in read.stdout
    assert "case.read" in shop.troth("evidence", "list").stdout
    law = shop.troth("law", "explain", "1")
    assert "11 CCR 7021(b)" in law.stdout


def test_two_people_at_once(shop: Shop) -> None:
    """Whoever saw less than there is by now is told so, and nothing of theirs is kept."""
    order = ("request", "open", "access", "--from", "-", "--residence", "IE", "--channel", "phone")
    assert shop.troth(*order, stdin="email:lou@x.example\n").returncode == 0
    seen = ("--seen", "1")
    assert shop.troth("request", "residence", "1", "FR", "--by", "Ann").returncode == 0
    second = shop.troth("request", "withdraw", "1", *seen, "--by", "Bob")
    assert (second.returncode, "2 events; 1 were seen" in second.stderr) == (5, True)
    [one] = json.loads(shop.troth("request", "list", "--format", "json").stdout)["requests"]
    assert (one["state"], one["events"]) == ("new", 2)
