"""The report: totals, exit codes, JSON, evidence entries."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from troth.errors import Refused
from troth.promises import evidence
from troth.promises.report import FORMAT, as_json
from troth.promises.results import Result, Status
from unit.promises.makers import AT, BROKEN, IDLE, KEPT, UNPROVEN, listed, report


@pytest.mark.parametrize(
    ("results", "trouble", "code"),
    [
        ((BROKEN, UNPROVEN, KEPT), "", 1),
        ((UNPROVEN, KEPT), "", 4),
        ((IDLE, KEPT), "", 0),
        ((BROKEN, UNPROVEN), "Nobody answers.", 3),
        ((UNPROVEN,), "Nobody answers.", 3),
    ],
)
def test_exit_codes(results: tuple[Result, ...], trouble: str, code: int) -> None:
    """A store out of reach weighs more than a broken promise, and that more than an unproven one."""
    assert report(*results, trouble=trouble).exit_code == code


def test_totals() -> None:
    """Every promise is counted under its one status; statements by name are counted beside."""
    found = report()
    assert dict(found.totals) == dict.fromkeys(Status, 1)
    assert found.attested == 1


def test_rows() -> None:
    """A row of the table shows status, number, oldest date, reason, place and who stands for it."""
    broken, unproven, *_ = report().rows()
    assert (broken.number, broken.oldest, broken.place) == ("1,234", "2016-03-02", "policy.yaml:12")
    assert (unproven.number, unproven.place) == ("", "")
    assert unproven.attested == "Head of <IT>, until 2027-01-01"


def test_json() -> None:
    """The JSON carries format, totals and each result, and survives a round trip."""
    value = as_json(report())
    assert json.loads(json.dumps(value)) == value
    assert (value["format"], value["exit_code"]) == (FORMAT, 1)
    assert value["totals"] == {"broken": 1, "unproven": 1, "not-triggered": 1, "kept": 1}


def test_hash() -> None:
    """Equal reports have equal hashes; another number gives another."""
    other = replace(BROKEN, offences=BROKEN.offences[:1])
    assert report().hash == report().hash
    assert report(BROKEN).hash != report(other).hash


def test_evidence() -> None:
    """A report makes one entry per promise and one with the totals, all naming the report's hash."""
    found = report()
    *each, last = evidence.entries(found, at=AT)
    assert [e.kind for e in each] == ["check.result"] * 4
    assert {e.body["run"] for e in (*each, last)} == {f"check:{found.hash}"}
    assert (last.kind, last.body["broken"], last.body["exit_code"]) == ("check.finished", 1, 1)
    assert each[0].body["datasets"] == ("app.customers", "app.x%3Cy")
    assert (each[0].body["oldest"], each[0].body["rows"]) == ("2016-03-02T00:00:00Z", 1234)
    assert (each[0].body["not_started"], each[0].body["kept_rows"]) == (7, 3)


def test_evidence_of_every_promise() -> None:
    """Every id a policy may give a promise fits into evidence, one of its own choice included."""
    results = (Result(promise=promise, status=Status.UNPROVEN) for promise in listed())
    *each, _ = evidence.entries(report(*results), at=AT)
    assert {entry.body["promise"] for entry in each} == {promise.id for promise in listed()}
    assert "R-7" in [entry.body["promise"] for entry in each]


def test_no_evidence_of_a_simulation() -> None:
    """A simulation is never evidence."""
    with pytest.raises(Refused):
        evidence.entries(report(simulation=True), at=AT)
