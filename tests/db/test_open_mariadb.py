"""Opening MariaDB for real, and what its refusals say."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa

from db import mariadb
from troth.errors import StoreError
from troth.stores.sql import open as sql
from troth.stores.sql.open import Trouble

RAW = mariadb.PASSWORD


@pytest.mark.parametrize("scheme", ["mariadb", "mysql", "mysql+pymysql"])
def test_password_may_be_written_raw(maria: mariadb.Server, mariadb_url: str, scheme: str) -> None:
    """A password with @, /, % and quotes needs no encoding, whatever the scheme is called."""
    database = mariadb_url.rpartition("/")[2]
    engine = sql.connect(f"{scheme}://owner:{RAW}@127.0.0.1:{maria.port}/{database}")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT DATABASE()")) == database
    assert engine.dialect.name == "mariadb"


def test_wrong_password_names_place_not_secret(maria: mariadb.Server) -> None:
    """The message says host, port, database and user, never the password."""
    with pytest.raises(StoreError) as caught:
        sql.connect(maria.url("shop", password="s3cret-wrong"), store="app")
    message = caught.value.message
    assert "host 127.0.0.1" in message and "user owner" in message and str(maria.port) in message
    assert "s3cret" not in message and "login" in message


def test_missing_database_is_said(maria: mariadb.Server) -> None:
    """A database that is not there is told apart from a wrong password, and from none named."""
    with pytest.raises(StoreError, match="database does not exist"):
        sql.connect(maria.url("nowhere"), store="app")
    with pytest.raises(StoreError, match="expected the name of a database"):
        sql.connect(maria.url(""), store="app")


def test_nobody_listens() -> None:
    """A closed port and an unknown host are unreachable."""
    for host in ("127.0.0.1:1", "no-such-host.invalid"):
        with pytest.raises(StoreError, match="found none"):
            sql.connect(f"mariadb://u:p@{host}/x", store="app")


def test_a_server_that_hangs_up() -> None:
    """What ends the talk before it has begun is no database that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()  # noqa: PLW0108 later
        with pytest.raises(StoreError, match=r"dropped|found none"):
            sql.connect(f"mariadb://u:p@127.0.0.1:{server.getsockname()[1]}/x", store="app")


def test_readonly_is_enforced_by_the_server(mariadb_url: str) -> None:
    """A read-only connection can neither make a table nor change one, transaction after transaction."""
    with sql.connect(mariadb_url).begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (id int)"))
    engine = sql.connect(mariadb_url, readonly=True)
    for statement in ("DELETE FROM t", "CREATE TABLE u (id int)", "DELETE FROM t"):
        assert sql.classify(_trouble(engine, statement)) is Trouble.READ_ONLY


def test_a_session_is_set_as_statements_need_it(maria: mariadb.Server, mariadb_url: str) -> None:
    """Time zone, strictness and collation are ours, whatever the server says."""
    asked = "SELECT @@time_zone, @@collation_connection, @@sql_mode, @@tx_isolation, 'a' = 'A' OR 'a' = 'a '"
    maria.run("SET GLOBAL time_zone = '+05:00'", "SET GLOBAL sql_mode = 'ANSI_QUOTES'")
    try:
        with sql.connect(mariadb_url).connect() as connection:
            zone, collation, mode, isolation, equal = connection.execute(sa.text(asked)).one()
    finally:
        maria.run("SET GLOBAL time_zone = 'SYSTEM'", "SET GLOBAL sql_mode = DEFAULT")
    assert (zone, collation, isolation, equal) == ("+00:00", "utf8mb4_nopad_bin", "REPEATABLE-READ", 0)
    assert "STRICT_ALL_TABLES" in mode and "ANSI" not in mode


def _trouble(engine: sa.Engine, *statements: str) -> sa.exc.SQLAlchemyError:
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return caught.value


PEOPLE = """
CREATE TABLE people (id int PRIMARY KEY, email varchar(30) NOT NULL UNIQUE, age int CHECK (age < 150),
  name varchar(4), mood ENUM('glad', 'sad'), born date, shout varchar(30) AS (upper(email)) STORED)
"""
CONSTRAINT = Trouble.CONSTRAINT


