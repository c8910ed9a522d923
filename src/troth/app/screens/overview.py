"""How an installation stands, for the page of settings: versions, project files, mail in and out. Asks no store."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import django

from troth import __version__
from troth.app import linting
from troth.app.linting import Linted
from troth.app.mailbox import boxes
from troth.app.requests.steps import Place
from troth.ledger.ledger import Ledger
from troth.letters import smtp
from troth.problems import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How an installation stands."""

    versions: tuple[tuple[str, str], ...]
    ledger: str
    """The kind of database it is kept in."""
    entries: int
    """Of evidence."""
    faults: int
    findings: int
    accepted: int
    letters: Mapping[str, int]
    """Letters that somebody or something must still see to, by state."""
    sends: bool
    """A mail server is set."""
    mailbox: str
    """The mailbox that requests come in by; empty where none is set."""
    mailbox_trouble: str
    messages: int
    """Messages from it that wait for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One fault or finding of the project's files, as a screen shows it."""

    code: str
    severity: str
    message: str
    hint: str
    file: str
    line: int


def of(ledger: Ledger, at: Place) -> Overview:
    """Return how the installation stands now."""
    linted = linting.lint(at.folder, at.clock.now().date())
    mailbox, trouble = _mailbox(at)
    return Overview(
        versions=(
            ("Troth", __version__),
            ("Python", platform.python_version()),
            ("Django", django.get_version()),
        ),
        ledger="SQLite: one worker, one machine"
        if ledger.session.is_sqlite
        else "PostgreSQL: any number of workers",
        entries=ledger.evidence_pages.size(),
        faults=len(linted.faults),
        findings=len(linted.problems) - len(linted.faults),
        accepted=len(linted.accepted),
        letters=dict(Counter(one.state for one in ledger.outbox.listed())),
        sends=bool(at.environment.get(smtp.VARIABLE)),
        mailbox=mailbox,
        mailbox_trouble=trouble,
        messages=ledger.in_mails.counts()["open"],
    )


def files(at: Place) -> tuple[Linted, tuple[Remark, ...]]:
    """Return what is wrong with the project's files, faults first; what was accepted stands in the first part.

    Raises:
        BadInput: when there is no project in the folder at all.
    """
    linted = linting.lint(at.folder, at.clock.now().date())
    faulty = {id(problem) for problem in linted.faults}
    remarks = [
        Remark(
            code=problem.code,
            severity="fault" if id(problem) in faulty else "finding",
            message=problem.message,
            hint=problem.hint,
            # A page is no place for where a project lies on a disk.
            file=PurePosixPath(problem.span.file).name if problem.span else "",
            line=problem.span.line if problem.span else 0,
        )
        for problem in linted.problems
    ]
    return linted, tuple(sorted(remarks, key=lambda one: one.severity))


def _mailbox(at: Place) -> tuple[str, str]:
    if not at.environment.get(boxes.VARIABLE):
        return "", ""
    try:
        return boxes.address(at.environment).name, ""
    except BadInput as bad:
        return "", bad.problems[0].message
