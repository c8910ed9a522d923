"""The Smartjac example: it loads, its findings are the known ones, and a closed account is erased but for a duty."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.examples import Example, Walk, rows_of
from troth.policy.text import lock as locks

SMARTJAC = Example("smartjac")
OPEN = {
    "backup-without-live-rule",
    "breach-without-authority",
    "claimed-law-gap",
    "hidden-contact",
    "store-without-location",
    "transfer-without-safeguard",
    "version-without-date",
}
OPEN_IN_TEXT = {"children-without-age", "consent-by-use", "open-ended-ground", "weak-breach-promise"}


def test_example_has_no_fault() -> None:
    """Every file of the example can be loaded."""
    assert not SMARTJAC.project.problems


def test_open_findings_are_those_the_readme_lists() -> None:
    """Without the text, exactly the findings nobody can answer for are open."""
    assert SMARTJAC.open() == OPEN
    readme = (SMARTJAC.folder / "README.md").read_text()
    assert all(f"`{code}`" in readme for code in OPEN)


def test_a_right_of_some_people_is_a_gap_for_the_others() -> None:
    """Deletion is offered to people with a closed account alone: two laws give it to everybody."""
    assert {"eu-gdpr.erase", "us-ca-ccpa.delete"} <= SMARTJAC.about("claimed-law-gap")


def test_text_has_not_drifted_from_the_lock(shared: Path) -> None:
    """The lock is that of the published text, and every sentence of it is cited."""
    text = SMARTJAC.text(shared)
    assert locks.of(text) == SMARTJAC.lock
    covered = SMARTJAC.covered(text)
    assert (covered.uncited, covered.unresolved) == (0, ())


def test_findings_in_the_text_are_the_known_ones(shared: Path) -> None:
    """With the text, four more kinds of findings are open."""
    assert SMARTJAC.open(SMARTJAC.text(shared)) == OPEN | OPEN_IN_TEXT


def test_each_row_of_the_list_has_an_answer(shared: Path) -> None:
    """Every row drawn from the text is answered by a promise of the example, or by a finding that is made."""
    assert [answer["row"] for answer in SMARTJAC.answers] == rows_of(shared, "smartjac")
    assert all(answer["promise"] or answer["finding"] for answer in SMARTJAC.answers)
    assert {answer["finding"] for answer in SMARTJAC.answers} - {""} <= SMARTJAC.found(SMARTJAC.text(shared))


def test_each_answer_is_a_promise() -> None:
    """The promises that rows are answered by exist, and each promise answers some row."""
    assert SMARTJAC.named <= SMARTJAC.known
    assert not SMARTJAC.known - SMARTJAC.named


def test_no_sentence_of_the_text_is_copied(shared: Path) -> None:
    """The example says everything in words of its own."""
    assert not SMARTJAC.copied(SMARTJAC.text(shared))


REX = "email:rex@mail.example\n"
HOLD = ("--ground", "statutory-duty", "--title", "Tax, invoice 2", "--owner", "Sam", "--review", "2099-12-31")


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of Rex's request."""

    walk: Walk
    found: Any
    exported: Any
    checked: Mapping[str, str]
    """The status of each promise before anything was erased."""
    certificate: Any


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Make the stores, then check, find, export, hold and erase as the README says."""
    folder = tmp_path_factory.mktemp("smartjac") / "smartjac"
    walk = Walk.of(SMARTJAC, folder, {"--out": "APP_DB", "--office": "OFFICE_DB"})
    checked = json.loads(walk.troth("check", "--format", "json").stdout)
    found = json.loads(walk.troth("find", "--from", "-", "--format", "json", asked=REX).stdout)
    walk.troth("export", "--from", "-", "--out", "rex", "--format", "json", asked=REX)
    scope = "office.invoices: number = 'S-0002'"
    assert walk.troth("hold", "add", *HOLD, "--scope", scope).returncode == 0
    planned = walk.troth("erase", "--from", "-", "--plan", "plan.json", asked=REX)
    assert planned.returncode == 0, planned.stderr
    applied = walk.troth("apply", "plan.json", "--certificate", "certificate.json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    return Done(
        walk=walk,
        found=found,
        exported=json.loads((folder / "rex" / "person-0001" / "data.json").read_text()),
        checked={result["promise"]: result["status"] for result in checked["results"]},
        certificate=json.loads((folder / "certificate.json").read_text()),
    )


def _ask(done: Done, store: str, query: str) -> list[Any]:
    with closing(sqlite3.connect(done.walk.folder / f"{store}_db.sqlite")) as connection:
        return [value for (value,) in connection.execute(query)]


def test_one_address_finds_a_person_in_both_stores(done: Done) -> None:
    """The account on the site and the customer of the office are one person."""
    assert len(done.found["people"]) == 1
    assert {"app.accounts", "office.invoices"} <= done.exported["datasets"].keys()


def test_a_duty_keeps_the_invoice_and_nothing_else(done: Done) -> None:
    """The site has nothing of Rex; the office keeps the invoice, and the emptied row it needs."""
    assert _ask(done, "app", "SELECT count(*) FROM accounts WHERE email = 'rex@mail.example'") == [0]
    assert _ask(done, "app", "SELECT count(*) FROM documents WHERE account_id = 4") == [0]
    assert _ask(done, "office", "SELECT number FROM invoices WHERE customer_id = 2") == ["S-0002"]
    assert _ask(done, "office", "SELECT name FROM customers WHERE id = 2") == [None]
    assert _ask(done, "office", "SELECT count(*) FROM quotations WHERE customer_id = 2") == [0]


def test_nobody_else_is_touched(done: Done) -> None:
    """Thirteen of fourteen accounts stay, each with its document."""
    assert _ask(done, "app", "SELECT count(*) FROM accounts") == [13]
    assert _ask(done, "app", "SELECT count(*) FROM documents") == [13]


def test_the_certificate_gives_copies_a_year(done: Done) -> None:
    """Backups are promised to be clear within a year of the erasure."""
    assert done.checked["erasure.backups"] == "unproven"
    assert done.certificate["last_copy"].endswith("by the promise alone")


def test_no_card_is_anywhere_and_uncollected_data_is_never_kept(done: Done) -> None:
    """Cards are in no store; what stands outside the published list is not called kept."""
    assert done.checked["categories.card"] == "kept"
    outside = ("page-activity", "hardware", "cookie", "customer-record")
    assert {done.checked[f"categories.{name}"] for name in outside} == {"unproven"}
    assert "broken" not in done.checked.values()


def test_the_readme_runs_as_written(tmp_path: Path) -> None:
    """Every command of the README ends well; only the check leaves with 4, for what is unproven."""
    walk = Walk.of(SMARTJAC, tmp_path / "smartjac", {"--out": "APP_DB", "--office": "OFFICE_DB"})
    assert walk.read_me() == ["failed: troth check 4"]