@pytest.mark.parametrize(
    ("statement", "trouble", "names"),
    [
        ("INSERT INTO people (id, email) VALUES (1, 'ada@example.org')", CONSTRAINT, "email, error 1062"),
        ("UPDATE people SET email = NULL", CONSTRAINT, "email, error 1048"),
        ("INSERT INTO people (id) VALUES (3)", CONSTRAINT, "email, error 1364"),
        ("UPDATE people SET age = 200", CONSTRAINT, "error 4025"),
        ("UPDATE people SET name = 'ada@example.org'", CONSTRAINT, "'name'"),
        ("UPDATE people SET mood = 'ada@example.org'", CONSTRAINT, "'mood'"),
        ("UPDATE people SET born = 'ada@example.org'", CONSTRAINT, "`born`"),
        ("UPDATE people SET shout = 'ada@example.org'", CONSTRAINT, "error 1906"),
        ("DELETE FROM people", CONSTRAINT, "of_whom"),
        ("SELECT * FROM gone", Trouble.SCHEMA, "gone"),
        ("SELECT gone FROM people", Trouble.SCHEMA, "gone"),
        (
            "SET STATEMENT max_statement_time = 0.05 FOR SELECT sleep(2) FROM people",
            Trouble.CANCELLED,
            "1969",
        ),
        ("KILL CONNECTION_ID()", Trouble.DROPPED, "1927"),
        ("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ada@example.org'", CONSTRAINT, "trigger"),
    ],
)
def test_refusals(mariadb_url: str, statement: str, trouble: Trouble, names: str) -> None:
    """Each refusal is told by kind and by names of the schema, without the value MariaDB quotes."""
    engine = sql.connect(mariadb_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(PEOPLE)
        connection.exec_driver_sql(
            "CREATE TABLE notes (who int, CONSTRAINT of_whom FOREIGN KEY (who) REFERENCES people (id))"
        )
        connection.exec_driver_sql("INSERT INTO people (id, email) VALUES (0, 'ada@example.org'), (2, 'b')")
        connection.exec_driver_sql("INSERT INTO notes VALUES (0)")
    error = _trouble(engine, statement)
    message = sql.explain(error, "app").message
    assert sql.classify(error) is trouble, message
    assert names in message and "ada@" not in message and "ADA@" not in message


def test_role_without_rights_is_denied(maria: mariadb.Server, mariadb_url: str) -> None:
    """A user that may not read is told so, with the table's name; one that may not come in, too."""
    database = mariadb_url.rpartition("/")[2]
    maria.run("CREATE TABLE people (id int)", "CREATE TABLE mine (id int)", database=database)
    user = f"u{database[-8:]}"
    maria.run(f"CREATE USER {user} IDENTIFIED BY 'x'")
    try:
        with pytest.raises(StoreError, match="not allowed"):
            sql.connect(maria.url(database, user=user, password="x"))
        maria.run(f"GRANT SELECT ON `{database}`.mine TO {user}")
        error = _trouble(sql.connect(maria.url(database, user=user, password="x")), "SELECT * FROM people")
    finally:
        maria.run(f"DROP USER {user}")
    assert sql.classify(error) is Trouble.DENIED
    assert "people" in sql.explain(error, "app").message


def test_lock_timeout_is_locked(mariadb_url: str) -> None:
    """A lock held by somebody else is a reason to wait, not a failure of the schema."""
    engine = sql.connect(mariadb_url)
    with engine.begin() as maker:
        maker.exec_driver_sql("CREATE TABLE t (id int PRIMARY KEY)")
        maker.exec_driver_sql("INSERT INTO t VALUES (1)")
    with engine.connect() as holder:
        holder.exec_driver_sql("DELETE FROM t")
        error = _trouble(engine, "SET SESSION innodb_lock_wait_timeout = 1", "DELETE FROM t")
    assert sql.classify(error) is Trouble.LOCKED


def test_a_read_only_replica(maria: mariadb.Server, mariadb_url: str) -> None:
    """A server that takes no writes says so; reading it works."""
    database = mariadb_url.rpartition("/")[2]
    user = f"r{database[-8:]}"
    maria.run("CREATE TABLE t (id int)", database=database)
    maria.run(f"CREATE USER {user} IDENTIFIED BY 'x'", f"GRANT ALL ON `{database}`.* TO {user}")
    maria.run("SET GLOBAL read_only = 1")
    try:
        engine = sql.connect(maria.url(database, user=user, password="x"))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM t")) == 0
        error = _trouble(engine, "DELETE FROM t")
    finally:
        maria.run("SET GLOBAL read_only = 0", f"DROP USER {user}")
    assert sql.classify(error) is Trouble.READ_ONLY


def test_instants_come_back_as_such(mariadb_url: str) -> None:
    """A TIMESTAMP carries UTC, a DATETIME no zone; an instant of another zone is written as the same instant."""
    engine = sql.connect(mariadb_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a timestamp(6) NULL, b datetime)")
        connection.exec_driver_sql("INSERT INTO t VALUES ('2020-01-01 12:00:00.5', '2020-01-01 12:00:00')")
        (seen, wall) = connection.exec_driver_sql("SELECT max(a), b FROM t").one()
        assert (seen.isoformat(), wall.isoformat()) == (
            "2020-01-01T12:00:00.500000+00:00",
            "2020-01-01T12:00:00",
        )
        elsewhere = seen.astimezone(timezone(timedelta(hours=9)))
        found = connection.execute(sa.text("SELECT count(*) FROM t WHERE a = :at"), {"at": elsewhere})
        assert found.scalar_one() == 1
