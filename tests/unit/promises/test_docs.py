"""The reference page of checks says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from troth.promises import report as reports
from troth.promises.checks import CHECKS
from troth.promises.checks.unbuilt import MECHANISMS
from troth.promises.report import as_json
from troth.promises.results import REASONS, Status
from unit.promises.makers import listed, report

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "reference" / "check.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Read the cells of the first table under a heading."""
    part = re.split(rf"^##+ {re.escape(heading)}$", TEXT, flags=re.MULTILINE)[1]
    part = re.split(r"^#", part, flags=re.MULTILINE)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_statuses() -> None:
    """Every status stands in the table with its meaning, in the order of reports."""
    assert rows("Status") == [[str(status), status.meaning] for status in Status]


def test_reasons() -> None:
    """Every reason of a check stands in the table, and no other."""
    assert [row[0] for row in rows("Reasons")] == list(REASONS)


def test_kinds() -> None:
    """Every kind of promise stands in the table with an id of its form, and whether a check looks at it."""
    table = {kind: (ident, looks) for kind, ident, looks in rows("Promises")}
    assert set(table) == set(CHECKS)
    assert {kind for kind, (_, looks) in table.items() if looks == "not built yet"} == set(MECHANISMS)
    assert {ident for ident, _ in table.values()} <= {promise.id for promise in listed()}


def test_exit_codes() -> None:
    """The codes stand in the table in the order of precedence."""
    codes = (reports.EXIT_UNREACHABLE, reports.EXIT_BROKEN, reports.EXIT_UNPROVEN, reports.EXIT_KEPT)
    assert [row[0] for row in rows("Exit codes")] == ["2", *map(str, codes)]


def test_json_keys() -> None:
    """Every key of the JSON stands in one of the two tables."""
    value = as_json(report())
    results = value["results"]
    assert isinstance(results, list)
    keys = [row[0] for row in rows("JSON") if row[0] not in ("key", "---")]
    assert keys == [*value, *results[0]]
