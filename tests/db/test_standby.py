"""A standby of PostgreSQL: its structure follows the primary's, and it is read from without a table of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from db import servers
from troth.stores.sql import introspect
from troth.stores.sql import open as sql


@pytest.fixture
def standby(postgres: servers.Server, pg_url: str) -> Iterator[servers.Server]:
    """Start a standby of the server, after the database of the test was made."""
    found = servers.standby(postgres)
    yield found
    servers.stop(found)


def _until(said: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not said():
        assert time.monotonic() < deadline, "the standby does not follow"
        time.sleep(0.02)


def test_a_change_that_was_under_way_when_a_standby_was_asked(
    postgres: servers.Server, pg_url: str, standby: servers.Server
) -> None:
    """A table that is committed while an older transaction runs is seen: no snapshot of a standby tells."""
    name = pg_url.rpartition("/")[2]
    postgres.run_script(name, "CREATE TABLE t (id int)")
    primary, engine = sql.connect(pg_url), sql.connect(standby.url(name), readonly=True)

    def there(table: str) -> bool:
        with engine.connect() as connection:
            return bool(sa.inspect(connection).has_table(table))

    with primary.connect() as older, primary.connect() as changing:
        older.execute(sa.text("INSERT INTO t VALUES (1)"))
        changing.execute(sa.text("CREATE TABLE u (id int)"))
        postgres.run_script(name, "CREATE TABLE v (id int)")
        _until(lambda: there("v"))
        assert set(introspect.read(engine, "app").tables) == {"t", "v"}
        changing.commit()
        _until(lambda: there("u"))
        assert set(introspect.read(engine, "app").tables) == {"t", "u", "v"}
    engine.dispose()
    primary.dispose()
