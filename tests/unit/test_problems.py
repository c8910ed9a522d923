"""Problems as values: their order, their kinds, their nearest names."""

from __future__ import annotations

from troth.codes import ALL, Severity
from troth.problems import BadInput, Problem, faults, in_order, nearest
from troth.spans import Span


def problem(code: str, line: int = 0, message: str = "x") -> Problem:
    """Make a problem on a line, or without a place."""
    return Problem(code=code, message=message, span=Span("f", line) if line else None)


def test_problems_come_in_the_order_of_the_files() -> None:
    """Place first, then code, then message; what has no place comes before; repeats are dropped."""
    late, early, nowhere = problem("bad-value", 9), problem("unknown-key", 2), problem("no-anchor")
    assert in_order([late, early, nowhere, late]) == (nowhere, early, late)


def test_faults_are_told_from_findings() -> None:
    """Only faults stop the files from loading."""
    assert faults([problem("bad-value"), problem("no-anchor")]) == (problem("bad-value"),)


def test_bad_input_carries_every_fault_and_counts_them() -> None:
    """The exception says how many, and leaves with exit code 2."""
    bad = BadInput([problem("bad-value", 2), problem("bad-value", 1)])
    assert [p.span.line for p in bad.problems if p.span] == [1, 2]
    assert (str(bad), bad.exit_code) == ("2 faults in the input", 2)


def test_nearest_is_a_name_a_slip_away_or_none() -> None:
    """A slip finds its name; what is like nothing finds none."""
    assert nearest("yeras", ["years", "days"]) == "years"
    assert nearest("zzz", ["years", "days"]) == ""


def test_codes_have_a_name_a_title_and_a_page() -> None:
    """Every code is written with hyphens, has a sentence, and points at its section."""
    for name, code in ALL.items():
        assert name == name.lower().replace("_", "-") == code.name
        assert code.title.endswith(".")
        assert code.severity in Severity
    assert problem("bad-value").page == "docs/reference/problems.md#bad-value"
