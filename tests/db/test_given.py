"""Few people's values as parameters: only where the server writes none, and then to the same effect."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import servers
from db.checking import fill
from db.reading import ROWS, TABLES
from db.test_export import AT, CLOCK, exporter
from db.test_find import APP, HELP
from db.test_find import PROJECT as FINDING
from troth.app import people
from troth.app import project as projects
from troth.app.clock import Moment
from troth.app.export import make
from troth.app.wishes import Wish
from troth.apply.people import Record
from troth.errors import Refused
from troth.people.typed import Line
from troth.stores.sql import given, read
from troth.stores.sql import open as opening

LOUD = (
    "log_statement = 'mod'",
    "log_min_duration_statement = 250",
    "log_min_duration_sample = 250",
    "log_transaction_sample_rate = 0.5",
    "log_parameter_max_length_on_error = -1",
    "debug_print_plan = on",
    "session_preload_libraries = 'auto_explain'",
)
QUIET = ("log_statement = 'ddl'", "log_duration = on", "log_lock_waits = on", "log_temp_files = 0")


@pytest.fixture
def told(pg_url: str, postgres: servers.Server) -> Callable[[str], bool]:
    """Return what a new session says whose database has a setting."""

    def ask(setting: str, user: str = "postgres", password: str = servers.PASSWORD) -> bool:
        name = pg_url.rpartition("/")[2]
        with postgres.admin(name) as admin:
            admin.execute(f'ALTER DATABASE "{name}" RESET ALL')
            admin.execute(f'ALTER DATABASE "{name}" SET {setting}')
        engine = opening.connect(postgres.url(name, user=user, password=password))
        try:
            with engine.connect() as connection:
                return given.quiet(connection)
        finally:
            engine.dispose()

    return ask


@pytest.fixture
def guest(postgres: servers.Server) -> Iterator[str]:
    """Return a role that may see no settings of the server's owner."""
    with postgres.admin() as admin:
        admin.execute("CREATE ROLE unseeing LOGIN PASSWORD 'x'")
    yield "unseeing"
    with postgres.admin() as admin:
        admin.execute("DROP ROLE unseeing")


def test_every_way_of_writing_values_counts(told: Callable[[str], bool]) -> None:
    """A server that may write parameters, by any setting, is given none."""
    assert [one for one in LOUD if told(one)] == []


def test_what_writes_no_values_does_not_count(told: Callable[[str], bool]) -> None:
    """Commands that change structures, durations and waits may be written: no value stands there."""
    assert [one for one in QUIET if not told(one)] == []


@pytest.mark.xdist_group("roles-given")
def test_what_a_role_may_not_see_counts(told: Callable[..., bool], guest: str) -> None:
    """A role that cannot read which libraries the server loads gives no parameter."""
    assert not told("log_duration = on", user=guest, password="x")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            "text",
            ["plain", 'quo"te', "back\\slash", "{a,b}", "NULL", "", " ", "Ää\u202e", "a,b", "'", "%s", None],
        ),
        ("text", ["only", "plain"]),
        ("bigint", [0, -(2**63), 2**63 - 1, None]),
        ("numeric", [Decimal("1.50"), Decimal("-0.1"), None]),
        ("uuid", [uuid.UUID(int=7), None]),
        ("bytea", [b"\x00\xff\\", b"", None]),
        ("text", []),
    ],
)
def test_values_arrive_as_they_are(pg_url: str, kind: str, values: list[object]) -> None:
    """Whatever stands in a value, the server sees that and nothing else."""
    name, wanted = "troth_odd", [(n, value) for n, value in enumerate(values)]
    question = sa.select(given.table(name, {"n": "integer", 'a "b': kind}))
    engine = opening.connect(pg_url)
    text = str(question.compile(dialect=engine.dialect))
    with engine.connect() as connection:
        found = connection.exec_driver_sql(text, given.values(name, 2, wanted)).all()
    engine.dispose()
    assert [tuple(row) for row in found] == wanted


