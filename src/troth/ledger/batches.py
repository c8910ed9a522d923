"""Cut what is written or asked into batches of bounded size, without holding more than one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of at most `size` items, in order, each once."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
