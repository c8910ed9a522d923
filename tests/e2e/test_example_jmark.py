"""The JMARK example: it loads, its findings are the known ones, and two people go the whole way."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from e2e.published import Desk, Published, applied, checked
from troth.policy.text import coverage
from troth.policy.text import lock as locks
from troth.policy.text.model import Text

JMARK = Published(name="jmark")
NOON = datetime(2026, 5, 1, 17, tzinfo=UTC)
UMA = "email:uma.byrne@example.net"
JO = "email:jo.doe@example.org"
WES = "email:wes.adler@example.net"

OPEN = {
    "claimed-law-gap",
    "hidden-contact",
    "processor-with-own-purpose",
    "purpose-without-basis",
    "rule-without-end",
    "third-party-source-without-notice",
    "transfer-without-safeguard",
    "withdrawal-without-consent",
}
OPEN_IN_TEXT = {
    "contradictory-adjective",
    "implied-transfer-consent",
    "open-ended-purpose",
    "wrong-section-number",
}
ACCEPTED = {
    "end-is-event-to-remember",
    "never-erases",
    "rule-above-cap",
    "rule-without-end",
    "unequal-retention",
}


@pytest.fixture
def text(shared: Path) -> Text:
    """Read the published text; skip where it is absent."""
    return JMARK.text(shared)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Copy the example, with its stores."""
    JMARK.copy(tmp_path)
    stores = {"CRM_DB": "sqlite:///crm.sqlite", "HOSTED_DB": "sqlite:///hosted.sqlite"}
    return Desk(folder=tmp_path, environment=stores)


