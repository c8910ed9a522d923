"""The two roles can do what they are for, and nothing else."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from db import servers
from troth.catalog.datamap import DataMap
from troth.stores.sql import grants, introspect
from troth.stores.sql import open as sql

SCRIPT = """
CREATE SCHEMA "Sales Data";
CREATE TABLE people (id int PRIMARY KEY, email text, name text, vip boolean);
CREATE TABLE "Sales Data"."Orders" (id int PRIMARY KEY, person int REFERENCES people, "Ship To" text, total int);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES "Sales Data"."Orders", text text);
CREATE TABLE visits (id int PRIMARY KEY, person int REFERENCES people);
CREATE TABLE secrets (id int);
INSERT INTO people VALUES (1, 'a@x.example', 'A', true);
INSERT INTO visits VALUES (1, 1);
"""
MAP = {
    "subjects": {"person": {"dataset": "app.people", "key": "id"}},
    "datasets": {
        "app.people": {"fields": {"contact": ["email"], "identity": [{"name": "name", "on-expiry": "keep"}]}},
        "app.lines": {"subject": "person", "fields": {"communication": ["text"]}, "on-expiry": "keep-row"},
        "app.visits": {"subject": "person", "on-expiry": "delete-row"},
        "app.gone": {"fields": {"contact": ["email"]}},
    },
}


@pytest.fixture
def database(postgres: servers.Server, pg_url: str) -> Iterator[str]:
    """Grant for the map above, twice; drop the roles afterwards, as they belong to the whole server."""
    with (Path(tempfile.gettempdir()) / "troth-test-roles.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers share the server, and with it the roles
        yield from _granted(postgres, pg_url)


def _granted(postgres: servers.Server, pg_url: str) -> Iterator[str]:
    name = pg_url.rsplit("/", 1)[1]
    postgres.run_script(name, SCRIPT)
    text = grants.grants(
        introspect.read(sql.connect(pg_url), "app"), DataMap.model_validate(MAP), "postgresql"
    )
    for _ in range(2):
        postgres.run_script(name, text)
    yield name
    with postgres.admin(name) as connection:
        for role in (grants.LOOK, grants.APPLY):
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


@pytest.fixture(params=[grants.LOOK, grants.APPLY])
def connection(
    request: pytest.FixtureRequest, postgres: servers.Server, database: str
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Connect as each role in turn."""
    with psycopg.connect(
        host=postgres.home, port=postgres.port, user=request.param, dbname=database, autocommit=True
    ) as opened:
        yield opened


def allowed(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> bool:
    """Tell whether the role may run a statement."""
    try:
        connection.execute(statement)
    except InsufficientPrivilege:
        return False
    return True


@pytest.mark.parametrize(
    ("statement", "look", "apply"),
    [
        ("SELECT * FROM people", True, True),
        ('SELECT * FROM "Sales Data"."Orders"', True, True),
        ("SELECT * FROM secrets", False, False),
        ("UPDATE people SET email = NULL", False, True),
        ("SELECT email FROM people FOR UPDATE", False, True),
        ("UPDATE people SET name = NULL", False, False),
        ("UPDATE people SET vip = false", False, False),
        ("DELETE FROM people", False, False),
        ("INSERT INTO people VALUES (2)", False, False),
        ("TRUNCATE visits", False, False),
        ("UPDATE lines SET text = NULL", False, True),
        ("DELETE FROM lines", False, False),
        ("SELECT id FROM visits FOR UPDATE", False, True),
        ("DELETE FROM visits", False, True),
        ('UPDATE "Sales Data"."Orders" SET total = 0', False, False),
        ("CREATE TABLE public.mine (id int)", False, False),
        ("CREATE TABLE troth.troth_batches (id int)", False, True),
        ("CREATE TEMPORARY TABLE t (id int)", True, True),
    ],
)
def test_rights(
    connection: psycopg.Connection[tuple[object, ...]], statement: str, look: bool, apply: bool
) -> None:
    """The looker only reads what is mapped or on the way; the applier changes what the map declares."""
    expected = look if connection.info.user == grants.LOOK else apply
    assert allowed(connection, statement) is expected


def test_what_is_not_there_is_said(database: str, postgres: servers.Server) -> None:
    """A mapped dataset that does not exist is a comment, not a failing grant."""
    catalog = introspect.read(sql.connect(postgres.url(database)), "app")
    assert "app.gone is in the data map but not in the database" in grants.grants(
        catalog, DataMap.model_validate(MAP), "postgresql"
    )


def test_a_smaller_map_takes_rights_back(database: str, postgres: servers.Server) -> None:
    """Running the grants of a smaller map revokes what it no longer needs."""
    catalog = introspect.read(sql.connect(postgres.url(database)), "app")
    smaller = DataMap.model_validate({"datasets": {"app.visits": {}}})
    postgres.run_script(database, grants.grants(catalog, smaller, "postgresql"))
    with psycopg.connect(
        host=postgres.home, port=postgres.port, user=grants.LOOK, dbname=database
    ) as looking:
        assert not allowed(looking, "SELECT * FROM people")


def test_sqlite_says_that_it_has_no_roles(tmp_path: object) -> None:
    """For SQLite the answer is advice on files."""
    engine = sql.connect("sqlite://")
    text = grants.grants(introspect.read(engine, "app"), DataMap(), "sqlite")
    assert "no roles" in text and all(line.startswith("--") for line in text.splitlines())
