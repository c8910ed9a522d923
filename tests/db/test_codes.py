"""One-time codes in a real ledger, guessed at by several at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

END = AT + timedelta(minutes=15)


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def test_guesses_at_the_same_moment_all_count(book: Ledger) -> None:
    """Of twelve wrong guesses four are wrong, the others find a dead code, and so does the right one."""
    book.codes.keep("12345678", case=1, at=AT, expires=END)

    def guess(number: int) -> str:
        said = book.codes.guess(f"0000{number:04}", case=1, at=AT).said
        from django.db import connections

        connections[book.session.alias].close()
        return said

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(guess, range(12)))
    assert said == ["dead"] * 8 + ["wrong"] * 4
    assert book.codes.guess("12345678", case=1, at=AT).said == "dead"


def test_a_new_code_takes_the_place_of_the_old(book: Ledger) -> None:
    """Only the last one made can be given, and only until its end."""
    book.codes.keep("11111111", case=1, at=AT, expires=END)
    book.codes.keep("22222222", case=1, at=AT, expires=END)
    assert book.codes.guess("11111111", case=1, at=AT).said == "wrong"
    assert book.codes.waiting(1, at=END)
    assert not book.codes.waiting(1, at=END + timedelta(seconds=1))
    assert book.codes.guess("22222222", case=1, at=END).said == "right"
    assert not book.codes.waiting(1, at=AT)


def test_an_older_key_still_compares(tmp_path: Path) -> None:
    """A code made before the keys were rotated is still right; nothing of it stands in clear."""
    url = f"sqlite:///{tmp_path}/l.sqlite"
    book = ledger.open(url, keys_dir=tmp_path / "keys")
    book.codes.keep("12345678", case=1, at=AT, expires=END)
    data = b"".join(path.read_bytes() for path in tmp_path.glob("l.sqlite*"))
    assert b"12345678" not in data
    rotated = type(book.sealing)(secret=b"n" * 32, older=(book.sealing.secret, *book.sealing.older))
    codes = type(book.codes)(session=book.session, sealing=rotated)
    assert codes.guess("12345678", case=1, at=AT).said == "right"
    book.close()
