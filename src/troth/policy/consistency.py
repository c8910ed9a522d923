"""The grammar of retention rules beyond single keys: which keys exclude one another.

Every fault names the keys, where they stand and what the language means by each. What is merely missing (a
rule without start or end, as published policies have them) is a finding of `lint`, not a fault.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from troth.grammar.nodes import Path, Place
from troth.policy.model import Policy, Retention
from troth.problems import Problem
from troth.spans import Span

Places = Mapping[Path, Place]


def faults(policy: Policy, places: Places, faulty: Collection[Path] = ()) -> Iterator[Problem]:
    """Yield a fault for each pair of keys that exclude one another; rules that are faulty anyway are left out."""
    for name, rule in policy.retention.items():
        if ("retention", name) in faulty:
            continue
        for keys, message, hint in _clashes(rule):
            yield _conflict(("retention", name), keys, message, hint, places)


def _clashes(rule: Retention) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield the keys that clash, why, and what to do."""
    if rule.for_ is not None and rule.until is not None:
        yield (
            ("for", "until"),
            "A rule ends by a period (`for`) or by an event (`until`), not by both.",
            ("Keep one; a cap over an event is a rule of its own with `at-most`."),
        )
    if rule.for_ is not None and rule.at_most is not None:
        yield (
            ("for", "at-most"),
            "A rule is a period (`for`) or a cap over other rules (`at-most`).",
            ("Put the cap into a rule of its own, with `over: [this rule]`."),
        )
    if rule.until is not None and rule.at_most is not None:
        yield (
            ("until", "at-most"),
            "A rule ends by an event (`until`) or is a cap (`at-most`), not both.",
            ("Put the cap into a rule of its own, with `over: [this rule]`."),
        )
    if rule.until is not None and rule.after is not None:
        yield (
            ("until", "after"),
            "`until` names the end itself; `after` names the start of a period.",
            ("Remove `after`, or write `for: … after: …`."),
        )
    yield from _ever(rule)
    yield from _caps(rule)
    if rule.inactive is not None and rule.after is None and rule.until is None:
        yield (
            ("inactive",),
            "`inactive` says when an event counts as come, and this rule names none.",
            ("Name the event with `after` or `until`."),
        )


def _ever(rule: Retention) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if rule.for_ == "ever" and rule.after is not None and not rule.without_person:
        yield ("for", "after"), "`for: ever` never ends, so nothing can run from `after`.", "Remove `after`."
    if rule.without_person and rule.for_ != "ever":
        yield (
            ("without-person",),
            "`without-person` says what stays for ever; the rule is not `for: ever`.",
            ("Write `for: ever`, or say `on-expiry: keep-without-person` in the data map."),
        )


def _caps(rule: Retention) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if rule.over and rule.at_most is None:
        yield (
            ("over",),
            "`over` names the rules a cap stands over; the rule has no `at-most`.",
            ("Add `at-most`, or remove `over`."),
        )


def _conflict(path: Path, keys: tuple[str, ...], message: str, hint: str, places: Places) -> Problem:
    spans = [places[(*path, key)].key for key in keys if (*path, key) in places]
    last: Span | None = max(spans, default=None)
    return Problem(
        code="conflicting-keys",
        message=message,
        span=last,
        found=" and ".join(keys),
        hint=hint,
        about=str(path[-1]),
    )
