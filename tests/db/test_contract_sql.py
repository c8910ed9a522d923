"""Databases fulfil the contract of stores that can erase people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.contract import Contract, Harness
from db.contract_sql import SqlHarness


class TestSqlite(Contract):
    kill_points = 8

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a database file."""
        file = tmp_path / "app.db"
        file.touch()
        return SqlHarness(f"sqlite:///{file}")


@pytest.mark.postgres
class TestPostgresql(Contract):
    kill_points = 6

    @pytest.fixture
    def harness(self, new_pg_url: Callable[[], str]) -> Harness:
        """Return an empty database of the test server."""
        return SqlHarness(new_pg_url())


@pytest.mark.mariadb
class TestMariadb(Contract):
    kill_points = 4

    @pytest.fixture
    def harness(self, new_mariadb_url: Callable[[], str]) -> Harness:
        """Return an empty database of the test server."""
        return SqlHarness(new_mariadb_url())
