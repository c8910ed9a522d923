"""A processor with purposes of its own: for those it is a controller (GDPR Art. 28(10))."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding when the organisation calls itself a processor only, and states purposes."""
    roles = given.policy.organisation.roles
    if "processor" in roles and "controller" not in roles and given.policy.purposes:
        say = Say(
            f"The organisation is a processor only, yet it has {len(given.policy.purposes)} purposes of its own.",
            "Add `controller` to `roles`, and say under `controller` in the map whose data each dataset is.",
        )
        yield given.finding(
            "processor-with-own-purpose", ("organisation", "roles"), say, "organisation.roles"
        )
