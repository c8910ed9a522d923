"""Requests from the first letter to the answer, on the example projects, with the clock set by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from e2e.days import SAM, Days, janusipm_days
from e2e.examples import Example, Walk


@pytest.fixture
def smartjac(tmp_path: Path) -> Days:
    """Return the Smartjac example."""
    return Days.of("smartjac", tmp_path / "shop", {"--out": "APP_DB", "--office": "OFFICE_DB"})


@pytest.fixture
def jmark(tmp_path: Path) -> Days:
    """Return the JMARK example."""
    walk = Walk.of(Example("jmark"), tmp_path / "shop", {})
    stores = {"CRM_DB": "sqlite:///crm.sqlite", "HOSTED_DB": "sqlite:///hosted.sqlite"}
    return Days(replace(walk, environment=stores))


def test_a_closed_account_asks_for_erasure(smartjac: Days) -> None:
    """S-06: nothing changes before a person decides; then all goes but the invoice, and the reply says why."""
    at = "2026-04-07T10:00:00Z"
    hold = (
        "--ground",
        "statutory-duty",
        "--title",
        "Tax, invoice 2",
        "--owner",
        "Sam",
        "--review",
        "2032-12-31",
    )
    smartjac.on(at, "hold", "add", *hold, "--scope", "office.invoices: number = 'S-0002'", *SAM)
    opened = smartjac.on(
        at, "request", "open", "erase", "--from", "-", "--residence", "IE", "--reply-to", "rex@mail.example",
        "--role", "controller", "--channel", "mail", *SAM, asked="email:rex@mail.example\n",
    )  # fmt: skip
    assert "2026-05-07" in opened
    smartjac.on(
        at, "request", "verify", "1", "--accept", "no-doubt", "--because", "He wrote from his account.", *SAM
    )
    before = smartjac.rows("APP_DB", "SELECT count(*) FROM accounts")
    assert "statutory duty" in smartjac.on(at, "request", "plan", "1", *SAM)
    assert smartjac.rows("APP_DB", "SELECT count(*) FROM accounts") == before
    smartjac.on(at, "request", "carry-out", "1", *SAM, code=5)
    assert "--partial" in smartjac.on(at, "request", "decide", "1", "--grant", *SAM, code=2)
    smartjac.on(at, "request", "decide", "1", "--partial", *SAM)
    assert "kept" in smartjac.on(at, "request", "carry-out", "1", *SAM)
    assert smartjac.rows("APP_DB", "SELECT count(*) FROM accounts") == [(before[0][0] - 1,)]  # type: ignore[operator]
    assert smartjac.rows("OFFICE_DB", "SELECT number FROM invoices WHERE number = 'S-0002'")
    letter = smartjac.on(at, "request", "answer", "1", "--preview", *SAM)
    assert all(
        part in letter
        for part in ("Art. 17(3)(b) GDPR", "31 December 2032", "Data Protection Commission", "court")
    )
    assert "hold:" not in letter
    smartjac.on(at, "request", "answer", "1", *SAM)
    happened = smartjac.events(at, 1)
    assert happened[-5:] == ["planned", "decided", "done", "note", "answered"]  # a recipient is told by hand
    assert "verified" in smartjac.on(at, "evidence", "verify")


def test_what_was_kept_goes_by_itself_when_its_ground_ends(smartjac: Days) -> None:
    """The hold is lifted a year later: the next follow-up erases what it kept, and nobody has to ask again."""
    test_a_closed_account_asks_for_erasure(smartjac)
    later = "2027-04-07T10:00:00Z"
    assert "stays" in smartjac.on(later, "request", "follow-up", "--apply", *SAM)
    smartjac.on(later, "hold", "lift", "hold:1", *SAM)
    assert "erased" in smartjac.on(later, "request", "follow-up", "--apply", *SAM)
    assert not smartjac.rows("OFFICE_DB", "SELECT number FROM invoices WHERE number = 'S-0002'")
    assert smartjac.events(later, 1)[-1] == "done"


def test_a_content_request_goes_to_the_customer(jmark: Days) -> None:
    """M-01: asked whose customer, passed on, erased under their instruction, and only in their rows."""
    jo = "SELECT count(*) FROM people WHERE name = 'Jo Doe'"
    first, named, told = "2026-04-07T09:00:00Z", "2026-04-08T09:00:00Z", "2026-04-10T09:00:00Z"
    jmark.on(
        first, "request", "open", "erase", "--from", "-", "--residence", "US-MO", "--reply-to", "jo.doe@example.org",
        "--role", "unknown", "--channel", "mail", *SAM, asked="email:jo.doe@example.org\n",
    )  # fmt: skip
    jmark.on(first, "request", "customer", "1", "--ask", *SAM)
    jmark.on(first, "request", "plan", "1", *SAM, code=5)
    jmark.on(named, "request", "customer", "1", "--named", "Ozark Dental", *SAM)
    jmark.on(named, "request", "refer", "1", "--to", "privacy@ozark.example", *SAM)
    jmark.on(named, "request", "decide", "1", "--grant", *SAM, code=2)
    assert jmark.rows("HOSTED_DB", jo) == [(2,)]
    jmark.on(told, "request", "instruct", "1", "--id", "ozark-17", *SAM)
    jmark.on(told, "request", "plan", "1", *SAM)
    jmark.on(told, "request", "decide", "1", "--grant", *SAM)
    jmark.on(told, "request", "carry-out", "1", *SAM)
    assert jmark.rows("HOSTED_DB", jo) == [(1,)]
    assert jmark.rows("HOSTED_DB", "SELECT customer FROM people WHERE name = 'Jo Doe'") == [("Show-Me Feed",)]
    happened = jmark.events(told, 1)
    wanted = ["customer.asked", "customer.named", "referred", "instructed", "decided", "done"]
    assert [one for one in happened if one in wanted] == wanted


def test_a_full_answer_under_the_gdpr(jmark: Days) -> None:
    """M-04: every part of Art. 15 is there or blocks the answer; a colleague is looked for before it goes."""
    at = "2026-01-30T12:00:00Z"
    opened = jmark.on(
        at, "request", "open", "access", "--from", "-", "--residence", "IE", "--role", "controller",
        "--reply-to", "uma.byrne@example.net", "--channel", "mail", *SAM, asked="email:uma.byrne@example.net\n",
    )  # fmt: skip
    assert "legal end 2026-03-02" in opened
    assert "not proven" in jmark.on(at, "request", "plan", "1", *SAM, code=5)
    jmark.on(
        at, "request", "verify", "1", "--accept", "no-doubt", "--because", "From the address on file.", *SAM
    )
    jmark.on(at, "request", "plan", "1", *SAM)
    assert "open-case" in jmark.on(at, "hold", "list")
    assert "while a case is open" in jmark.on(at, "erase", "email:uma.byrne@example.net", code=None)
    package = jmark.walk.folder / ".troth" / "cases" / "1" / "package"
    assert "ListCo" in "".join(file.read_text() for file in package.rglob("*.json"))
    jmark.on(at, "request", "decide", "1", "--grant", *SAM)
    jmark.on(at, "request", "carry-out", "1", *SAM)
    said = ("request", "answer", "1", "--delivery", "By a link we send you apart.", *SAM)
    assert "data of others" in jmark.on(at, *said, code=5)
    jmark.on(at, "request", "redacted", "1", *SAM)
    assert "whether machines decide: eu-gdpr Art. 15" in jmark.on(at, *said, code=2)
    automated = ("--part", "automated=-")
    letter = jmark.on(at, *said, *automated, "--preview", asked="No machine decides about you.\n")
    parts = ("What we use it for", "Who receives it", "How long we keep it", "Your rights", "bought lists")
    assert all(part in letter for part in (*parts, "Data Protection Commission", "No machine decides"))
    jmark.on(at, *said, *automated, asked="No machine decides about you.\n")
    assert jmark.events(at, 1)[-1] == "answered"
    assert "open-case" not in jmark.on(at, "hold", "list")


def test_objections(jmark: Days) -> None:
    """M-06: marketing stops at once without proof; analytics is blocked until a named person has decided."""
    at = "2026-05-18T12:00:00Z"
    wes = "SELECT no_marketing, no_analytics FROM contacts WHERE email = 'wes.adler@example.net'"
    jmark.on(
        at, "request", "open", "object-marketing", "object", "--from", "-", "--residence", "IE",
        "--role", "controller", "--channel", "form", *SAM, asked="email:wes.adler@example.net\n",
    )  # fmt: skip
    jmark.on(at, "request", "verify", "1", "--ask", "code", "--because", "x", *SAM, code=2)
    jmark.on(at, "request", "decide", "1", "--grant", *SAM)
    jmark.on(at, "request", "carry-out", "1", *SAM)
    assert [bool(row[0]) for row in jmark.rows("CRM_DB", wes)] == [True]
    jmark.on(at, "request", "verify", "2", "--accept", "no-doubt", "--because", "From his address.", *SAM)
    jmark.on(at, "request", "hold-off", "2", "--purpose", "analytics", *SAM)
    assert [bool(row[1]) for row in jmark.rows("CRM_DB", wes)] == [True]
    later = "2026-06-18T12:00:00Z"
    jmark.on(later, "request", "refuse", "2", "--because", "compelling-grounds", *SAM, code=2)
    jmark.on(later, "request", "decide", "2", "--grant", *SAM)
    assert "upheld" in jmark.on(later, "request", "carry-out", "2", *SAM)
    assert "stays blocked" not in jmark.on(later, "request", "answer", "2", "--by-hand", *SAM)


@pytest.fixture
def janusipm(tmp_path: Path) -> Days:
    """Return the JanusIPM example with a thousand accounts."""
    return janusipm_days(tmp_path / "shop")


def test_a_californian_learns_what_is_held(janusipm: Days) -> None:
    """P-01: 45 days, two matching facts, four parts, and the journal says that nothing was sold."""
    at = "2026-06-02T00:00:00Z"
    ((key, mail, name),) = janusipm.rows("APP_DB", "SELECT id, email, username FROM accounts WHERE id = 1")
    opened = janusipm.on(
        at, "request", "open", "know", "--from", "-", "--residence", "US-CA", "--received", "2026-06-01T16:00-07:00",
        "--reply-to", str(mail), "--channel", "mail", *SAM, asked=f"email:{mail}\n",
    )  # fmt: skip
    assert "2026-07-16" in opened
    janusipm.on(at, "request", "verify", "1", "--accept", "no-doubt", "--because", "x", *SAM, code=2)
    facts = f"username:{name}\nid:{key}\n"
    janusipm.on(at, "request", "verify", "1", "--points", "-", *SAM, asked=facts)
    janusipm.on(at, "request", "plan", "1", *SAM)
    janusipm.on(at, "request", "decide", "1", "--grant", *SAM)
    janusipm.on(at, "request", "carry-out", "1", *SAM)
    janusipm.on(at, "request", "redacted", "1", *SAM)
    letter = janusipm.on(at, "request", "answer", "1", "--preview", *SAM)
    for part in (
        "Which kinds of data",
        "Where it came from",
        "What we use it for",
        "no sale, sharing or disclosure",
    ):
        assert part in letter
    late = janusipm.on("2026-07-18T00:00:00Z", "request", "list")
    assert "overdue" in late.lower()


def test_what_bad_input_gets(janusipm: Days) -> None:
    """A future or zoneless instant, an unknown place, strangers' decisions: each is refused and says what to do."""
    at = "2026-06-02T00:00:00Z"
    new = ("request", "open", "access", "--identity", "email:a@example.net", *SAM)
    assert "zone" in janusipm.on(at, *new, "--received", "2026-06-01T10:00", code=2)
    assert "future" in janusipm.on(at, *new, "--received", "2026-07-01T10:00Z", code=2)
    assert "ISO 3166" in janusipm.on(at, *new, "--residence", "Atlantis", code=2)
    janusipm.on(at, *new, "--residence", "unknown")
    assert "Nobody looked" in janusipm.on(at, "request", "decide", "1", "--nothing-held", *SAM, code=5)
    assert "not proven" in janusipm.on(at, "request", "plan", "1", *SAM, code=5)
    assert "No request" in janusipm.on(at, "request", "plan", "99", *SAM, code=2)
    assert "seen" in janusipm.on(at, "request", "decide", "1", "--grant", "--seen", "7", *SAM, code=5)


def test_a_store_that_does_not_answer(jmark: Days) -> None:
    """No package without the store that is away; what is said can be done, and done it works."""
    at = "2026-01-30T12:00:00Z"
    uma = ("--identity", "email:uma.byrne@example.net", "--residence", "IE", "--role", "controller")
    jmark.on(at, "request", "open", "access", *uma, *SAM)
    jmark.on(at, "request", "verify", "1", "--accept", "no-doubt", "--because", "Her address.", *SAM)
    gone = {**jmark.walk.environment, "HOSTED_DB": "postgresql://nobody@127.0.0.1:1/x"}
    away = Days(replace(jmark.walk, environment=gone))
    said = away.on(at, "request", "plan", "1", *SAM, code=3)
    assert "troth request plan 1" in said
    assert "--incomplete" not in said
    jmark.on(at, "request", "plan", "1", *SAM)
