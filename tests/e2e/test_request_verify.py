"""Proof of identity by the installed command."""

from __future__ import annotations

import re

from e2e.shops import Shop, refused


def opened(shop: Shop, kind: str, residence: str) -> str:
    """Open a request of customer 2; return its number."""
    done = shop.troth("request", "open", kind, "--identity", "customer/2", "--residence", residence)
    assert done.returncode == 0, done.stderr
    return "1"


def test_facts_that_match_prove_who_asks(any_shop: Shop) -> None:
    """Without a step it says what is missing; facts come from standard input; no value is ever said."""
    case = opened(any_shop, "access", "SG")
    asked = any_shop.troth("request", "verify", case)
    assert (asked.returncode, "2 of 2 points" in asked.stdout, "sg-pdpa" in asked.stdout) == (1, True, True)
    facts = "email: N2@example.org\nid: 2\n"
    done = any_shop.troth("request", "verify", case, "--points", "-", stdin=facts)
    assert (done.returncode, "2 of 2 facts match" in done.stdout) == (0, True), done.stderr
    assert "identity.proven" in any_shop.troth("request", "show", case).stdout
    said = any_shop.troth("evidence", "list").stdout + done.stdout + asked.stdout
    assert not re.search(r"n2@example", said, re.IGNORECASE)


def test_nobody_is_asked_for_an_opt_out(shop: Shop) -> None:
    """Whatever is asked for is refused with the article."""
    case = opened(shop, "opt-out-sale", "US-CA")
    assert shop.troth("request", "verify", case).returncode == 0
    for means in ("code", "points", "document", "login"):
        refused(shop.troth("request", "verify", case, "--ask", means, "--because", "x"), 2, "11 CCR 7026")


def test_a_paper_is_kept_read_and_gone(shop: Shop) -> None:
    """It comes from a file, is read for a reason, and goes when it is accepted."""
    case = opened(shop, "access", "SG")
    document = shop.folder.parent / "passport.bin"
    document.write_bytes(b"passport of n2")
    assert "paper:1 is kept" in shop.troth("request", "verify", case, "--paper", str(document)).stdout
    refused(shop.troth("request", "verify", case, "--read", "1"), 5, "for a reason")
    read = shop.troth("request", "verify", case, "--read", "1", "--because", "to compare")
    assert (read.returncode, read.stdout) == (0, "passport of n2")
    done = shop.troth("request", "verify", case, "--accept", "document", "--because", "it is the same name")
    assert done.returncode == 0
    assert not [*(shop.folder / ".troth" / "papers").glob("*.paper")]


def test_one_step_at_a_time(shop: Shop) -> None:
    """Two steps in one call are refused before anything is done."""
    case = opened(shop, "access", "SG")
    refused(shop.troth("request", "verify", case, "--code", "1", "--failed", "no-answer"), 2, "one step")
