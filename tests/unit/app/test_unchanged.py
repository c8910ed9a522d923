"""What follows from unchanged objects is worked out once, and again for any other."""

from __future__ import annotations

from itertools import count

from troth.app import unchanged


def test_once_for_the_very_same_objects() -> None:
    """Whoever asks for the same again gets the same."""
    made, parts = count(), ([], {})
    assert [unchanged.kept(parts, "key", made.__next__) for _ in range(2)] == [0, 0]


def test_again_for_equal_objects_and_other_keys() -> None:
    """Equal is not the same: a file that was read again may differ where nobody compares."""
    made, one, other = count(), [], []  # type: ignore[var-annotated]
    asked = (((one,), "a"), ((other,), "a"), ((one,), "b"), ((one, other), "a"))
    assert [unchanged.kept(parts, key, made.__next__) for parts, key in asked] == [0, 1, 2, 3]


def test_numbers_are_not_taken_for_objects_that_went() -> None:
    """An object lives as long as what was made of it is kept, so that no new one comes by its number."""
    made = count()
    found = [unchanged.kept(([],), "key", made.__next__) for _ in range(unchanged.MOST)]
    assert found == list(range(unchanged.MOST))
