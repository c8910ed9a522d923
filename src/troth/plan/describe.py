"""A plan as sentences for people: what goes, what is emptied, what stays and why.

Made from the same steps that are run. With the policy at hand a rule is told in its own words ("account.closed
was more than 2 years ago"); without it by its promise id. Names, counts and dates only, never another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from troth.periods import Period
from troth.plan.groups import promise_id
from troth.plan.model import (
    Blank,
    Change,
    ChangeFields,
    Coarsen,
    DeleteRows,
    Kept,
    Plan,
    Prune,
    Replace,
    Step,
    Tally,
    Unproven,
)
from troth.policy.model import PeriodBy, Policy, Retention

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COARSER = {"ip-prefix": "its network", "month": "its month", "year": "its year"}


def plan(made: Plan, policy: Policy | None = None) -> Iterator[str]:
    """Yield the whole plan: steps in order, then what stays, then what is unproven."""
    for each in made.steps:
        yield step(each, policy)
    for entry in made.kept:
        yield kept(entry)
    for gap in made.unproven:
        yield unproven(gap)


def step(made: Step, policy: Policy | None = None) -> str:
    """Say what a step does, to how many rows, and by which rules."""
    ended = _ended(made.promises, policy)
    match made:
        case DeleteRows():
            return f"Delete {_rows(made.planned)} of {made.dataset} whose {ended}{_dates(made.planned)}."
        case ChangeFields(why="unlink"):
            names = _listed([c.column for c in made.changes])
            return (
                f"Empty {names} in {_rows(made.planned)} of {made.dataset} that are over, "
                "because rows refer to each other in a circle."
            )
        case ChangeFields(why="detach"):
            names = _listed([c.column for c in made.changes])
            return f"Cut the link to the person ({names}) in {_rows(made.planned)} of {made.dataset} whose {ended}."
        case ChangeFields():
            what = "; ".join(_changes(made.changes))
            return f"{what} in {_rows(made.planned)} of {made.dataset} whose {ended}{_dates(made.planned)}."
        case _:
            assert_never(made)


def kept(entry: Kept) -> str:
    """Say which rows stay, and why."""
    rows = f"{_rows(entry.tally)} of {entry.dataset}"
    one = entry.tally.rows == 1
    stay = "stays" if one else "stay"
    match entry.reason:
        case "hold":
            review = f", to be looked at again on {entry.review}" if entry.review else ""
            return f"{rows} {stay} because of {entry.detail}{review}."
        case "needed-by":
            needs = "it" if one else "them"
            return f"{rows} {stay} because rows of {entry.detail} still need {needs}."
        case "not-started":
            return f"{rows} {'has' if one else 'have'} no date for rule {entry.detail} yet: not started, so unproven."
        case "unreadable":
            return f"{rows} {'has' if one else 'have'} a date for rule {entry.detail} that cannot be read: unproven."
        case "other-controller":
            return f"{rows} {'is' if one else 'are'} held for somebody else, so no rule of ours touches them."
        case "unknown-controller":
            return f"{rows} {'does' if one else 'do'} not say for whom they are held: a person decides."
        case _:
            assert_never(entry.reason)


def unproven(gap: Unproven) -> str:
    """Say what a plan cannot carry out, and why."""
    return f"{gap.promise} is unproven for {gap.dataset}: {gap.message}."


def rule(name: str, said: Retention) -> str:
    """Say when a rule has ended data, in words that follow "whose"."""
    if said.until:
        return f"{said.until} has come"
    if said.after is None:
        return f"{promise_id(name, said)} has ended"
    if isinstance(said.for_, PeriodBy):
        return f"period after {said.after} has passed"
    if isinstance(said.for_, Period) or said.at_most:
        return f"{said.after} was more than {said.period} ago"
    return f"{said.after} has come"


def _ended(promises: tuple[str, ...], policy: Policy | None) -> str:
    rules = {promise_id(n, r): rule(n, r) for n, r in policy.retention.items()} if policy else {}
    said = [rules.get(promise, f"{promise} has ended") for promise in promises]
    return " and ".join(dict.fromkeys(said))


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield one phrase for each kind of change, the first one with a capital."""
    found: dict[str, list[str]] = {}
    for change in changes:
        match change:
            case Blank():
                found.setdefault("blank {}", []).append(change.column)
            case Replace():
                found.setdefault("put a placeholder in {}", []).append(change.column)
            case Prune():
                found.setdefault("take {} out", []).append(".".join((change.column, *change.path)))
            case Coarsen():
                found.setdefault(f"reduce {{}} to {_COARSER[change.to]}", []).append(change.column)
            case _:
                assert_never(change)
    for number, (phrase, columns) in enumerate(found.items()):
        text = phrase.format(_listed(columns))
        yield text if number else text[0].upper() + text[1:]


def _rows(tally: Tally) -> str:
    return f"{tally.rows:,} row{'s' if tally.rows != 1 else ''}"


def _dates(tally: Tally) -> str:
    oldest, newest = _DAY.match(tally.oldest), _DAY.match(tally.newest)
    if oldest is None:
        return ""
    if newest is None or newest[0] == oldest[0]:
        return f" (oldest {oldest[0]})"
    return f" (oldest {oldest[0]}, newest {newest[0]})"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
