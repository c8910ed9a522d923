"""Opening stores for real, and what their refusals say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from db import servers
from troth.errors import StoreError
from troth.stores.sql import open as sql

RAW = servers.PASSWORD


def test_password_may_be_written_raw(postgres: servers.Server, pg_url: str) -> None:
    """A password with @, / and % needs no encoding."""
    database = pg_url.rsplit("/", 1)[1]
    engine = sql.connect(f"postgresql://postgres:{RAW}@127.0.0.1:{postgres.port}/{database}")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT current_setting('application_name')")) == "troth"


def test_wrong_password_names_place_not_secret(postgres: servers.Server) -> None:
    """The message says host, port, database and user, never the password."""
    with pytest.raises(StoreError) as caught:
        sql.connect(postgres.url(password="s3cret-wrong"), store="app")
    message = caught.value.message
    assert "host 127.0.0.1" in message and "user postgres" in message and str(postgres.port) in message
    assert "s3cret" not in message and "login" in message


def test_missing_database_is_said(postgres: servers.Server) -> None:
    """A database that is not there is told apart from a wrong password."""
    with pytest.raises(StoreError, match="database does not exist"):
        sql.connect(postgres.url("nowhere"), store="app")


@pytest.mark.parametrize("what", ["role", "database"])
def test_a_limit_of_connections_is_no_wrong_name(postgres: servers.Server, pg_url: str, what: str) -> None:
    """A role or database that has all the connections it may is told apart from one that is not there."""
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute("CREATE ROLE crowded LOGIN PASSWORD 'x'")
        admin.execute(f'ALTER {what} "{"crowded" if what == "role" else name}" CONNECTION LIMIT 0')
    try:
        with pytest.raises(StoreError, match="no connection or memory to spare"):
            sql.connect(postgres.url(name, user="crowded", password="x"), store="app")
    finally:
        with postgres.admin() as admin:
            admin.execute("DROP ROLE crowded")


def test_nobody_listens() -> None:
    """A closed port is unreachable."""
    with pytest.raises(StoreError, match="found none"):
        sql.connect("postgresql://u:p@127.0.0.1:1/x", store="app")


def test_readonly_is_enforced_by_the_server(pg_url: str) -> None:
    """A read-only connection cannot create a table."""
    engine = sql.connect(pg_url, readonly=True)
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (id int)"))
    assert sql.classify(caught.value) is sql.Trouble.READ_ONLY


def _trouble(engine: sa.Engine, *statements: str) -> sa.exc.SQLAlchemyError:
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    return caught.value


def test_no_statement_is_compiled(pg_url: str, postgres: servers.Server) -> None:
    """Whatever the database is set to, statements that run once are not compiled, unless the URL says so."""
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET jit = on')
    said = []
    for url in (pg_url, f"{pg_url}?options=-c%20jit%3Don"):
        engine = sql.connect(url, readonly=True)
        with engine.connect() as connection:
            said += [connection.execute(sa.text("SHOW jit")).scalar_one()]
            said += [connection.execute(sa.text("SHOW transaction_read_only")).scalar_one()]
        engine.dispose()
    assert said == ["off", "on", "on", "on"]


@pytest.mark.parametrize(
    ("statement", "trouble", "names"),
    [
        ("INSERT INTO people VALUES (1, 'ada@example.org')", sql.Trouble.CONSTRAINT, "people_email_key"),
        ("INSERT INTO people VALUES (2, NULL)", sql.Trouble.CONSTRAINT, "column email"),
        ("SELECT * FROM gone", sql.Trouble.SCHEMA, "gone"),
        ("SELECT gone FROM people", sql.Trouble.SCHEMA, "gone"),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", sql.Trouble.CANCELLED, "57014"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", sql.Trouble.DROPPED, ""),
        ("DO $$ BEGIN RAISE 'ada@example.org'; END $$", sql.Trouble.CONSTRAINT, "trigger"),
    ],
)
def test_postgresql_refusals(pg_url: str, statement: str, trouble: sql.Trouble, names: str) -> None:
    """Each refusal is told by kind and by names of the schema, without the value PostgreSQL quotes."""
    engine = sql.connect(pg_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE people (id int PRIMARY KEY, email text NOT NULL UNIQUE)"))
        connection.execute(sa.text("INSERT INTO people VALUES (0, 'ada@example.org')"))
    error = _trouble(engine, statement)
    message = sql.explain(error, "app").message
    assert sql.classify(error) is trouble
    assert names in message and "ada@" not in message


def test_role_without_rights_is_denied(pg_url: str, postgres: servers.Server) -> None:
    """A role that may not read is told so, with the table's name."""
    database = pg_url.rsplit("/", 1)[1]
    with psycopg.connect(pg_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (id int)")
        connection.execute("DROP ROLE IF EXISTS nobody_here")
        connection.execute("CREATE ROLE nobody_here LOGIN PASSWORD 'x'")
    engine = sql.connect(postgres.url(database, user="nobody_here", password="x"))
    error = _trouble(engine, "SELECT * FROM people")
    assert sql.classify(error) is sql.Trouble.DENIED
    assert "people" in sql.explain(error, "app").message


def test_lock_timeout_is_locked(pg_url: str) -> None:
    """A lock held by somebody else is a reason to wait, not a failure of the schema."""
    engine = sql.connect(pg_url)
    with engine.begin() as maker:
        maker.execute(sa.text("CREATE TABLE t (id int)"))
    with engine.connect() as holder:
        holder.execute(sa.text("LOCK TABLE t"))
        error = _trouble(engine, "SET LOCAL lock_timeout = 50", "DELETE FROM t")
    assert sql.classify(error) is sql.Trouble.LOCKED


def test_missing_sqlite_file_is_refused(tmp_path: Path) -> None:
    """A typing error in a path does not make an empty database."""
    with pytest.raises(StoreError, match="does not exist"):
        sql.connect("sqlite:///nowhere.db", folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def lite(tmp_path: Path) -> Callable[..., sa.Engine]:
    """Open the same SQLite file again and again."""

    def opened(**options: bool) -> sa.Engine:
        return sql.connect("sqlite:///a.db", folder=tmp_path, **options)

    engine = opened(create=True)
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)")
        )
        connection.execute(sa.text("INSERT INTO people VALUES (0, 'ada@example.org')"))
    return opened


