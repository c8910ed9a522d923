"""In which roles people stand in the rows of a dataset, as far as the data map alone says it. Pure.

Reads the words of `subject` and `owned-by` without a live schema; what they lead to is worked out in `reach`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.catalog.datamap import Dataset

WAY = re.compile(r"\s*(?P<role>[A-Za-z][\w-]*)(?:\s+via\s+(?P<path>.+?))?\s*")
"""A way as the map writes it: `customer`, `customer via customer_id`, `sender via from_id`."""


def named(dataset: Dataset) -> tuple[str, ...]:
    """List the roles a dataset names, each once; a kind of person where a way names no role."""
    return tuple(dict.fromkeys(role for role, _ in _ways((*dataset.subject, dataset.owned_by))))


def columns(dataset: Dataset) -> frozenset[str]:
    """List the dataset's own columns from which its ways to people start."""
    first = (path.partition(">")[0].partition("=")[0] for _, path in _ways(dataset.subject))
    return frozenset(name.strip() for part in first for name in part.strip(" ()").split(",") if name.strip())


def _ways(several: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for words in several:
        if parts := WAY.fullmatch(words):
            yield parts["role"], parts["path"] or ""
