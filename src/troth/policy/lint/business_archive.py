"""An archive kept for business reasons while its end is a legal one, or an end that differs from its source's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.policy.lint.given import Given, Say, end_in_words
from troth.problems import Problem

_BUSINESS = re.compile(r"\b(?:business|commercial|convenience|analytics|marketing)\b", re.IGNORECASE)
_ARCHIVE = re.compile(r"\barchiv", re.IGNORECASE)


def find(given: Given) -> Iterator[Problem]:
    """Yield findings from the rules, from the data map and from the text."""
    for name, rule in given.policy.retention.items():
        if _BUSINESS.search(rule.because):
            say = Say(
                f"`{name}` is kept because of business: that is no duty.", "Name the duty, or drop `because`."
            )
            yield given.finding(
                "archive-for-business", ("retention", name, "because"), say, f"retention.{name}"
            )
    yield from _archives(given)
    for sentence in given.sentences:
        match = _BUSINESS.search(sentence.text)
        if match and _ARCHIVE.search(sentence.text):
            say = Say(
                "The text archives data for business reasons.", "An archive ends with what it archives."
            )
            yield given.remark("archive-for-business", sentence, say)


def _archives(given: Given) -> Iterator[Problem]:
    for name, dataset in given.datamap.datasets.items():
        source = given.datamap.datasets.get(dataset.archive_of)
        ends = given.policy.retention
        mine, theirs = ends.get(dataset.kept_as or ""), ends.get(source.kept_as or "") if source else None
        if mine and theirs and end_in_words(mine) != end_in_words(theirs):
            say = Say(
                f"{name} archives {dataset.archive_of}, and ends at another time.",
                "Keep the archive as what it archives, or name the duty that keeps it longer.",
            )
            yield given.finding("archive-for-business", ("datasets", name, "archive-of"), say, name)