@pytest.mark.parametrize(
    ("statement", "trouble", "names"),
    [
        ("INSERT INTO people VALUES (1, 'ada@example.org')", sql.Trouble.CONSTRAINT, "UNIQUE people.email"),
        ("SELECT * FROM gone", sql.Trouble.SCHEMA, "gone"),
        ("SELECT gone FROM people", sql.Trouble.SCHEMA, "gone"),
    ],
)
def test_sqlite_refusals(
    lite: Callable[..., sa.Engine], statement: str, trouble: sql.Trouble, names: str
) -> None:
    """SQLite's refusals are told by the same kinds."""
    error = _trouble(lite(), statement)
    assert sql.classify(error) is trouble
    assert names in sql.explain(error, "app").message


def test_sqlite_readonly_is_enforced(lite: Callable[..., sa.Engine]) -> None:
    """A read-only engine cannot change the file."""
    assert sql.classify(_trouble(lite(readonly=True), "DELETE FROM people")) is sql.Trouble.READ_ONLY


def test_sqlite_locked_by_somebody_else(
    lite: Callable[..., sa.Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second writer is told that the database is locked."""
    monkeypatch.setattr(sql, "BUSY_TIMEOUT", 0.05)
    with lite().execution_options(sqlite_begin="IMMEDIATE").connect() as holder:
        holder.execute(sa.text("DELETE FROM people"))
        error = _trouble(lite(), "DELETE FROM people")
    assert sql.classify(error) is sql.Trouble.LOCKED


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Any other file is refused at once."""
    (tmp_path / "notes.txt").write_text("dear diary, " * 100)
    with pytest.raises(StoreError, match="not a database"):
        sql.connect("sqlite:///notes.txt", folder=tmp_path)
