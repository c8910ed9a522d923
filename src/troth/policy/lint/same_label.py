"""Two datasets that people would know by the same words: a reader cannot tell which is which."""

from __future__ import annotations

from collections.abc import Iterator

from troth.catalog import headings
from troth.policy.lint.given import Given, Say
from troth.problems import Problem


def find(given: Given) -> Iterator[Problem]:
    """Yield a finding for each label that another dataset has too, or that is the heading made of its name."""
    labels = {name: dataset.label for name, dataset in given.datamap.datasets.items()}
    alike: dict[str, list[str]] = {}
    for name, label in labels.items():
        alike.setdefault(headings.same(headings.heading(name, label)), []).append(name)
    for first, *rest in alike.values():
        labelled = [name for name in rest if labels[name]]
        if labelled:
            yield from (_said(given, name, first, labels[name]) for name in labelled)
        elif rest and labels[first]:
            yield _said(given, first, rest[0], labels[first])


def _said(given: Given, name: str, other: str, label: str) -> Problem:
    say = Say(
        f"{name} is called “{label}”, and so is {other}.",
        "Give each a label of its own, by what a person would tell them apart.",
        found=label,
    )
    return given.finding("same-label", ("datasets", name, "label"), say, name)
