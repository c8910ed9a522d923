"""One category in two stores with unequal ends: the short promise in one is undone by the other."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Kept, Say, end_in_words
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each category whose ends differ between stores, at its second place."""
    first: dict[str, Kept] = {}
    told: set[tuple[str, str]] = set()
    for kept in given.kept():
        rule = given.policy.retention.get(kept.rule or "")
        if rule is None:
            continue
        other = first.setdefault(kept.category, kept)
        theirs = given.policy.retention[other.rule or ""]
        if _store(other) == _store(kept) or end_in_words(theirs) == end_in_words(rule):
            continue
        if (kept.dataset, kept.category) not in told:
            told.add((kept.dataset, kept.category))
            say = Say(
                f"`{kept.category}` ends {end_in_words(theirs)} in {other.dataset}, "
                f"but {end_in_words(rule)} in {kept.dataset}.",
                "Make the ends agree, or name the duty that keeps one longer.",
            )
            path = ("datasets", kept.dataset, "fields", kept.category)
            yield given.finding("unequal-retention", path, say, f"{kept.dataset}.{kept.category}")


def _store(kept: Kept) -> str:
    return kept.dataset.partition(".")[0]
