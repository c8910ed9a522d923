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
    empty_text="The published text holds no sentence.",
    bad_fingerprint="A fingerprint is not written as one.",
    unknown_fingerprint="No sentence of the locked text has the fingerprint a rule cites.",
    ambiguous_fingerprint="Several sentences under different headings have the fingerprint a rule cites.",
    lock_damaged="The lock of a text is not as Troth wrote it.",
    bad_scope="What a hold is to cover cannot be read, or is not in the data map.",
    bad_condition="The condition of a hold cannot be read, or does not fit its dataset.",
    bad_hold="A hold lacks an owner or title, or its review lies in the past.",
)

FINDINGS = _findings(
    text_drifted="The published text is not the one that was locked.",
    text_absent="The published text is not here to be compared with its lock.",
    bad_reach="The way from a dataset to its subject cannot be read.",
    no_reach="No path leads from a dataset to a subject.",
    ambiguous_reach="More than one path leads from a dataset to a subject.",
    reach_across_stores="A reach leads into another store; its engine is not built yet.",
    unknown_column="The data map names a column the live schema does not have.",
    unknown_dataset="The data map names a dataset no live schema has.",
    no_retention_class="A personal field has no retention rule that ends it.",
    no_on_expiry="A dataset does not say what becomes of its rows once everything personal has expired.",
    no_anchor="A rule's event is dated by no column that a dataset can reach.",
    anchor_goes_first="The date another rule counts from would go before that rule has run out.",
    cannot_blank="A field cannot be emptied as the live schema stands.",
    cannot_delete="Rows of a dataset cannot be deleted as the live schema stands.",
    timezone_missing="A dated column carries no time zone and none is declared.",
    mixed_dates="A column holds dates in more than one layout.",
    form_not_built="A rule is written in a form whose engine is not built yet.",
    trigger_fires="A trigger fires on what a plan would do.",
    no_key="A table has no key by which its rows can be addressed.",
    hold_unclear="A hold can no longer be read as it was meant.",
    undeclared_table="A table of the live store is in neither list of the data map.",
    undeclared_column="A column of the live store is declared neither as a field nor as harmless.",
)

ALL: dict[str, Code] = {code.name: code for code in [*FAULTS, *FINDINGS]}
