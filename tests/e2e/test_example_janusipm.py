"""The JanusIPM example as a project: it loads, its findings are the known ones, its text is cited whole."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from troth.policy import lint, promises
from troth.policy.text import coverage, reading
from troth.policy.text import lock as locks
from troth.policy.text.model import Text
from troth.promises import listing
from troth.reading import Reading, read_project

FOLDER = Path(__file__).parents[2] / "examples" / "janusipm"
DAY = date(2026, 6, 1)

OPEN = {"breach-without-authority", "claimed-law-gap", "sale-not-stated", "transfer-without-safeguard"}
OPEN_IN_TEXT = {"archive-for-business", "implied-transfer-consent", "own-interest-as-duty"}


@pytest.fixture
def project() -> Reading:
    """Read the example."""
    return read_project({file.name: file.read_bytes() for file in FOLDER.glob("*.yaml")})


@pytest.fixture
def lock() -> locks.Lock:
    """Read the example's lock."""
    return locks.loads("policy.lock", (FOLDER / "policy.lock").read_text())


@pytest.fixture
def text(shared: Path) -> Text:
    """Read the published text; skip where it is absent."""
    return reading.read_bytes("policy.txt", (shared / "seeds" / "janusipm.txt").read_bytes())


def test_example_has_no_fault(project: Reading) -> None:
    """Every file of the example can be loaded."""
    assert not project.problems


def test_open_findings_are_those_the_readme_lists(project: Reading, lock: locks.Lock) -> None:
    """Without the text, exactly the four findings nobody can answer for are open."""
    outcome = lint.outcome(project, text=None, lock=lock, at=DAY)
    assert {problem.code for problem in outcome.open} == OPEN
    readme = (FOLDER / "README.md").read_text()
    assert all(f"`{code}`" in readme for code in OPEN)


def test_every_citation_means_one_sentence(project: Reading, lock: locks.Lock) -> None:
    """Each fingerprint of the example is in its lock, under one heading."""
    outcome = lint.outcome(project, text=None, lock=lock, at=DAY)
    assert not [problem for problem in outcome.open if "fingerprint" in problem.code]
    assert len(lock.sentences) == 92


def test_expired_acceptance_counts_again(project: Reading, lock: locks.Lock) -> None:
    """Once an acceptance has run out, its finding is back."""
    later = lint.outcome(project, text=None, lock=lock, at=date(2028, 1, 1))
    assert {"acceptance-expired", "purpose-without-basis"} <= {problem.code for problem in later.open}


def test_text_has_not_drifted_from_the_lock(text: Text, lock: locks.Lock) -> None:
    """The lock is that of the published text, sentence by sentence."""
    assert locks.of(text) == lock


def test_every_sentence_is_cited_or_wording(project: Reading, text: Text) -> None:
    """No sentence of the published text is without a rule, and no citation is without a sentence."""
    assert project.policy is not None
    covered = coverage.coverage(text, _citations(project), project.policy.wording_only)
    assert (covered.uncited, covered.unresolved) == (0, ())


def test_findings_in_the_text_are_the_known_ones(project: Reading, text: Text, lock: locks.Lock) -> None:
    """With the text, three more kinds of findings are open, and no acceptance is unused."""
    outcome = lint.outcome(project, text=text, lock=lock, at=DAY)
    assert {problem.code for problem in outcome.open} == OPEN | OPEN_IN_TEXT


def test_each_known_contradiction_is_found(project: Reading, text: Text, lock: locks.Lock) -> None:
    """Fourteen of the fifteen contradictions are findings; the fifteenth is solved by the minimal record."""
    outcome = lint.outcome(project, text=text, lock=lock, at=DAY)
    codes = {p.code for p in outcome.open} | {problem.code for problem, _ in outcome.accepted}
    for found in (
        "claimed-law-gap",
        "archive-for-business",
        "end-is-event-to-remember",
        "undeclared-collection",
        "category-without-purpose",
        "breach-without-authority",
        "transfer-without-safeguard",
        "duplicate-section",
        "sale-not-stated",
        "contradictory-adjective",
        "event-may-never-come",
        "own-interest-as-duty",
        "unresolved-reference",
    ):
        assert found in codes
    assert "erase-against-retention" not in codes


def test_each_row_of_the_list_has_an_answer(shared: Path) -> None:
    """Every row drawn from this text is answered by a promise of the example, a finding, or declared wording."""
    with (shared / "promises" / "promises.csv").open() as listed:
        wanted = [row["id"] for row in csv.DictReader(listed) if row["id"].startswith("janusipm-")]
    assert [answer["row"] for answer in _answers()] == wanted
    assert all(answer["promise"] or answer["finding"] for answer in _answers())


def test_each_answer_is_a_promise(project: Reading) -> None:
    """The promises that rows are answered by exist, and each promise but two answers some row."""
    assert project.policy is not None
    named = {name for answer in _answers() for name in answer["promise"].split()} - {"wording-only"}
    known = {promise.id for promise in listing.promises(project.policy)}
    assert named <= known
    assert known - named == {"categories.transaction", "categories.communication"}


def test_each_answering_finding_is_made(project: Reading, text: Text, lock: locks.Lock) -> None:
    """The findings that rows are answered by are found, open or accepted."""
    outcome = lint.outcome(project, text=text, lock=lock, at=DAY)
    codes = {p.code for p in outcome.open} | {problem.code for problem, _ in outcome.accepted}
    assert {answer["finding"] for answer in _answers()} - {""} <= codes


def test_no_sentence_of_the_text_is_copied(text: Text) -> None:
    """The example says everything in words of its own; short labels and addresses are no sentences."""
    ours = " ".join(file.read_text().casefold() for file in FOLDER.iterdir() if file.is_file())
    copied = [s.ordinal for s in text.sentences if len(s.text) > 45 and s.text.casefold() in ours]
    assert not copied


def _citations(project: Reading) -> Mapping[str, list[str]]:
    assert project.policy is not None
    found: dict[str, list[str]] = {}
    for listed in promises.each(project.policy):
        for cited in listed.promise.says:
            found.setdefault(cited, []).append(listed.id)
    assert project.policy.rights is not None
    for right, said in project.policy.rights.sentences.items():
        for cited in said:
            found.setdefault(cited, []).append(f"rights.{right}")
    return found


def _answers() -> list[dict[str, str]]:
    with (FOLDER / "promises.csv").open() as listed:
        return list(csv.DictReader(listed))
