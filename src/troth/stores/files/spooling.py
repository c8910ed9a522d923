"""Bring records into the order of people without holding them: through a file without a name, gone when it closes."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterable, Iterator

from troth.apply.people import Record


def by_person(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records person by person, each person's in the order they came."""
    places: dict[int, array[int]] = {}
    with tempfile.TemporaryFile() as file:
        for record in records:
            places.setdefault(record.person, array("q")).append(file.tell())
            pickle.dump(record, file)
        for _, starts in sorted(places.items()):
            for start in starts:
                file.seek(start)
                found = pickle.load(file)  # noqa: S301 - written here, and nobody else can open the file
                assert isinstance(found, Record)
                yield found
