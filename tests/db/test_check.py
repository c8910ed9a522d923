"""Checks on real stores: each status and each reason, by a table of cases and a few tests of their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from db import servers
from db.checking import AT, Shop, given
from troth.plan.predicates import Compare
from troth.plan.world import Hold, Rank
from troth.promises import report
from troth.promises.given import Look
from troth.promises.report import Report
from troth.promises.results import Result, Status

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "checks.yml").read_text(encoding="utf-8")
)
PEOPLE: str = CASES[0]["project"]
TABLE = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, closed_at DATE);\n"
OPT_OUT = (
    "{for: 2 years, after: account.closed}, choice: {until: opted.out}}",
    "fields: {identity: [name]},\n                  anchors: {account.closed: closed_at}}",
    "fields: {identity: [name, {name: topics, kept-as: choice}]},\n"
    "                  anchors: {account.closed: closed_at, opted.out: out_at}}",
)
"""What makes of the first case a project with two classes in one dataset, and one of them chosen."""
HOLD = Hold(
    id="hold:1",
    rank=Rank.LEGAL_HOLD,
    ground="legal hold",
    review="2026-09-01",
    dataset="app.customers",
    where=Compare(column="id", operator="=", value=1),
)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'app.db'}"
    return str(request.getfixturevalue("pg_url" if request.param == "postgresql" else "mariadb_url"))


def checked(shop: Shop) -> Report:
    """Check a shop."""
    return report.check(given(shop))


def one(found: Report, promise: str = "retention.account") -> Result:
    """Return the result of one promise."""
    return next(r for r in found.results if r.promise.id == promise)


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_cases(case: dict[str, Any], url: str) -> None:
    """A project and a store give the statuses, numbers and reasons the table says."""
    found = checked(Shop(url=url, project=case["project"], rows=case["sql"], layouts=case.get("layouts", {})))
    for promise, expected in case["expect"].items():
        result = one(found, promise)
        oldest = result.oldest.oldest if result.oldest else None
        grounds = Counter({g.reason: g.rows for g in result.grounds})
        assert {
            "status": str(result.status),
            "rows": result.rows,
            "oldest": oldest if "oldest" in expected else None,
            "reasons": [r.code for r in result.reasons],
            "grounds": dict(grounds),
        } == {"rows": 0, "oldest": None, "reasons": [], "grounds": {}, **expected}, result


def test_held_rows(url: str) -> None:
    """A held row past its end is a ground, the next one a breach."""
    rows = TABLE + "INSERT INTO customers VALUES (1, 'Ada', '2020-05-06'), (2, 'Bob', '2021-05-06')"
    result = one(checked(Shop(url=url, project=PEOPLE, rows=rows, holds=(HOLD,))))
    assert (result.status, result.rows) == (Status.BROKEN, 1)
    assert [(g.reason, g.detail, g.rows, g.review) for g in result.grounds] == [
        ("hold", "hold:1", 1, "2026-09-01")
    ]


def test_held_rows_only(url: str) -> None:
    """Where every row past its end is held, the rule is kept, and the hold is named."""
    rows = TABLE + "INSERT INTO customers VALUES (1, 'Ada', '2020-05-06')"
    result = one(checked(Shop(url=url, project=PEOPLE, rows=rows, holds=(HOLD,))))
    assert (result.status, [g.detail for g in result.grounds]) == (Status.KEPT, ["hold:1"])


def test_hold_of_lower_rank(url: str) -> None:
    """A hold in one's own interest keeps what merely expires, and not what a person opted out of."""
    project = PEOPLE.replace("{for: 2 years, after: account.closed}}", OPT_OUT[0]).replace(*OPT_OUT[1:])
    rows = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, topics TEXT, closed_at DATE, out_at DATE);\n"
    rows += "INSERT INTO customers VALUES (1, 'Ada', 'a', '2020-05-06', '2026-01-01')"
    hold = replace(HOLD, rank=Rank.OWN_INTEREST, ground="fraud")
    found = checked(Shop(url=url, project=project, rows=rows, holds=(hold,)))
    assert (one(found).status, [g.rows for g in one(found).grounds]) == (Status.KEPT, [1])
    assert (one(found, "retention.choice").status, one(found, "retention.choice").grounds) == (
        Status.BROKEN,
        (),
    )


