"""What the console's navigation lists, in order: a screen's name, the words for it, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of the navigation."""

    name: str
    words: str
    address: str


SCREENS = (
    ("today", "Today"),
    ("requests", "Requests"),
    ("promises", "Promises"),
    ("plans", "Plans"),
    ("data", "Data map"),
    ("holds", "Holds"),
    ("evidence", "Evidence"),
    ("laws", "Laws"),
    ("mail", "Mail"),
    ("jobs", "Jobs"),
    ("settings", "Settings"),
)
"""URL name of each screen's first page in the namespace `console`, and what people call it."""


def items() -> tuple[Item, ...]:
    """Return the entries whose screens are there."""
    found = []
    for name, words in SCREENS:
        try:
            found.append(Item(name=name, words=words, address=reverse(f"console:{name}")))
        except NoReverseMatch:
            continue
    return tuple(found)


def current(path: str, entries: tuple[Item, ...]) -> str:
    """Return the name of the entry a page belongs to: the longest address it lies under."""
    under = [
        one
        for one in entries
        if path == one.address or (path.startswith(one.address) and one.name != "today")
    ]
    return max(under, key=lambda one: len(one.address)).name if under else ""
