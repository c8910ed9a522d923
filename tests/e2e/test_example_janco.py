"""The Janco example: it loads, its findings are the known ones, and rights stop at what organisations administer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.examples import Example, Walk, rows_of
from troth.policy.text import lock as locks

JANCO = Example("janco")
OPEN = {
    "claimed-law-gap",
    "open-ended-purpose",
    "store-without-location",
    "third-party-source-without-notice",
    "version-without-date",
}
Rows = list[tuple[object, ...]]


def test_example_has_no_fault() -> None:
    """Every file of the example can be loaded."""
    assert not JANCO.project.problems


def test_open_findings_are_those_the_readme_lists() -> None:
    """Without the text, exactly the findings nobody can answer for are open."""
    assert JANCO.open() == OPEN
    readme = (JANCO.folder / "README.md").read_text()
    assert all(f"`{code}`" in readme for code in OPEN)


def test_what_the_claimed_law_gives_and_the_text_does_not() -> None:
    """The GDPR is claimed without contact, term, authority and five of its rights."""
    missing = ("answer-within", "complain", "contact", "object", "portability", "rectify", "restrict")
    assert JANCO.about("claimed-law-gap") == {f"eu-gdpr.{each}" for each in missing}


def test_text_has_not_drifted_from_the_lock(shared: Path) -> None:
    """The lock is that of the published text, and every sentence of it is cited."""
    text = JANCO.text(shared)
    assert locks.of(text) == JANCO.lock
    covered = JANCO.covered(text)
    assert (covered.uncited, covered.unresolved) == (0, ())


def test_findings_in_the_text_are_the_known_ones(shared: Path) -> None:
    """The text adds no further kind, and the part it refers to in vain is accepted."""
    text = JANCO.text(shared)
    assert JANCO.open(text) == OPEN
    assert "unresolved-reference" in JANCO.found(text)


def test_each_row_of_the_list_has_an_answer(shared: Path) -> None:
    """Every row drawn from the text is answered by a promise of the example, or by a finding that is made."""
    assert [answer["row"] for answer in JANCO.answers] == rows_of(shared, "janco")
    assert all(answer["promise"] or answer["finding"] for answer in JANCO.answers)
    assert {answer["finding"] for answer in JANCO.answers} - {""} <= JANCO.found(JANCO.text(shared))


def test_each_answer_is_a_promise() -> None:
    """The promises that rows are answered by exist, and each promise answers some row."""
    assert JANCO.named <= JANCO.known
    assert not JANCO.known - JANCO.named


def test_no_sentence_of_the_text_is_copied(shared: Path) -> None:
    """The example says everything in words of its own."""
    assert not JANCO.copied(JANCO.text(shared))


ASKED = "email:ana@mail.example\nemail:cy@cable.example\nemail:bo@acme.example\n"
"""One account of each kind: personal, third-party, work or school."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of the requests of all three."""

    walk: Walk
    exported: Mapping[str, Any]
    """What each of them was handed, by first name."""
    checked: Mapping[str, str]
    """The status of each promise before anything was erased."""
    before: Sequence[Rows]
    """The rows of accounts 1 to 3 before."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Make the stores, then check, export and erase for all three at once."""
    folder = tmp_path_factory.mktemp("janco") / "janco"
    walk = Walk.of(JANCO, folder, {"--out": "APP_DB", "--crm": "CRM_DB"})
    checked = json.loads(walk.troth("check", "--format", "json").stdout)
    walk.troth("export", "--from", "-", "--out", "out", "--format", "json", asked=ASKED)
    before = [_rows(walk, account) for account in (1, 2, 3)]
    planned = walk.troth("erase", "--from", "-", "--plan", "plan.json", asked=ASKED)
    assert planned.returncode == 0, planned.stderr
    applied = walk.troth("apply", "plan.json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    return Done(
        walk=walk,
        exported=dict(_packages(folder / "out")),
        checked={result["promise"]: result["status"] for result in checked["results"]},
        before=before,
    )


