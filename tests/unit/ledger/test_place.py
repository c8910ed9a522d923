"""URLs of ledgers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import StoreError
from troth.ledger.place import PostgresPlace, SQLitePlace, parse


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///a/b.sqlite", SQLitePlace(path=Path("a/b.sqlite"))),
        ("sqlite:////a/b.sqlite", SQLitePlace(path=Path("/a/b.sqlite"))),
        ("sqlite:////a%20?/b.sqlite", SQLitePlace(path=Path("/a%20?/b.sqlite"))),
        ("postgresql:///troth", PostgresPlace(database="troth")),
        ("postgres://h/d", PostgresPlace(database="d", host="h")),
        (
            "postgresql+psycopg://u:p@h:5433/d?sslmode=require",
            PostgresPlace(
                database="d", host="h", port="5433", user="u", password="p", options=(("sslmode", "require"),)
            ),
        ),
        ("postgresql://u@[::1]:5433/d", PostgresPlace(database="d", host="::1", port="5433", user="u")),
        ("postgresql:///d?host=/run/pg", PostgresPlace(database="d", host="/run/pg")),
    ],
)
def test_urls_are_read(url: str, place: object) -> None:
    """Each part is found where SQLAlchemy and libpq put it."""
    assert parse(url) == place


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=20))
def test_any_password_may_be_encoded(password: str) -> None:
    """A percent-encoded password comes back as it is."""
    from urllib.parse import quote

    place = parse(f"postgresql://u:{quote(password, safe='')}@h/d")
    assert isinstance(place, PostgresPlace)
    assert (place.password, place.host, place.database) == (password, "h", "d")


@pytest.mark.parametrize("password", ["a@b", "a/b", "100%", "a:b", "a?b", "@:/?%", "a@b/c%d"])
def test_a_raw_password_works(password: str) -> None:
    """Signs that have a meaning in URLs may stand in a password as they are."""
    place = parse(f"postgresql://u:{password}@h:5432/d")
    assert isinstance(place, PostgresPlace)
    assert (place.user, place.password, place.host, place.database) == ("u", password, "h", "d")


@pytest.mark.parametrize(
    "url", ["", "ledger.sqlite", "mysql://u:s3cret@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://h"]
)
def test_other_urls_are_refused(url: str) -> None:
    """What cannot be a ledger says what can; the URL is not repeated."""
    with pytest.raises(StoreError, match="ledger's URL") as caught:
        parse(url)
    assert "s3cret" not in str(caught.value)


def test_a_place_shows_no_password() -> None:
    """Neither words nor repr of a place hold the password."""
    place = parse("postgresql://u:s3cret@h/d")
    assert "s3cret" not in str(place) + repr(place)
    assert str(place) == "the PostgreSQL database 'd' on h"