def rows(desk: Desk, store: str, query: str) -> list[tuple[Any, ...]]:
    """Ask a store."""
    with closing(sqlite3.connect(desk.folder / f"{store}.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_example_has_no_fault() -> None:
    """Every file of the example can be loaded."""
    assert not JMARK.project().problems


def test_open_findings_are_those_the_readme_lists() -> None:
    """Without the text, the findings are the known ones, and the README names those nobody accepted."""
    assert JMARK.findings() == (OPEN, ACCEPTED)
    readme = (JMARK.folder / "README.md").read_text()
    assert [code for code in OPEN if f"`{code}`" not in readme] == []


def test_findings_in_the_text_are_the_known_ones(text: Text) -> None:
    """With the text, four more kinds of findings are open, and no acceptance is unused."""
    assert JMARK.findings(text) == (OPEN | OPEN_IN_TEXT, ACCEPTED)


def test_text_has_not_drifted_from_the_lock(text: Text) -> None:
    """The lock is that of the published text, sentence by sentence."""
    assert locks.of(text) == JMARK.lock()


def test_every_sentence_is_cited_or_wording(text: Text) -> None:
    """No sentence of the published text is without a rule, and no citation is without a sentence."""
    policy = JMARK.project().policy
    assert policy is not None
    covered = coverage.coverage(text, JMARK.citations(), policy.wording_only)
    assert (covered.uncited, covered.unresolved) == (0, ())


def test_each_row_of_the_list_has_an_answer(shared: Path) -> None:
    """Every row drawn from this text is answered by a promise of the example, or by a finding."""
    assert [answer["row"] for answer in JMARK.answers()] == JMARK.wanted(shared)
    assert all(answer["promise"] or answer["finding"] for answer in JMARK.answers())


def test_each_answer_is_a_promise() -> None:
    """The promises that rows are answered by exist, and each promise but one answers some row."""
    assert JMARK.unnamed() == (set(), {"erasure.recipients"})


def test_readme_counts_what_the_language_cannot_say() -> None:
    """The README says how many rows are answered by statements alone."""
    answers = JMARK.answers()
    alone = [a for a in answers if a["promise"] and all("statements." in one for one in a["promise"].split())]
    counted = f"{len(alone)} of the {len(answers)} rows are statements"
    assert counted in (JMARK.folder / "README.md").read_text()


def test_each_answering_finding_is_made(text: Text) -> None:
    """The findings that rows are answered by are found, open or accepted."""
    found, accepted = JMARK.findings(text)
    named = {code for answer in JMARK.answers() for code in answer["finding"].split()}
    assert named <= found | accepted


def test_no_sentence_of_the_text_is_copied(text: Text) -> None:
    """The example says everything in words of its own."""
    assert JMARK.copied(text) == []


def test_copy_for_somebody_on_a_bought_list_names_its_seller(desk: Desk) -> None:
    """The copy holds the list with seller and day, tickets, call, events by address, score and disclosure."""
    desk.troth("export", UMA, "--out", "out", "--format", "json")
    data = json.loads((desk.folder / "out" / "person-0001" / "data.json").read_text())
    held = {name: part["rows"] for name, part in data["datasets"].items()}
    assert {name: len(found) for name, found in held.items()} == {
        "crm.contacts": 1,
        "crm.list_entries": 1,
        "crm.mail_list": 1,
        "crm.lead_scores": 1,
        "crm.segments": 1,
        "crm.page_events": 3,
        "crm.tickets": 2,
        "crm.calls": 1,
        "crm.disclosures": 1,
        "crm.registrations": 1,
    }
    bought = held["crm.list_entries"][0]
    assert (bought["seller"], bought["bought_at"]) == ("ListCo", "2025-11-02")
    assert held["crm.disclosures"][0]["recipient"] == "mail-vendor"
    assert "pat.ward@example.net" not in json.dumps(data)
    names = {row["colleague_name"] for row in held["crm.tickets"]}
    assert names == {None, "[someone else]"}


def test_somebody_goes_and_their_tickets_stay(desk: Desk) -> None:
    """Found, exported, erased, looked for again: the person is gone, the tickets stay without them."""
    others = rows(desk, "crm", "SELECT * FROM contacts WHERE id <> 1")
    colleague = rows(desk, "crm", "SELECT colleague_id, colleague_name FROM tickets WHERE id = 1")
    assert "13 rows in 10 of 19 datasets" in desk.troth("find", UMA)
    desk.troth("erase", UMA, "--plan", "erase.json")
    desk.troth("apply", "erase.json", "--certificate", "certificate.json")
    desk.troth("find", UMA, code=1)
    first, second = rows(desk, "crm", "SELECT contact_id, body FROM tickets WHERE id < 3 ORDER BY id")
    assert first[0] is None
    assert "Uma" not in first[1]
    assert "Pat Ward" in first[1]
    assert second == (None, None)
    assert rows(desk, "crm", "SELECT colleague_id, colleague_name FROM tickets WHERE id = 1") == colleague
    assert rows(desk, "crm", "SELECT * FROM contacts WHERE id <> 1") == others


def test_content_of_a_customer_stays_until_the_customer_says_so(desk: Desk) -> None:
    """What is held for a customer is found and named, and no erasure touches it."""
    before = rows(desk, "hosted", "SELECT * FROM records")
    said = desk.troth("erase", JO)
    assert "held for somebody else" in said
    assert "What goes" not in said
    copy = desk.troth("export", JO, "--out", "out", "--format", "json")
    assert "hosted.records" in copy
    assert "X-ray" not in (desk.folder / "out" / "person-0001" / "data.json").read_text()
    assert rows(desk, "hosted", "SELECT * FROM records") == before


def test_objections_are_marked_where_mailings_and_analytics_look(desk: Desk) -> None:
    """Marketing, advertising and analytics are blocked as soon as somebody objects, and only for them."""
    for purpose in ("marketing", "advertising", "analytics"):
        assert "blocked" in desk.troth("object", WES, "--purpose", purpose)
    marks = rows(
        desk, "crm", "SELECT id FROM contacts WHERE no_marketing AND no_advertising AND no_analytics"
    )
    assert marks == [(3,)]


def test_what_is_past_its_end_goes(desk: Desk) -> None:
    """Retention lets go of who wrote last in 2019, of a list after an opt-out, and of a copy whose repair is done."""
    before = checked(desk.folder, desk.environment, NOON)
    assert applied(desk.folder, desk.environment, NOON) == {"done"}
    assert rows(desk, "crm", "SELECT name, email FROM contacts WHERE id = 7") == [(None, None)]
    assert rows(desk, "crm", "SELECT contact_id FROM mail_list WHERE contact_id IN (4, 18)") == [(4,)]
    assert rows(desk, "crm", "SELECT contact_id, body FROM tickets WHERE id = 6") == [(None, None)]
    assert rows(desk, "hosted", "SELECT state FROM repair_copies") == [("running",)]
    after = checked(desk.folder, desk.environment, NOON)
    dated = ["retention.non-customers-cap", "retention.seven-years", "retention.repair-copy"]
    assert [before[name] for name in dated] == ["broken"] * 3
    assert [after[name] for name in dated] == ["kept"] * 3


def test_marketing_ends_two_years_after_the_relation(desk: Desk) -> None:
    """On the day after the two years are over somebody who left goes from every list, and not a day before."""
    listed = "SELECT contact_id FROM mail_list WHERE contact_id = 4"
    applied(desk.folder, desk.environment, datetime(2026, 6, 30, 12, tzinfo=UTC))
    assert rows(desk, "crm", listed) == [(4,)]
    applied(desk.folder, desk.environment, datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert rows(desk, "crm", listed) == []
    assert rows(desk, "crm", "SELECT email FROM audiences WHERE email LIKE 'quin%'") == []
