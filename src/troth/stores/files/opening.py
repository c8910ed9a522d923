"""Open a store of files as the data map declares it, with one dataset."""

from __future__ import annotations

from collections.abc import Mapping

from troth.catalog.datamap import Dataset
from troth.errors import StoreError


def dataset(store: str, datasets: Mapping[str, Dataset], usual: str) -> tuple[str, frozenset[str]]:
    """Return the store's one dataset and its personal columns.

    Args:
        store: Name of the store.
        datasets: What the data map has of it.
        usual: Bare name of the dataset where the map has none yet.

    Raises:
        StoreError: the map gives the store several datasets.
    """
    if len(datasets) > 1:
        raise StoreError(
            f"Store `{store}`: expected one dataset, found {len(datasets)}: {', '.join(sorted(datasets))}.",
            hint="Such a store has one kind of row: declare a store of its own, with its own files, for each.",
        )
    for name, found in datasets.items():
        fields = (field.name for listed in found.fields.values() for field in listed)
        return name, frozenset((*fields, *found.free_text))
    return f"{store}.{usual}", frozenset()
