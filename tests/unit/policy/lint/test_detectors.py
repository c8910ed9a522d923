"""Each detector against its case file, and the registry against codes, docs and conflicts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from troth import codes
from troth.policy import lint
from troth.policy.lint import conflicts
from troth.policy.lint.given import Given
from troth.policy.text import lock as locks
from troth.policy.text import reading
from troth.problems import Problem
from troth.reading import read_project

ROOT = Path(__file__).parents[4]
CASES = ROOT / "tests" / "cases"


def table(detector: lint.Detector) -> list[dict[str, Any]]:
    """Read the cases of one detector."""
    return yaml.safe_load((CASES / f"lint-{detector.name}.yml").read_text())


ALL_CASES = [(detector, case) for detector in lint.DETECTORS for case in table(detector)]


def given(case: dict[str, Any]) -> Given:
    """Read the project and text of a case; it must have no fault."""
    written = case.get("project", "")
    head = "troth: 1\n" + ("" if "organisation:" in written else "organisation: {name: X}\n")
    project = read_project({"troth.yaml": (head + written).encode()})
    assert project.problems == ()
    assert project.policy is not None
    assert project.datamap is not None
    text = reading.read_bytes("policy.md", case["text"].encode()) if "text" in case else None
    return Given(
        policy=project.policy,
        datamap=project.datamap,
        places=project.spans,
        text=text,
        lock=locks.of(text) if text else None,
        at=date(2025, 7, 1),
    )


def named(problem: Problem, case: dict[str, Any]) -> str:
    """Name a finding as the case files do."""
    in_text = problem.span is not None and problem.span.file == "policy.md"
    return f"{problem.code} line {problem.span.line}" if in_text else f"{problem.code} {problem.about}"


@pytest.mark.parametrize(
    ("detector", "case"), ALL_CASES, ids=[f"{d.name}: {c['case']}" for d, c in ALL_CASES]
)
def test_finds_what_its_cases_say(detector: lint.Detector, case: dict[str, Any]) -> None:
    """A detector finds exactly what its case file says, with a place and something to do."""
    found = list(detector.find(given(case)))
    assert sorted(named(problem, case) for problem in found) == sorted(case["find"])
    assert all(problem.span is not None and problem.hint for problem in found)


@pytest.mark.parametrize("detector", lint.DETECTORS, ids=lambda d: d.name)
def test_has_a_case_that_is_found_and_one_that_is_not(detector: lint.Detector) -> None:
    """Each case file shows the contradiction and a project that is free of it."""
    cases = table(detector)
    assert any(case["find"] for case in cases)
    assert any(not case["find"] for case in cases)


@pytest.mark.parametrize("detector", lint.DETECTORS, ids=lambda d: d.name)
def test_makes_the_codes_it_declares(detector: lint.Detector) -> None:
    """The codes in the registry are those the cases produce, and all are findings."""
    made = {line.split(" ")[0] for case in table(detector) for line in case["find"]}
    assert {code for code in made if codes.ALL[code].severity is codes.Severity.FINDING} == set(
        detector.codes
    )


def test_every_lint_code_has_a_detector() -> None:
    """No finding of the linter is listed without something that makes it."""
    made = {code for detector in lint.DETECTORS for code in detector.codes}
    acceptances = {"acceptance-expired", "acceptance-unused"}
    assert {code.name for code in codes.LINT} - made - acceptances == set()


def test_conflicts_name_detectors_that_exist() -> None:
    """A contradiction is looked for by a registered detector, or says what is missing."""
    names = {detector.name for detector in lint.DETECTORS}
    for conflict in conflicts.ALL.values():
        assert (conflict.detector in names) != bool(conflict.not_built), conflict.id


def test_every_known_conflict_is_listed(shared: Path) -> None:
    """Each of the 70 contradictions of the five policies is in the table."""
    with (shared / "promises" / "conflicts.csv").open(newline="") as file:
        known = [row["id"] for row in csv.DictReader(file)]
    assert sorted(conflicts.ALL) == sorted(known)
    assert len(conflicts.BUILT) + len(conflicts.NOT_BUILT) == len(known) == 70


SEEDS = {
    "janco.txt": {"open-ended-purpose", "unresolved-reference"},
    "smartjac.txt": {"children-without-age", "consent-by-use", "open-ended-ground", "weak-breach-promise"},
    "jmark.txt": {
        "contradictory-adjective",
        "hidden-contact",
        "implied-transfer-consent",
        "wrong-section-number",
    },
    "janus.txt": {"ambiguous-date", "consent-by-use", "two-contact-domains"},
    "janusipm.txt": {
        "archive-for-business",
        "contradictory-adjective",
        "duplicate-section",
        "implied-transfer-consent",
        "own-interest-as-duty",
        "unresolved-reference",
    },
}


@pytest.mark.parametrize("seed", SEEDS)
def test_finds_the_contradictions_of_a_published_text(shared: Path, seed: str) -> None:
    """In each published policy the detectors find the contradictions a reader found, and few others."""
    text = reading.read_bytes(seed, (shared / "seeds" / seed).read_bytes())
    project = read_project(
        {"troth.yaml": b"troth: 1\norganisation: {name: X}\npublished: {version: 2025-01-01}\n"}
    )
    found = {p.code for p in lint.run(project, text=text, lock=None, at=date(2025, 7, 1))}
    assert SEEDS[seed] <= found
    assert len(found - SEEDS[seed]) <= 1