def test_no_address_in_the_log(logged_pg_url: str, postgres: servers.Server, tmp_path: Path) -> None:
    """Where the server writes statements with their values, somebody's export leaves no address in its log."""
    canary = "INSERT INTO customers (id, email) VALUES (99, 'Canary-0815' || '@' || 'example.org')"
    for script in (TABLES, ROWS, canary):
        fill(logged_pg_url, script).dispose()
    written = Path(postgres.home) / "log"
    before = written.stat().st_size
    made = exporter(tmp_path, logged_pg_url)("email:canary-0815@example.org", formats=("json",))
    said = written.read_bytes()[before:].lower()
    assert made.rows == 1
    assert b"troth_people_" in said
    assert b"canary-0815@" not in said


@pytest.mark.xdist_group("roles-given")
def test_without_the_right_to_make_tables(pg_url: str, postgres: servers.Server, tmp_path: Path) -> None:
    """A role that may make no temporary table, as none can on a standby, exports somebody all the same."""
    for script in (TABLES, ROWS):
        fill(pg_url, script).dispose()
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
        admin.execute("CREATE ROLE seeing LOGIN PASSWORD 'x' IN ROLE pg_read_all_data, pg_read_all_settings")
    try:
        url = postgres.url(name, user="seeing", password="x")
        made = exporter(tmp_path, url)("email:ada@example.org", formats=("json",))
    finally:
        with postgres.admin(name) as admin:
            admin.execute("DROP ROLE seeing")
    assert made.rows == exporter(tmp_path, pg_url)("email:ada@example.org", out="again").rows
    assert made.rows > 1