def _packages(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield what each person was handed, by what they were asked for by."""
    names = {1: "ana", 2: "cy", 3: "bo"}
    for person in json.loads((folder / "manifest.json").read_text())["people"]:
        data = json.loads((folder / person["folder"] / "data.json").read_text())
        yield names[person["asked"][0]], data


def _rows(walk: Walk, account: int) -> Rows:
    """List every row of the application that leads to an account, purchases left out."""
    with closing(sqlite3.connect(walk.folder / "app_db.sqlite")) as connection:
        found = list(connection.execute("SELECT * FROM accounts WHERE id = ?", (account,)))
        for table in ("devices", "activities", "interests", "choices", "cards", "files"):
            found += connection.execute(f"SELECT * FROM {table} WHERE account_id = ?", (account,))
        asked = "SELECT * FROM messages WHERE from_account = ?1 OR to_account = ?1"
        return [*found, *connection.execute(asked, (account,))]


def test_a_private_account_is_handed_out_and_erased(done: Done) -> None:
    """Ana's data of both stores is handed out, nothing of it withheld for another, and all of it goes."""
    data = done.exported["ana"]
    assert {"app.files", "app.purchases", "crm.leads", "crm.tickets"} <= data["datasets"].keys()
    assert not [one for one in data["withheld"] if one["reason"] == "other-controller"]
    assert done.before[0]
    assert not _rows(done.walk, 1)


def test_friends_in_an_address_book_are_not_handed_out(done: Done) -> None:
    """The names and addresses of others are kept back from the owner of the book."""
    entries = done.exported["ana"]["datasets"]["app.address_book"]["rows"]
    assert {(one["name"], one["email"]) for one in entries} == {("[someone else]", "[someone else]")}


def test_an_account_on_a_providers_domain_is_erased_as_a_private_one(done: Done) -> None:
    """Cy's account is of the third kind, and nobody but Janco answers for it."""
    assert done.before[2]
    assert not _rows(done.walk, 3)


def test_an_account_at_work_stays_and_a_private_purchase_in_it_goes(done: Done) -> None:
    """Bo's rows are Acme's and stay as they are; what he bought himself is his, and goes."""
    assert _rows(done.walk, 2) == done.before[1]
    with closing(sqlite3.connect(done.walk.folder / "app_db.sqlite")) as connection:
        asked = "SELECT held_for FROM purchases WHERE account_id = 2"
        assert [held_for for (held_for,) in connection.execute(asked)] == ["acme"]


def test_what_is_held_for_an_organisation_is_withheld_with_that_reason(done: Done) -> None:
    """Bo is handed his own purchase, and told that somebody else answers for the rest."""
    assert [*done.exported["bo"]["datasets"]] == ["app.purchases"]
    assert {one["reason"] for one in done.exported["bo"]["withheld"]} == {"other-controller"}


def test_nobody_finds_who_was_erased(done: Done) -> None:
    """A search for Ana afterwards finds nobody."""
    assert done.walk.troth("find", "--from", "-", asked="email:ana@mail.example\n").returncode == 1


def test_check_finds_no_promise_broken(done: Done) -> None:
    """Each category lives where the map says, and nothing is called kept without a mechanism."""
    assert {done.checked[name] for name in JANCO.known if name.startswith("categories.")} == {"kept"}
    assert done.checked["statements.ask-the-administrator"] == "not-triggered"
    assert done.checked["statements.agreement-first"] == "unproven"
    assert "broken" not in done.checked.values()


def test_the_readme_runs_as_written(tmp_path: Path) -> None:
    """Every command of the README ends well; only the check leaves with 4, for what is unproven."""
    walk = Walk.of(JANCO, tmp_path / "janco", {"--out": "APP_DB", "--crm": "CRM_DB"})
    assert walk.read_me() == ["failed: troth check 4"]
