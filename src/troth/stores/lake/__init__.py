"""Files of a lake: Parquet, CSV and JSON lines, one table a dataset, worked on by DuckDB where they lie.

DuckDB is an extra (`pip install 'troth[lake]'`), and imported only when a lake is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from troth.catalog.datamap import Dataset, Store
from troth.stores.lake.folder import folder as located
from troth.stores.lake.store import LakePeople


@contextmanager
def opened(
    name: str, declared: Store, datasets: Mapping[str, Dataset], folder: Path, now: Callable[[], datetime]
) -> Iterator[LakePeople]:
    """Open a lake.

    Args:
        name: The store's name.
        declared: As the data map has it; `files` is its pattern.
        datasets: The datasets of the data map, by full name.
        folder: The project's folder, from which the pattern counts.
        now: The clock.

    Raises:
        StoreError: DuckDB is not installed, nothing matches, or datasets cannot be told apart.
    """
    own = {dataset: one for dataset, one in datasets.items() if dataset.startswith(f"{name}.")}
    lake = LakePeople(
        name=name,
        where=located(name, declared, own, folder),
        declared={dataset: personal(one) for dataset, one in own.items()},
        now=now,
    )
    lake.look()
    yield lake


def personal(dataset: Dataset) -> frozenset[str]:
    """Name the columns of a dataset that the data map calls personal."""
    return frozenset(field.name for fields in dataset.fields.values() for field in fields)