def test_unreachable(url: str) -> None:
    """A store out of reach leaves everything unproven, and the exit code says so before anything else."""
    looks = {"app": Look(trouble="Store `app`: nobody answers.")}
    found = checked(Shop(url=url, project=PEOPLE, rows=TABLE, looks=looks, unread=True))
    assert one(found).status is Status.UNPROVEN
    assert [r.code for r in one(found).reasons] == ["store-unreachable"]
    assert found.exit_code == 3


def test_not_looked_at(url: str) -> None:
    """A store nobody looked at leaves the rule unproven."""
    found = checked(Shop(url=url, project=PEOPLE, rows=TABLE, looks={"app": Look()}, unread=True))
    assert [r.code for r in one(found).reasons] == ["store-not-looked-at"]
    assert found.exit_code == 4


def test_old_look(url: str) -> None:
    """A look older than the store's max-age proves nothing."""
    project = PEOPLE.replace("url: x,", "url: x, max-age: 12 hours,")
    shop = Shop(url=url, project=project, rows=TABLE)
    fresh, old = Look(at=AT - timedelta(hours=11)), Look(at=AT - timedelta(hours=13))
    data = given(replace(shop, looks={"app": old}))
    assert [r.code for r in one(report.check(data)).reasons] == ["store-too-old"]
    assert one(report.check(replace(data, looks={"app": fresh}))).status is Status.NOT_TRIGGERED


def test_simulation(url: str) -> None:
    """Another instant than now proves nothing, and still shows what would be broken."""
    rows = TABLE + "INSERT INTO customers VALUES (3, 'Eve', '2026-01-01')"
    data = given(Shop(url=url, project=PEOPLE, rows=rows, now=AT - timedelta(days=1)))
    kept = one(report.check(data))
    assert (kept.status, [r.code for r in kept.reasons]) == (Status.UNPROVEN, ["simulation"])
    assert report.check(data).simulation


def test_simulated_future(tmp_path: Path) -> None:
    """A check for a later instant shows the rows that will be past their end by then."""
    rows = TABLE + "INSERT INTO customers VALUES (3, 'Eve', '2026-01-01')"
    later = datetime(2030, 1, 1, tzinfo=UTC)
    shop = Shop(url=f"sqlite:///{tmp_path / 'app.db'}", project=PEOPLE, rows=rows, at=later)
    assert one(checked(shop)).status is Status.BROKEN


def test_dates_as_seconds(tmp_path: Path) -> None:
    """The oldest date is a day, also where the store counts seconds."""
    rows = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, closed_at INTEGER);\n"
    rows += f"INSERT INTO customers VALUES (1, 'Ada', {int(datetime(2020, 5, 6, tzinfo=UTC).timestamp())})"
    found = one(checked(Shop(url=f"sqlite:///{tmp_path / 'app.db'}", project=PEOPLE, rows=rows)))
    assert found.offences[0].oldest == date(2020, 5, 6)


@pytest.mark.parametrize(("forced", "codes"), [("NO FORCE", []), ("FORCE", ["rows-hidden"])])
def test_row_security(postgres: servers.Server, pg_url: str, forced: str, codes: list[str]) -> None:
    """A table that may hide rows from the role that looks proves nothing; its owner sees all, unless forced."""
    database = pg_url.rpartition("/")[2]
    role = f"owner_{database}"
    rows = f"{TABLE}ALTER TABLE customers ENABLE ROW LEVEL SECURITY, {forced} ROW LEVEL SECURITY;\n"
    with postgres.admin(database) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
        admin.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
        try:
            url = postgres.url(database, user=role, password="pw")
            found = one(checked(Shop(url=url, project=PEOPLE, rows=rows)))
        finally:
            admin.execute(f"DROP OWNED BY {role}")
            admin.execute(f"DROP ROLE {role}")
    assert [r.code for r in found.reasons] == codes
