"""Requests from the first letter to the answer, on the example projects, with the clock set by hand."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from e2e.examples import Example, Walk

SAM = ("--by", "Sam")


@dataclass(frozen=True)
class Days:
    """An example on a given day."""

    walk: Walk

    @classmethod
    def of(cls, name: str, folder: Path, stores: dict[str, str]) -> Days:
        """Copy an example."""
        return cls(Walk.of(Example(name), folder, stores))

    def on(self, instant: str, *words: str, code: int | None = 0, asked: str = "") -> str:
        """Give a command at an instant; return everything it said."""
        walk = replace(self.walk, environment={**self.walk.environment, "TROTH_TEST_CLOCK": instant})
        done: subprocess.CompletedProcess[str] = walk.troth(*words, asked=asked)
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert code is None or done.returncode == code, said
        return said

    def rows(self, variable: str, sql: str) -> list[tuple[object, ...]]:
        """Ask a store."""
        file = self.walk.folder / self.walk.environment[variable].removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute(sql).fetchall()

    def events(self, at: str, case: int) -> list[str]:
        """Name what happened to a request."""
        shown = json.loads(self.on(at, "request", "show", str(case), "--format", "json"))
        return [one["event"] for one in shown["events"]]


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
        part in letter for part in ("Art. 17(3)(b) GDPR", "2032-12-31", "Data Protection Commission", "court")
    )
    assert "hold:" not in letter
    smartjac.on(at, "request", "answer", "1", *SAM)
    assert smartjac.events(at, 1)[-4:] == ["planned", "decided", "done", "answered"]
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
