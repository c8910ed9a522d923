"""A store that does not say in which country its data rests."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each store without `located`."""
    for name, store in given.datamap.stores.items():
        if not store.located:
            say = Say(f"The store `{name}` does not say where its data rests.", "Add `located: US`.")
            yield given.finding("store-without-location", ("stores", name), say)
