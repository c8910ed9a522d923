"""Which sizes of row groups are tried for a Parquet file."""

from __future__ import annotations

import pytest

from troth.stores.lake.layout import HELD, Layout


@pytest.mark.parametrize(
    ("group", "width", "sizes"),
    [
        (122_880, 100, [122_880, 20_480, 2_048]),
        (1_000_000, 100, [1_000_000, 122_880, 20_480, 2_048]),
        (1_000_000, HELD // 1_000_000 + 1, [122_880, 20_480, 2_048]),
        (5_000, 50_000, [2_048]),
        (100, 10_000_000, [2_048]),
        (0, 0, [2_048]),
    ],
)
def test_the_old_size_is_kept_where_it_fits(group: int, width: int, sizes: list[int]) -> None:
    """A group is written as large as it was, and smaller where it would take too much memory."""
    assert Layout(group=group, width=width, options=[]).sizes() == sizes
