"""What is worked out from a structure is made once for the same structure, and again for any other."""

from __future__ import annotations

from itertools import count

import pytest

from troth.catalog.model import Catalog
from troth.stores.sql import memory


def catalog(dialect: str = "postgresql") -> Catalog:
    """Return a structure of its own."""
    return Catalog(store="app", dialect=dialect, tables={})


def test_once_for_the_same_structure_and_key() -> None:
    """The second asking gets the very same thing."""
    made, known = count(), catalog()
    assert [memory.remembered(known, "key", made.__next__) for _ in range(2)] == [0, 0]


def test_again_for_another_key_or_structure() -> None:
    """An equal structure that is another object may come from another database."""
    made, known, other = count(), catalog(), catalog()
    assert known == other
    found = [memory.remembered(one, key, made.__next__) for one, key in ((known, 1), (known, 2), (other, 1))]
    assert found == [0, 1, 2]


@pytest.mark.parametrize("dialect", ["sqlite", "mariadb"])
def test_never_where_structures_are_read_anew(dialect: str) -> None:
    """Where each opening makes a new structure, keeping anything would only fill memory."""
    made, known = count(), catalog(dialect)
    assert [memory.remembered(known, "key", made.__next__) for _ in range(2)] == [0, 1]


def test_what_was_not_used_for_longest_goes() -> None:
    """Memory stays flat, and what is used stays."""
    made, known = count(), catalog()
    for key in range(memory.MOST):
        memory.remembered(known, ("old", key), made.__next__)
    first = memory.remembered(known, ("old", 0), made.__next__)
    memory.remembered(known, "new", made.__next__)
    assert memory.remembered(known, ("old", 0), made.__next__) == first == 0
    assert memory.remembered(known, ("old", 1), made.__next__) > memory.MOST
