"""Parts of a minimal record and the columns that hold them: a promise to keep them needs both."""

from __future__ import annotations

from collections.abc import Iterator

from troth.policy.lint.given import Given, Say
from troth.problems import Problem, nearest


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each part without a column, and for each column whose part no rule names."""
    used: dict[str, set[str]] = {}
    for kept in given.kept():
        used.setdefault(kept.dataset, set()).add(kept.rule or "")
    for name, dataset in given.datamap.datasets.items():
        rules = {rule: given.policy.retention[rule] for rule in used.get(name, ()) if rule}
        wanted = {label for rule in rules.values() for label in rule.minimal_record}
        for label in sorted(wanted - set(dataset.minimal_record)) if dataset.kept_as in rules else ():
            close = nearest(label, dataset.minimal_record)
            say = Say(
                f"{name} does not say which column holds `{label}` of the minimal record.",
                f"Add `minimal-record: {{{label}: some_column}}` to the dataset.",
                nearest=close,
            )
            yield given.finding("minimal-record-unmapped", ("datasets", name), say, f"{name}.{label}")
        for label in dataset.minimal_record:
            if label not in wanted:
                say = Say(
                    f"No rule that ends data of {name} names `{label}` in its minimal record.",
                    "Name it under the rule's `minimal-record`, or remove it here.",
                    nearest=nearest(label, wanted),
                )
                path = ("datasets", name, "minimal-record", label)
                yield given.finding("minimal-record-unmapped", path, say, f"{name}.{label}")
