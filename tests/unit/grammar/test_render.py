"""Problems as text, JSON and GitHub annotations."""

from __future__ import annotations

import json

import pytest

from troth.grammar import masks
from troth.grammar.render import render_github, render_json, render_text
from troth.problems import Problem
from troth.spans import Span

FAULT = Problem(
    code="bad-period",
    message="'yeras' is not a unit of time.",
    span=Span("troth.yaml", 2, 8, 2, 15),
    found="2 yeras",
    valid=("2 years", "72 hours"),
    nearest="years",
    hint="Write a number and a unit.",
)
FINDING = Problem(code="no-on-expiry", message="a, b: 50%\nnext", about="app.people")


def test_text_shows_the_line_with_a_caret_and_all_details() -> None:
    """A fault is shown with place, line, caret, value, valid values, nearest name, hint and page."""
    shown = render_text([FAULT], {"troth.yaml": ["retention:", "  for: 2 yeras"]})
    assert shown == (
        "troth.yaml:2:8: fault bad-period: 'yeras' is not a unit of time.\n"
        "    2 |   for: 2 yeras\n"
        "      |        ^^^^^^^\n"
        "    found:   2 yeras\n"
        "    valid:   2 years, 72 hours\n"
        "    nearest: years\n"
        "    to do:   Write a number and a unit.\n"
        "    see:     docs/reference/problems.md#bad-period\n"
        "\n"
        "1 fault, no findings.\n"
    )


def test_an_argument_is_named_by_its_number() -> None:
    """What was typed on the command line has no line and no column."""
    problem = Problem(code="bad-identity", message="x", span=Span("<arguments>", 2))
    assert render_text([problem], {}).startswith("argument 2: fault bad-identity: x")


def test_text_cuts_a_long_line_round_the_place() -> None:
    """A line of 10,000 characters is shown only where the problem is."""
    problem = Problem(code="bad-value", message="x", span=Span("f", 1, 5000, 1, 5003))
    shown = render_text([problem], {"f": ["a" * 4999 + "bcd" + "a" * 5000]})
    assert "bcd" in shown
    assert len(shown) < 600


def test_text_of_nothing_says_so() -> None:
    """A clean project is told in one line."""
    assert render_text([], {}) == "No faults, no findings.\n"


def test_json_holds_every_part_of_a_problem() -> None:
    """Machines get the same as people, in the same order."""
    (finding, fault) = json.loads(render_json([FAULT, FINDING]))
    assert (fault["code"], fault["severity"], fault["line"], fault["nearest"]) == (
        "bad-period",
        "fault",
        2,
        "years",
    )
    assert (finding["about"], finding["file"]) == ("app.people", None)


def test_github_gets_escaped_workflow_commands() -> None:
    """Faults are errors, findings warnings; line feeds, percent signs and colons are escaped."""
    (finding, fault) = render_github([FAULT, FINDING]).splitlines()
    assert fault.startswith("::error file=troth.yaml,line=2,col=8,title=bad-period::'yeras'")
    assert finding == "::warning title=no-on-expiry::a, b: 50%25%0Anext"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  url: postgresql://u:geheim@h/db", "  url: **************************"),
        ('{url: "postgresql://u:ge,heim@h/db", located: US}', '{url: "' + "*" * 27 + '", located: US}'),
        ("{url: mysql://u:geheim@h/db, located: US}", "{url: *********************, located: US}"),
        ("ulr: postgresql://u:p@ss@h/db", "ulr: postgresql://******@h/db"),
        ("password: geheim # old", "password: ****** # old"),
        ('url: "${APP_DB}"', 'url: "${APP_DB}"'),
        ("url: sqlite:///shop.db", "url: sqlite:///shop.db"),
        ("url: https://example.org/privacy", "url: https://example.org/privacy"),
        ("contact: privacy@example.org", "contact: privacy@example.org"),
    ],
)
def test_source_lines_hide_secrets(line: str, shown: str) -> None:
    """An address with a password is covered, its length kept; what holds no secret stays."""
    assert masks.line(line) == shown
    assert len(shown) == len(line)
