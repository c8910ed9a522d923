"""A run of the linter: order, acceptances, and what stays unsaid about faulty blocks."""

from __future__ import annotations

from datetime import date

from troth.policy import lint
from troth.problems import Problem
from troth.reading import read_project

HEAD = "troth: 1\norganisation: {name: X}\n"
STORES = 'stores: {a: {url: "${A}"}, b: {url: "${B}"}}\n'
AT = date(2025, 7, 1)


def run(text: str) -> tuple[Problem, ...]:
    """Lint a project on the day of the tests."""
    return lint.run(read_project({"troth.yaml": (HEAD + text).encode()}), text=None, lock=None, at=AT)


def accept(about: str = "", until: str = "2025-12-31", finding: str = "store-without-location") -> str:
    """Write an acceptance."""
    return (
        f'accepted: [{{finding: {finding}, about: "{about}", owner: Ada, reason: known, until: {until}}}]\n'
    )


def test_findings_come_in_order() -> None:
    """Findings are sorted by place, whatever detector made them."""
    found = run(STORES + "retention: {lead: {}}\npurposes: {ads: {uses: []}}\n")
    assert [problem.span for problem in found] == sorted(p.span for p in found if p.span)
    assert len(found) > 3


def test_an_accepted_finding_is_not_shown() -> None:
    """An acceptance hides the finding it names, and no other of the same code."""
    (left,) = run(STORES + accept("stores.a"))
    assert left.about == "stores.b"


def test_an_acceptance_without_about_covers_every_finding_of_its_code() -> None:
    """Without `about` all findings of the code are accepted."""
    assert run(STORES + accept()) == ()


def test_accepted_findings_are_kept_with_owner_and_reason() -> None:
    """The outcome lists what was accepted, and by whom."""
    project = read_project({"troth.yaml": (HEAD + STORES + accept()).encode()})
    outcome = lint.outcome(project, text=None, lock=None, at=AT)
    assert {(p.about, a.owner) for p, a in outcome.accepted} == {("stores.a", "Ada"), ("stores.b", "Ada")}


def test_an_expired_acceptance_hides_nothing_and_is_told() -> None:
    """From the day after `until` the finding counts again."""
    codes = [problem.code for problem in run(STORES + accept("stores.a", until="2025-06-30"))]
    assert sorted(codes) == ["acceptance-expired", "store-without-location", "store-without-location"]
    assert "acceptance-expired" not in {p.code for p in run(STORES + accept("stores.a", until="2025-07-01"))}


def test_an_acceptance_of_nothing_is_told() -> None:
    """An acceptance that matches no finding is a finding."""
    assert "acceptance-unused" in {problem.code for problem in run(STORES + accept("stores.c"))}


def test_an_acceptance_of_what_only_a_live_store_shows_is_left_alone() -> None:
    """The linter does not call an acceptance unused when it never looked."""
    assert run(accept(finding="undeclared-table")) == ()
    assert run(accept(finding="duplicate-section")) == ()


def test_nothing_is_found_in_a_faulty_block() -> None:
    """A rule with a fault makes no finding about what could not be read; other rules do."""
    found = run("retention: {a: {for: 2 yeras}, b: {for: 2 years}}\n")
    about = [problem.about for problem in found if problem.code.startswith("rule-without")]
    assert about == ["retention.b"]


def test_what_is_not_built_is_listed_with_its_reason() -> None:
    """The linter can say what it does not look for."""
    assert lint.NOT_BUILT
    assert all(conflict.not_built for conflict in lint.NOT_BUILT)
