"""What datasets are called where people read: by the map's `label`, else by words made of their names. Pure.

Exports, the console and the linter all take headings from here, so that they say the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


def heading(dataset: str, label: str = "") -> str:
    """Return the heading of one dataset: its label, or for `app.support_tickets` "Support tickets"."""
    if label:
        return label
    rest = dataset.partition(".")[2].replace("_", " ")
    said = " ".join(_WORDS.findall(rest)) or dataset
    return said[0].upper() + said[1:]


def same(one: str) -> str:
    """Return what is equal of headings that a reader takes for the same: case and white space aside."""
    return " ".join(one.split()).casefold()


def headings(labels: Mapping[str, str]) -> Mapping[str, str]:
    """Return a heading for each dataset, none like another's.

    Where two would be the same, the store stands in brackets; in one store, the whole name of the dataset.

    Args:
        labels: The label of each dataset, by its name; empty where the map gives none.
    """
    said = {name: heading(name, label) for name, label in labels.items()}
    alike = Counter(same(one) for one in said.values())
    here = Counter((_store(name), same(one)) for name, one in said.items())
    return {
        name: one
        if alike[same(one)] == 1
        else f"{one} ({_store(name) if here[_store(name), same(one)] == 1 else name})"
        for name, one in said.items()
    }


def _store(dataset: str) -> str:
    return dataset.partition(".")[0]
