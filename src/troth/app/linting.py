"""What is wrong with a project, as a whole: faults, open findings, what was accepted, what nobody looks for yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from troth.app import project as projects
from troth.policy.lint import conflicts
from troth.policy.lint.conflicts import Conflict
from troth.policy.model import Acceptance
from troth.problems import Problem, faults


@dataclass(frozen=True, kw_only=True)
class Linted:
    """What `troth lint` found."""

    problems: tuple[Problem, ...]
    """Faults and open findings, in order."""
    accepted: tuple[tuple[Problem, Acceptance], ...]
    not_built: tuple[Conflict, ...]
    """Known contradictions no detector looks for yet."""
    sources: Mapping[str, Sequence[str]]
    """The lines of each file."""

    @property
    def faults(self) -> tuple[Problem, ...]:
        """Return what stops the project from being loaded."""
        return faults(self.problems)


def lint(folder: Path, on: date) -> Linted:
    """Look for everything that is wrong with a project on a day.

    Raises:
        BadInput: when there is no project in the folder at all.
    """
    project = projects.look(folder)
    text = {project.text.name: projects.lines(folder / project.text.name)} if project.text else {}
    return Linted(
        problems=project.problems(on),
        accepted=project.findings(on).accepted,
        not_built=conflicts.NOT_BUILT,
        sources={**text, **project.reading.sources},
    )
