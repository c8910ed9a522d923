"""A published text and what cites it: read it against the project's rules, and lock it.

The lock is a file of the project; where a ledger exists already, evidence says that the text was pinned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.app import files, ledgers
from troth.app.clock import Clock
from troth.app.project import Project, look, read_text
from troth.evidence.entry import Entry
from troth.grammar.project import MAIN
from troth.policy import promises
from troth.policy.text import coverage
from troth.policy.text import lock as locks
from troth.policy.text.coverage import Coverage
from troth.policy.text.model import Text
from troth.problems import BadInput

LOCK = "policy.lock"
"""What a lock is called where no project says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A text, and how much of it the rules of a project cite."""

    text: Text
    coverage: Coverage
    cites: bool
    """Whether there is a project whose rules could cite it."""


def read(path: Path, folder: Path) -> Pinned:
    """Read a text, against the project in the folder where there is one.

    Raises:
        BadInput: when the text cannot be read.
    """
    text, problems = read_text(path.parent, path.name)
    if text is None:
        raise BadInput(problems)
    project = look(folder) if (folder / MAIN).is_file() else None
    cited, wording = _citations(project) if project else ({}, ())
    return Pinned(text=text, coverage=coverage.coverage(text, cited, wording), cites=project is not None)


def _citations(project: Project) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Return which promises cite what, and what is declared to be wording only."""
    policy = project.reading.usable_policy
    if policy is None:
        return {}, ()
    found: dict[str, dict[str, None]] = {}
    for listed in promises.each(policy):
        for reference in listed.promise.says:
            found.setdefault(reference, {})[listed.id] = None
    for right, references in policy.rights.sentences.items() if policy.rights else ():
        for reference in references:
            found.setdefault(reference, {})[f"rights.{right}"] = None
    return {reference: tuple(ids) for reference, ids in found.items()}, policy.wording_only


def lock(text: Text, folder: Path, environment: Mapping[str, str], clock: Clock) -> Path:
    """Write the lock of a text into the project, and say so in the evidence log where there is one."""
    made = locks.of(text)
    written = locks.dumps(made)
    path = folder / _name(folder)
    files.write(path, written)
    if ledgers.exists(folder, environment):
        body = {
            "text": made.text_digest,
            "lock": hashlib.sha256(written.encode()).hexdigest(),
            "sentences": len(made.sentences),
            "headings": len(made.headings),
        }
        with ledgers.opened(folder, environment, clock) as ledger:
            ledger.append(Entry(kind="text.locked", at=clock.now(), body=body))
    return path


def _name(folder: Path) -> str:
    if not (folder / MAIN).is_file():
        return LOCK
    policy = look(folder).reading.usable_policy
    return policy.published.lock if policy else LOCK
