"""Addresses of batches."""

from __future__ import annotations

import pytest

from troth.apply.ports import Span, span_at


@pytest.mark.parametrize(("low", "high"), [(0, 32), (-31, -20), (-5, 3)])
def test_an_address_is_read_back(low: int, high: int) -> None:
    """Numbers of rows may be negative; their addresses are read back all the same."""
    span = Span(leaf=2, low=low, high=high)
    assert span_at(span.address) == span
