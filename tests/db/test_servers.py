"""The PostgreSQL fixture itself."""

from __future__ import annotations

from collections.abc import Callable

import psycopg


def test_fresh_databases_are_empty_and_apart(new_pg_url: Callable[[], str]) -> None:
    """Two databases of one test do not see each other's tables."""
    first, second = new_pg_url(), new_pg_url()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE a (id int)")
    with psycopg.connect(second) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (0,)
