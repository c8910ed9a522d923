"""Findings someone lives with for a while: owner, reason, and a day on which it is looked at again.

An acceptance that has run out hides nothing and is a finding itself; so is one that matches nothing, which
would hide a finding nobody has looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from troth.codes import Severity
from troth.policy.lint.given import Given, Say
from troth.policy.model import Acceptance
from troth.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Findings parted by whether someone accepted them."""

    open: tuple[Problem, ...]
    accepted: tuple[tuple[Problem, Acceptance], ...]


def sort(given: Given, problems: Iterable[Problem], made: Collection[str]) -> Sorted:
    """Part findings into open and accepted ones; add what is wrong with the acceptances.

    Args:
        given: the project, with its acceptances and the date.
        problems: what was found; faults are never accepted.
        made: codes that were looked for: an acceptance of another code cannot be called unused.
    """
    shown: list[Problem] = []
    accepted: list[tuple[Problem, Acceptance]] = []
    used: set[int] = set()
    for problem in problems:
        index = _match(given, problem)
        if index is not None:
            used.add(index)
        if index is None or given.policy.accepted[index].until < given.at:
            shown.append(problem)
        else:
            accepted.append((problem, given.policy.accepted[index]))
    for index, acceptance in enumerate(given.policy.accepted):
        shown += _wrong(given, index, acceptance, index in used, made)
    return Sorted(open=tuple(shown), accepted=tuple(accepted))


def _match(given: Given, problem: Problem) -> int | None:
    """Find the acceptance of a finding; one that still runs comes before one that has run out."""
    if problem.severity is Severity.FAULT:
        return None
    every = enumerate(given.policy.accepted)
    fitting = [i for i, a in every if a.finding == problem.code and a.about in ("", problem.about)]
    return max(fitting, key=lambda i: given.policy.accepted[i].until, default=None)


def _wrong(
    given: Given, index: int, acceptance: Acceptance, used: bool, made: Collection[str]
) -> Iterable[Problem]:
    about = f"{acceptance.finding} {acceptance.about}".strip()
    if acceptance.until < given.at:
        message = f"The acceptance of `{acceptance.finding}` ended on {acceptance.until}."
        say = Say(message, "Look at the finding again: mend it, or set a new `until`.")
        yield given.finding("acceptance-expired", ("accepted", index, "until"), say, about)
    elif not used and acceptance.finding in made:
        say = Say(
            f"Nothing is found that this acceptance of `{acceptance.finding}` is about.",
            "Remove it, or correct its `about`.",
        )
        yield given.finding("acceptance-unused", ("accepted", index), say, about)
