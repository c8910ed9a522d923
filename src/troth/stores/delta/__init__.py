"""Delta tables: read by delta-rs, rewritten by DuckDB, one commit a batch and table.

Both are extras (`pip install 'troth[lake]'`), and imported only when a table is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from troth.catalog.datamap import Dataset, Store
from troth.stores.delta.store import DeltaPeople
from troth.stores.lake import personal
from troth.stores.lake.folder import folder as located


@contextmanager
def opened(
    name: str, declared: Store, datasets: Mapping[str, Dataset], folder: Path, now: Callable[[], datetime]
) -> Iterator[DeltaPeople]:
    """Open Delta tables.

    Args:
        name: The store's name.
        declared: As the data map has it; `files` names the table's folder, or folders with `{dataset}`.
        datasets: The datasets of the data map, by full name.
        folder: The project's folder, from which the pattern counts.
        now: The clock.

    Raises:
        StoreError: an extra is not installed, there is no table, or datasets cannot be told apart.
    """
    own = {dataset: one for dataset, one in datasets.items() if dataset.startswith(f"{name}.")}
    tables = DeltaPeople(
        name=name,
        where=located(name, declared, own, folder),
        declared={dataset: personal(one) for dataset, one in own.items()},
        now=now,
    )
    tables.look()
    yield tables
