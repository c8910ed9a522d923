"""What engineers' words become on the pages of the console."""

from __future__ import annotations

import pytest

from troth.desk.console import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "Account: kept for 2 years after account.closed",
            "Account: kept for 2 years after the account was closed",
        ),
        (
            "kept for 7 years after transaction.made, because of tax",
            "kept for 7 years after the transaction, because of tax",
        ),
        ("kept for 26 months after collected", "kept for 26 months after it was collected"),
        ("kept until opted.out", "kept until the person opts out"),
        ("when purposes.end comes", "until nothing needs it any more"),
        ("at most 6 years after contract.ended", "at most 6 years after the contract ended"),
        ("kept for a year after last.word", "kept for a year after the last word"),
        ("People have the right: erase", "People have the right to have data erased"),
        (
            "People have the right: know (only CA)",
            "People have the right to know what is collected (only CA)",
        ),
        ("first case:12, due 2026-11-10 (eu-gdpr)", "first case 12, due 10 Nov 2026 (GDPR)"),
        ("a stop at-once", "a stop at once"),
        (
            "Delete 3 rows of app.cookies whose cookie.lapsed has come.",
            "Delete 3 rows of app.cookies where the cookie ran out.",
        ),
        (
            "of app.views whose collected was more than 26 months ago",
            "of app.views where it was collected more than 26 months ago",
        ),
        (
            "of app.payments whose transaction.made was more than 7 years ago and opted.out has come",
            "of app.payments where the transaction was more than 7 years ago and the person opted out",
        ),
        (
            "whose last.interaction was more than 2 years ago",
            "where the last contact was more than 2 years ago",
        ),
        ("whose last.word has come", "where the last word has come"),
        ("30 rows in app.accounts, oldest 2022-06-21", "30 rows in app.accounts, oldest 21 Jun 2022"),
    ],
)
def test_codes_become_words(written: str, said: str) -> None:
    """Events, rights, laws, days and references are said as people say them."""
    assert spoken.spoken(written) == said


@pytest.mark.parametrize(
    "text", ["retention.account", "2026-13-45", "app.orders: status = 'disputed'", "x-eu-gdprs"]
)
def test_what_is_not_known_stays(text: str) -> None:
    """Ids, days that are none and conditions are left as they stand."""
    assert spoken.spoken(text) == text


def test_a_duty_is_named_as_the_policy_calls_its_rule() -> None:
    """What stays by a duty names the label of the rule, and its end in words."""
    text = (
        "amount in 1 row of app.a stays by statutory duty transaction (tax): 7 years after transaction.made."
    )
    assert spoken.stays(text, {"transaction": "Transactions"}) == (
        "amount in 1 row of app.a stays because of a legal duty (tax; rule “Transactions”): "
        "7 years after the transaction."
    )
    assert "rule “transaction”" in spoken.stays(text, {})


def test_instants_are_readable_and_other_words_stay() -> None:
    """An instant is written with its day; a digest or a number is left alone."""
    assert spoken.instant("2026-11-22T16:34:20.289158Z") == "22 Nov 2026, 16:34:20 UTC"
    assert spoken.instant("2026-11-22T17:34:20+01:00") == "22 Nov 2026, 16:34:20 UTC"
    assert spoken.instant("beabef23") == "beabef23"
    assert spoken.instant("2026-13-22T16:34:20Z") == "2026-13-22T16:34:20Z"


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) (KHTML, like Gecko) Chrome/142.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_a_browser_is_named(agent: str, named: str) -> None:
    """What signed in is told in two words."""
    assert spoken.browser(agent) == named
