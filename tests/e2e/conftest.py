"""Fixtures for tests of the installed command: a small shop on SQLite, on PostgreSQL, or on both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.conftest import maria, mariadb_url, new_mariadb_url, new_pg_url, pg_url, postgres
from e2e.shops import Shop

__all__ = ["maria", "mariadb_url", "new_mariadb_url", "new_pg_url", "pg_url", "postgres"]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a project with a SQLite store of 40 customers."""
    return Shop.make(tmp_path / "shop", f"sqlite:///{tmp_path}/shop.sqlite")


@pytest.fixture
def pg_shop(tmp_path: Path, new_pg_url: Callable[[], str]) -> Shop:
    """Return the same project with a PostgreSQL store."""
    return Shop.make(tmp_path / "shop", new_pg_url())


@pytest.fixture(params=["sqlite", "postgresql"])
def any_shop(request: pytest.FixtureRequest) -> Shop:
    """Return the project on each kind of database in turn."""
    made: Shop = request.getfixturevalue("shop" if request.param == "sqlite" else "pg_shop")
    return made
