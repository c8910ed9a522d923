"""The Janus example: it loads, its findings are the known ones, and a tenant goes the whole way."""

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

JANUS = Published(name="janus")
NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
GIL = "email:gil.marsh@example.org"
MEI = "email:mei.tan@example.org"

OPEN = {"claimed-law-gap", "duty-without-purpose", "two-contact-domains"}
OPEN_IN_TEXT = {"ambiguous-date", "children-without-age", "consent-by-use"}
ACCEPTED = {"event-may-never-come", "undeclared-collection"}
DATED = ["retention.party", "retention.contract", "retention.invoice", "retention.identity-paper"]


@pytest.fixture
def text(shared: Path) -> Text:
    """Read the published text; skip where it is absent."""
    return JANUS.text(shared)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Copy the example, with its store."""
    JANUS.copy(tmp_path)
    return Desk(folder=tmp_path, environment={"APP_DB": "sqlite:///app.sqlite"})


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    """Ask the store."""
    with closing(sqlite3.connect(desk.folder / "app.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_example_has_no_fault() -> None:
    """Every file of the example can be loaded."""
    assert not JANUS.project().problems


def test_open_findings_are_those_the_readme_lists() -> None:
    """Without the text, the findings are the known ones, and the README names those nobody accepted."""
    assert JANUS.findings() == (OPEN, ACCEPTED)
    readme = (JANUS.folder / "README.md").read_text()
    assert [code for code in OPEN if f"`{code}`" not in readme] == []


def test_findings_in_the_text_are_the_known_ones(text: Text) -> None:
    """With the text, three more kinds of findings are open, and no acceptance is unused."""
    assert JANUS.findings(text) == (OPEN | OPEN_IN_TEXT, ACCEPTED)


def test_text_has_not_drifted_from_the_lock(text: Text) -> None:
    """The lock is that of the published text, sentence by sentence."""
    assert locks.of(text) == JANUS.lock()


def test_every_sentence_is_cited_or_wording(text: Text) -> None:
    """No sentence of the published text is without a rule, and no citation is without a sentence."""
    policy = JANUS.project().policy
    assert policy is not None
    covered = coverage.coverage(text, JANUS.citations(), policy.wording_only)
    assert (covered.uncited, covered.unresolved) == (0, ())


def test_each_row_of_the_list_has_an_answer(shared: Path) -> None:
    """Every row drawn from this text is answered by a promise of the example, or by a finding."""
    assert [answer["row"] for answer in JANUS.answers()] == JANUS.wanted(shared)
    assert all(answer["promise"] or answer["finding"] for answer in JANUS.answers())


def test_each_answer_is_a_promise() -> None:
    """The promises that rows are answered by exist, and each promise but one answers some row."""
    assert JANUS.unnamed() == (set(), {"erasure.recipients"})


def test_readme_counts_what_the_language_cannot_say() -> None:
    """The README says how many rows are answered by statements alone."""
    answers = JANUS.answers()
    alone = [a for a in answers if a["promise"] and all("statements." in one for one in a["promise"].split())]
    counted = f"{len(alone)} of the {len(answers)} rows are statements"
    assert counted in (JANUS.folder / "README.md").read_text()


def test_each_answering_finding_is_made(text: Text) -> None:
    """The findings that rows are answered by are found, open or accepted."""
    found, accepted = JANUS.findings(text)
    named = {code for answer in JANUS.answers() for code in answer["finding"].split()}
    assert named <= found | accepted


def test_no_sentence_of_the_text_is_copied(text: Text) -> None:
    """The example says everything in words of its own; the postal address is a fact."""
    assert [text.sentences[number].text[:14] for number in JANUS.copied(text)] == []


def test_contract_and_invoice_stay_and_the_rest_goes(desk: Desk) -> None:
    """Found, exported, erased: marketing and pictures go, a running contract stays with what its duty needs."""
    others = rows(desk, "SELECT * FROM tenants WHERE id <> 1")
    assert "16 rows in 10 of 14 datasets" in desk.troth("find", GIL)
    desk.troth("export", GIL, "--out", "out")
    desk.troth("export", "--verify", "out")
    said = desk.troth("erase", GIL, "--plan", "erase.json")
    assert "statutory duty invoice (accounting): 6 years after contract.ended" in said
    assert "statutory duty contract (limitation law): 6 years after contract.ended" in said
    desk.troth("apply", "erase.json", "--certificate", "certificate.json")
    for gone in ("images", "news", "messages", "app_usage", "devices"):
        assert rows(desk, f"SELECT id FROM {gone} WHERE tenant_id = 1") == []
    assert rows(desk, "SELECT unit, note, status FROM contracts WHERE id = 1") == [("114", None, "running")]
    assert rows(desk, "SELECT number, amount_pence, bank FROM invoices WHERE id = 1") == [
        ("JE-0001", 9_600, None)
    ]
    assert rows(desk, "SELECT name, phone FROM tenants WHERE id = 1") == [("Gil Marsh", None)]
    assert rows(desk, "SELECT * FROM tenants WHERE id <> 1") == others


def test_doors_of_a_guest_stay_with_the_guest(desk: Desk) -> None:
    """A door that opened for a guest is no longer the tenant's, and still the guest's."""
    desk.troth("erase", GIL, "--plan", "erase.json")
    desk.troth("apply", "erase.json")
    left = rows(desk, "SELECT tenant_id, guest_id, door FROM access_events WHERE id < 5 ORDER BY id")
    assert left == [(None, 1, "unit 114"), (None, 2, "gate")]


def test_copy_holds_the_uses_and_disclosures_with_their_days(desk: Desk) -> None:
    """Somebody in Singapore gets each use and disclosure with day and recipient, to take a year from."""
    desk.troth("export", MEI, "--out", "out", "--format", "json")
    data = json.loads((desk.folder / "out" / "person-0001" / "data.json").read_text())
    uses = data["datasets"]["app.uses"]["rows"]
    assert [use["done_at"] for use in uses if use["recipient"]] == [
        "2025-06-30",
        "2025-07-01",
        "2026-05-01",
        "2026-03-01",
    ]
    assert "app.identity_papers" in data["datasets"]


def test_what_is_past_its_end_goes(desk: Desk) -> None:
    """Each dated rule is broken in the store as made, and kept once the plan is carried out."""
    before = checked(desk.folder, desk.environment, NOON)
    assert applied(desk.folder, desk.environment, NOON) == {"done"}
    after = checked(desk.folder, desk.environment, NOON)
    assert {before[name] for name in DATED} == {"broken"}
    assert {after[name] for name in DATED} == {"kept"}
    assert rows(desk, "SELECT id FROM tenants ORDER BY id") == [(1,), (2,), (3,), (4,), (7,), (9,), (10,)]


def test_contract_goes_after_its_last_day_and_not_before(desk: Desk) -> None:
    """Six years after 29 February end with the next 28 February; after 31 March, with that day."""
    for day, left in (((2026, 2, 28), 4), ((2026, 3, 1), 3), ((2026, 3, 31), 3), ((2026, 4, 1), 1)):
        applied(desk.folder, desk.environment, datetime(*day, 12, tzinfo=UTC))
        assert len(rows(desk, "SELECT id FROM contracts WHERE ended_at < '2022'")) == left


def test_passport_goes_with_the_check_it_served(desk: Desk) -> None:
    """A paper whose check succeeded goes; one that is waited for stays."""
    applied(desk.folder, desk.environment, NOON)
    assert rows(desk, "SELECT tenant_id, state FROM identity_papers") == [(3, "waiting")]
