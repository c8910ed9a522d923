"""A rule whose event no dataset dates: nobody can tell when its period began."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem, nearest

OF_TROTH = frozenset(["purposes.end"])
"""Events that are worked out, not dated by a column."""


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each rule over mapped data whose event is dated nowhere."""
    dated = {event for dataset in given.datamap.datasets.values() for event in dataset.anchors}
    dated |= set(given.datamap.events) | OF_TROTH
    used = {kept.rule for kept in given.kept()}
    for name, rule in given.policy.retention.items():
        for key, event in (("after", rule.after), ("until", rule.until)):
            if event and event not in dated and (name in used or (rule.at_most and used)):
                say = Say(
                    f"No dataset says which column dates `{event}`.",
                    f"Add `anchors: {{{event}: some_column}}` to the dataset, or `{event}` under `events`.",
                    nearest=nearest(event, dated),
                )
                yield given.finding("no-anchor", ("retention", name, key), say, f"retention.{name}")
