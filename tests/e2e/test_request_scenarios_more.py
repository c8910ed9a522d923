"""More requests on the example projects: who answers, what is kept of an active contract, which law, which day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from e2e.days import SAM, Days, janusipm_days
from e2e.examples import Example, Walk


@pytest.fixture
def janco(tmp_path: Path) -> Days:
    """Return the Janco example, with a contact to answer to."""
    made = Days.of("janco", tmp_path / "shop", {"--out": "APP_DB", "--crm": "CRM_DB"})
    main = made.walk.folder / "troth.yaml"  # the policy has no contact, so that no letter can go: X-J3
    text = main.read_text().replace(
        "organisation:\n", "organisation:\n  contacts: {privacy: p@janco.example}\n"
    )
    main.write_text(text)
    return made


@pytest.fixture
def janus(tmp_path: Path) -> Days:
    """Return the Janus example."""
    walk = Walk.of(Example("janus"), tmp_path / "shop", {})
    return Days(replace(walk, environment={"APP_DB": "sqlite:///app.sqlite"}))


@pytest.fixture
def janusipm(tmp_path: Path) -> Days:
    """Return the JanusIPM example with a thousand accounts."""
    return janusipm_days(tmp_path / "shop")


def test_the_kind_of_account_decides_who_answers(janco: Days) -> None:
    """J-01: a personal account is erased here; one of a customer is referred, and nothing of it goes."""
    at = "2026-03-02T09:00:00Z"
    everybody = "SELECT count(*) FROM accounts"
    before = janco.rows("APP_DB", everybody)[0][0]
    assert isinstance(before, int)
    for name, role in (("ana@mail.example", "controller"), ("bo@acme.example", "processor")):
        said = janco.on(
            at, "request", "open", "erase", "--from", "-", "--residence", "FR", "--role", role,
            "--reply-to", name, "--channel", "mail", *SAM, asked=f"email:{name}\n",
        )  # fmt: skip
        assert "2026-04-02" in said
    janco.on(
        at, "request", "verify", "1", "--accept", "no-doubt", "--because", "From the address on file.", *SAM
    )
    janco.on(at, "request", "plan", "1", *SAM)
    janco.on(at, "request", "decide", "1", "--grant", *SAM)
    janco.on(at, "request", "carry-out", "1", *SAM)
    assert janco.rows("APP_DB", everybody) == [(before - 1,)]
    janco.on(at, "request", "customer", "2", "--named", "acme", *SAM)
    janco.on(at, "request", "refer", "2", "--to", "it@acme.example", *SAM)
    janco.on(at, "request", "plan", "2", *SAM, code=5)
    assert janco.rows("APP_DB", everybody) == [(before - 1,)]
    assert janco.events(at, 2)[-1] == "referred"
    assert "referral" in janco.on(at, "outbox", "list")


def test_an_active_contract_stays_and_the_result_is_complained_about(janus: Days) -> None:
    """N-06: due on the Monday; kept parts are named with the Commissioner; the complaint has its own clock."""
    at = "2026-07-01T09:00:00Z"
    ((mail,),) = janus.rows("APP_DB", "SELECT email FROM tenants WHERE name = 'Gil Marsh'")
    said = janus.on(
        at, "request", "open", "erase", "--from", "-", "--residence", "GB", "--reply-to", str(mail),
        "--role", "controller", "--channel", "mail", *SAM, asked=f"email:{mail}\n",
    )  # fmt: skip
    assert "legal end 2026-08-03" in said
    janus.on(
        at, "request", "verify", "1", "--accept", "no-doubt", "--because", "From the address on file.", *SAM
    )
    janus.on(at, "request", "plan", "1", *SAM)
    janus.on(at, "request", "decide", "1", "--partial", "--because", "legal-obligation", *SAM)
    janus.on(at, "request", "carry-out", "1", *SAM)
    letter = janus.on(at, "request", "answer", "1", "--preview", *SAM)
    assert all(
        part in letter for part in ("What stays for now", "Information Commissioner", "ico.org.uk", "court")
    )
    janus.on(at, "request", "answer", "1", *SAM)
    later = "2026-07-20T12:00:00Z"
    said = janus.on(
        later, "request", "open", "complain", "--from", "-", "--residence", "GB", "--channel", "mail",
        "--role", "controller", *SAM, asked=f"email:{mail}\n",
    )  # fmt: skip
    assert "2026-08-19" in said
    assert "case:1" in janus.on(later, "request", "show", "2")


@pytest.mark.parametrize(
    ("residence", "kind", "legal"),
    [("IE", "access", "2026-07-01"), ("US-CA", "erase", "2026-07-16"), ("unknown", "access", "2026-07-01")],
)
def test_every_door_opens_the_right_case(tmp_path: Path, residence: str, kind: str, legal: str) -> None:
    """P-09: a mail to whatever address is a request; where nobody knows the residence the earlier day holds."""
    walk = Walk(tmp_path, {"APP_DB": "sqlite:///app.sqlite"})
    files = ("troth.yaml", "policy.yaml", "datamap.yaml", "accepted.yaml", "policy.lock")
    for name in files:
        (tmp_path / name).write_bytes((Example("janusipm").folder / name).read_bytes())
    letter = "From: eve@example.org\nTo: gdpr@janusipm.com\nDate: Mon, 1 Jun 2026 12:00:00 +0000\n\nHello\n"
    (tmp_path / "letter.eml").write_text(letter)
    days = Days(walk)
    said = days.on(
        "2026-06-01T13:00:00Z",
        "request",
        "open",
        kind,
        "--mail",
        "letter.eml",
        "--residence",
        residence,
        *SAM,
    )
    assert legal in said
    assert "acknowledgement" in said.lower()


def test_deletion_with_backups_and_minimal_records(janusipm: Days) -> None:
    """P-02: payments keep what tax needs, the letter says so and when backups are clear, the mailer is told."""
    at = "2026-05-04T09:00:00Z"
    ((key, mail, name),) = janusipm.rows("APP_DB", "SELECT id, email, username FROM accounts WHERE id = 26")
    paid = "SELECT count(*), count(billing_name) FROM payments WHERE account_id = 26"
    before = janusipm.rows("APP_DB", paid)
    copy = ("app", "--made", "2026-05-01", "--where", "vault", "--ends", "2026-06-03")
    janusipm.on(at, "backup", "add", *copy)
    mailco = ("MailCo", "--role", "processor", "--category", "contact", "--country", "US")
    janusipm.on(at, "recipient", "add", *mailco, "--contact", "dpo@mailco.example", *SAM)
    janusipm.on(
        at, "request", "open", "erase", "--from", "-", "--residence", "US-CA", "--reply-to", str(mail),
        "--channel", "mail", *SAM, asked=f"email:{mail}\n",
    )  # fmt: skip
    janusipm.on(
        at, "request", "verify", "1", "--points", "-", *SAM, asked=f"username:{name}\nid:{key}\n", code=None
    )
    if "identity.proven" not in janusipm.events(at, 1):  # harm is high: a signed declaration and a third fact
        janusipm.on(at, "request", "verify", "1", "--points", "-", *SAM, asked=f"email:{mail}\n", code=None)
        janusipm.on(at, "request", "verify", "1", "--declaration", "-", *SAM, asked="Signed.\n", code=None)
    janusipm.on(at, "request", "plan", "1", *SAM)
    janusipm.on(at, "request", "decide", "1", "--partial", *SAM)
    janusipm.on(at, "request", "carry-out", "1", *SAM)
    assert janusipm.rows("APP_DB", "SELECT count(*) FROM accounts WHERE email LIKE 'kira.khan26%'") == [(0,)]
    assert janusipm.rows("APP_DB", paid) == [(before[0][0], 0)]  # number, amount and date are what tax needs
    letter = janusipm.on(at, "request", "answer", "1", "--preview", *SAM)
    assert all(
        part in letter for part in ("a law wants it kept", "3 June 2026", "MailCo", "for nothing else")
    )
    janusipm.on(at, "request", "answer", "1", *SAM)
    assert "recipient-notice" in janusipm.on(at, "outbox", "list")
    janusipm.on(at, "request", "recipient", "1", "recipient:1", *SAM)
    assert janusipm.events(at, 1)[-1] == "recipient.answered"