@pytest.mark.parametrize(
    "texts",
    [
        ["email:ada@example.org"],
        ["id:2"],
        ["email:jos\u00e9@b\u00fccher.example"],
        ["ip:192.0.2.7"],
        ["email:mall@example.org", "phone:+14155550103", "email:nobody@example.org"],
        ["email:team@example.org"],
    ],
)
def test_the_same_people_by_parameters_as_by_tables(
    new_pg_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    """A search by parameters reads beside each row what one by tables asks for afterwards: the manifest is one."""
    made = {"APP": new_pg_url(), "HELP": new_pg_url()}
    for name, script in (("APP", APP), ("HELP", HELP)):
        fill(made[name], script).dispose()
    (tmp_path / "troth.yaml").write_text(FINDING)
    project = projects.load(tmp_path, AT.date())
    wish = Wish(lines=[Line(source="<file>", line=n, text=t) for n, t in enumerate(texts, 1)], limit=20)
    found = []
    for quiet in (True, False):
        monkeypatch.setattr(given, "quiet", lambda _, said=quiet: said)
        with people.everywhere(project, made, Moment(at=AT), readonly=True) as where:
            try:
                selected = people.select(where, wish, joined=True)
            except Refused as error:
                found.append((error.message, None))
            else:
                found.append((selected.manifest, selected.closure))
    assert found[0] == found[1]


def test_what_is_found_is_read_of_the_same_moment(
    pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that come in after a person was found are not in their package."""
    for script in (TABLES, ROWS):
        fill(pg_url, script).dispose()
    export = exporter(tmp_path, pg_url)
    rows, records = export("email:ada@example.org", out="before").rows, make.records
    late = "INSERT INTO tickets VALUES (7, 1, NULL, 'late')"

    def after(*asked: Any) -> Iterator[Record]:
        fill(pg_url, late).dispose()
        return records(*asked)

    monkeypatch.setattr(make, "records", after)
    assert export("email:ada@example.org", out="during").rows == rows
    monkeypatch.setattr(make, "records", records)
    assert export("email:ada@example.org", out="after").rows == rows + 1


def test_intervals_in_peoples_own_rows(pg_url: str, tmp_path: Path) -> None:
    """Somebody with an interval in their own row is exported with it."""
    tables = TABLES.replace("phone TEXT", "phone TEXT, away INTERVAL")
    columns = "INTO customers (id, name, email, phone, address_id) VALUES"
    for script in (tables, ROWS.replace("INTO customers VALUES", columns)):
        fill(pg_url, script).dispose()
    fill(pg_url, "UPDATE customers SET away = '1 day 2 hours'").dispose()
    made = exporter(tmp_path, pg_url)("email:ada@example.org", formats=("json",))
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))
    assert made.rows > 1
    assert "P1DT2H" in written


def test_a_role_of_one_session(
    new_pg_url: Callable[[], str], postgres: servers.Server, tmp_path: Path
) -> None:
    """Where somebody was found by parameters and is read about by tables, one session is enough for both."""
    url = new_pg_url()
    coded = """
    CREATE EXTENSION citext;
    ALTER TABLE customers ADD code citext;
    ALTER TABLE tickets ADD code citext;
    UPDATE customers SET code = 'A' WHERE id = 1;
    UPDATE tickets SET code = 'a' WHERE id = 5
    """
    for script in (TABLES, ROWS, coded):
        fill(url, script).dispose()
    name = url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute(
            "CREATE ROLE alone LOGIN PASSWORD 'x' CONNECTION LIMIT 1 IN ROLE pg_read_all_data, pg_read_all_settings"
        )
    try:
        export = exporter(tmp_path, postgres.url(name, user="alone", password="x"))
        written = (tmp_path / "troth.yaml").read_text()
        by_code = written.replace(
            "customer via email = customers.email]", "customer via code = customers.code]"
        )
        (tmp_path / "troth.yaml").write_text(by_code)
        made = export("email:ada@example.org", formats=("json",))
    finally:
        with postgres.admin(name) as admin:
            admin.execute("DROP ROLE alone")
    assert {one.dataset: one.rows for one in made.counts}["app.tickets"] == 5


@pytest.mark.parametrize("limit", ["0", "1min"])
def test_a_time_limit_holds_for_each_dataset(
    new_pg_url: Callable[[], str],
    postgres: servers.Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    """Datasets are read by one statement only where no time limit was set for what read one of them."""
    url = new_pg_url()
    for script in (TABLES, ROWS):
        fill(url, script).dispose()
    name = url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute(f"ALTER DATABASE \"{name}\" SET statement_timeout = '{limit}'")
    asked, stream = [], read._rows
    monkeypatch.setattr(read, "_rows", lambda *given: asked.append(given) or stream(*given))
    made = exporter(tmp_path, url)("email:ada@example.org", formats=("json",))
    assert len(asked) == (1 if limit == "0" else sum(1 for one in made.counts if one.left_out is None))


def test_no_transaction_beside_other_stores(
    new_pg_url: Callable[[], str], postgres: servers.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store's moment ends when it was read, even if its server lets no transaction wait for long."""
    made = {"APP": new_pg_url(), "HELP": new_pg_url()}
    for name, script in (("APP", APP), ("HELP", HELP)):
        fill(made[name], script).dispose()
        database = made[name].rpartition("/")[2]
        with postgres.admin() as admin:
            admin.execute(f"ALTER DATABASE \"{database}\" SET idle_in_transaction_session_timeout = '200ms'")
    (tmp_path / "troth.yaml").write_text(FINDING)
    seen: list[list[tuple[object, ...]]] = []
    inner = read.read

    def slowly(*asked: Any) -> Iterator[Record]:
        with postgres.admin() as admin:
            time.sleep(0.5)
            busy = "application_name = 'troth' AND xact_start IS NOT NULL"
            seen.append(admin.execute(f"SELECT datname FROM pg_stat_activity WHERE {busy}").fetchall())
        yield from inner(*asked)

    monkeypatch.setattr(read, "read", slowly)
    wish = Wish(lines=[Line(source="<file>", line=1, text="email:ada@example.org")], limit=20)
    package = make.Package(out=tmp_path / "out", by="tester", joined=True, formats=("json",))
    exported = make.export(wish, package, tmp_path, made, CLOCK, Moment(at=AT))
    assert exported.rows > 1
    assert [len(one) for one in seen] == [2, 1]
