"""Reading database URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import StoreError
from troth.stores.sql import open as sql


@pytest.mark.parametrize(
    ("url", "user", "password", "host", "port", "database"),
    [
        ("postgresql://u:p@h/db", "u", "p", "h", None, "db"),
        ("postgresql://u:p%40%2F%25@h:5433/db", "u", "p@/%", "h", 5433, "db"),
        ("postgresql://u:p@/%@h:5433/db", "u", "p@/%", "h", 5433, "db"),
        ("postgres://u:a@b@c.example/db", "u", "a@b", "c.example", None, "db"),
        ("postgresql+psycopg://u:50%/x@h/db?sslmode=require", "u", "50%/x", "h", None, "db"),
        ("postgresql://u@/db?host=/tmp", "u", None, None, None, "db"),
        ("postgresql://u:p@[::1]:5432/db", "u", "p", "::1", 5432, "db"),
        ("postgresql://u:p:q@h/db", "u", "p:q", "h", None, "db"),
        ("mariadb://u:a@b/c%25'@h:3307/db", "u", "a@b/c%'", "h", 3307, "db"),
        ("mysql+pymysql://u:p@/%@h/db", "u", "p@/%", "h", None, "db"),
    ],
)
def test_server_urls(
    url: str, user: str, password: str | None, host: str | None, port: int | None, database: str
) -> None:
    """Every part is found, encoded or not."""
    read = sql.read_url(url)
    assert (read.username, read.password, read.host, read.port, read.database) == (
        user,
        password,
        host,
        port,
        database,
    )


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=20))
def test_any_encoded_password_comes_back(password: str) -> None:
    """Percent-encoding always works, whatever the password."""
    from urllib.parse import quote

    assert sql.read_url(f"postgresql://u:{quote(password, safe='')}@h/db").password == password


@pytest.mark.parametrize("url", ["nonsense", "oracle://u:s3cret@h/db", "postgresql://u:s3cret@ho st:99/db"])
def test_unreadable_urls_keep_their_secrets(url: str) -> None:
    """A URL that cannot be read is refused without being repeated."""
    with pytest.raises(StoreError) as caught:
        sql.read_url(url, store="app")
    assert "s3cret" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("scheme", ["mariadb", "mysql", "mysql+pymysql", "mariadb+pymysql"])
def test_every_way_to_write_mariadb(scheme: str) -> None:
    """MariaDB and MySQL share a protocol and a driver; what the server is shows when it answers."""
    read = sql.read_url(f"{scheme}://ann@h/shop")
    assert read.drivername == "mariadb+pymysql"
    assert sql.describe(read) == "host h, port 3306, database shop, user ann"
