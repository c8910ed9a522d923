"""The list of every problem code: what it is called, whether it is a fault or a finding, one line on it.

A code is stable once released. Each has a section of the same name in docs/reference/problems.md; a test
compares the two. Faults stop the files from being loaded (exit 2); findings are shown and may be accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad a problem is."""

    FAULT = "fault"
    """The files cannot be loaded."""
    FINDING = "finding"
    """They load; something is wrong or missing, and a promise may be unproven because of it."""


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem."""

    name: str
    severity: Severity
    title: str


def _faults(**titles: str) -> list[Code]:
    return [Code(name.replace("_", "-"), Severity.FAULT, title) for name, title in titles.items()]


def _findings(**titles: str) -> list[Code]:
    return [Code(name.replace("_", "-"), Severity.FINDING, title) for name, title in titles.items()]


FAULTS = _faults(
    unreadable_file="A file of the project cannot be read.",
    bad_encoding="A file is not UTF-8.",
    bad_yaml="The YAML itself cannot be parsed.",
    too_large="A file is larger, deeper or more repetitive than a policy can be.",
    duplicate_key="The same key stands twice in one mapping.",
    unknown_key="A key is not part of the language.",
    missing_key="A key that must be there is missing.",
    bad_value="A value is not of the kind its key takes.",
    bad_period="A period of time cannot be understood.",
    unknown_name="A name is used that nothing declares.",
    conflicting_keys="Keys stand together that exclude one another.",
)

FINDINGS = _findings(
    undeclared_table="A table of the live store is in neither list of the data map.",
    undeclared_column="A column of the live store is declared neither as a field nor as harmless.",
)

ALL: dict[str, Code] = {code.name: code for code in [*FAULTS, *FINDINGS]}
