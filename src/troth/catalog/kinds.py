"""Kinds of people that share a dataset: its key says which of them a row is, so no two may have the same.

Pure. What the data map says is wrong by itself; whether the columns are there is asked of the live schema (`reach`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from troth.catalog.datamap import DataMap
from troth.grammar.nodes import Path, Place
from troth.problems import Problem


def faults(
    datamap: DataMap, places: Mapping[Path, Place], faulty: Collection[Path] = ()
) -> Iterator[Problem]:
    """Yield a fault for each kind of people that is another one over again; what is faulty anyway is left out."""
    known: dict[tuple[str, frozenset[str]], str] = {}
    for name, subject in datamap.subjects.items():
        if ("subjects", name) in faulty:
            continue
        first = known.setdefault((subject.dataset, frozenset(subject.key)), name)
        if first != name:
            yield _doubled(name, first, subject.dataset, ", ".join(subject.key), places)


def _doubled(name: str, first: str, dataset: str, key: str, places: Mapping[Path, Place]) -> Problem:
    place = places.get(("subjects", name, "key")) or places.get(("subjects", name))
    return Problem(
        code="same-subject",
        message=f"`{name}` is `{first}` over again: both are rows of {dataset} by the same key, so nothing tells "
        "whether a row is one or the other.",
        span=place.value if place else None,
        found=key,
        hint=f"Keep one, and put its identities together; where `{dataset}` has another column that names a "
        f"`{name}` and no other, write that as its key.",
        about=name,
    )
