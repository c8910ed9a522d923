"""A published text without the date of its version: nobody can tell which text was in force."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when a text or address is given and no version."""
    published = given.policy.published
    if published.version is None and (published.text or published.url or given.text):
        say = Say("The published text has no date.", "Add `version: 2025-05-23` under `published`.")
        yield given.finding("version-without-date", ("published",), say, "published.version")
