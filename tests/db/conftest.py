"""Fixtures for tests on real databases: a PostgreSQL and a MariaDB server per process, a database per test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from db import mariadb, servers

pytest.register_assert_rewrite("db.contract")


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Server]:
    """Start the server of this process; fail when none is installed, skip only with TROTH_REQUIRE_POSTGRES=0."""
    try:
        servers.find_binaries()
    except servers.NoServerError as missing:
        if os.environ.get("TROTH_REQUIRE_POSTGRES") == "0":
            pytest.skip(str(missing))
        pytest.fail(str(missing), pytrace=False)
    server = servers.start(die_with_parent=True)
    yield server
    servers.stop(server)


@pytest.fixture
def new_pg_url(postgres: servers.Server) -> Iterator[Callable[[], str]]:
    """Make any number of empty databases; each call returns the URL of a new one, all dropped at the end."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres.create_database())
        return postgres.url(made[-1])

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture
def pg_url(new_pg_url: Callable[[], str]) -> str:
    """Return the SQLAlchemy URL (`postgresql://…`) of an empty database."""
    return new_pg_url()


@pytest.fixture
def logged_pg_url(pg_url: str, postgres: servers.Server) -> str:
    """Return the URL of an empty database whose server writes every statement with its values into its log."""
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET log_min_duration_statement = 0')
    return pg_url


@pytest.fixture(scope="session")
def maria() -> Iterator[mariadb.Server]:
    """Start the MariaDB server of this process; fail when none is there, skip only with TROTH_REQUIRE_MARIADB=0."""
    try:
        mariadb.find("mariadbd")
    except mariadb.NoServerError as missing:
        if os.environ.get("TROTH_REQUIRE_MARIADB") == "0":
            pytest.skip(str(missing))
        pytest.fail(str(missing), pytrace=False)
    server = mariadb.start(die_with_parent=True)
    yield server
    mariadb.stop(server)


@pytest.fixture
def new_mariadb_url(maria: mariadb.Server) -> Iterator[Callable[[], str]]:
    """Make any number of empty databases; each call returns the URL of a new one, all dropped at the end."""
    made: list[str] = []

    def make() -> str:
        made.append(maria.create_database())
        return maria.url(made[-1])

    yield make
    for name in made:
        maria.drop_database(name)


@pytest.fixture
def mariadb_url(new_mariadb_url: Callable[[], str]) -> str:
    """Return the SQLAlchemy URL (`mariadb://…`) of an empty database."""
    return new_mariadb_url()
