"""What was typed is read, or refused all at once, without a value in any message."""

from __future__ import annotations

import pytest

from troth.grammar.render import render_text
from troth.people import typed
from troth.people.typed import Identity, Known, Line
from troth.problems import Problem

KNOWN = Known(
    kinds=("email", "phone", "id", "ip", "Loyalty", "last-name"), subjects=("customer",), region="US"
)


def read(*texts: str, known: Known = KNOWN) -> tuple[tuple[typed.Typed, ...], tuple[Problem, ...]]:
    """Read lines of a file."""
    return typed.read([Line(source="<file>", line=n, text=t) for n, t in enumerate(texts, 1)], known)


def test_each_form_is_read() -> None:
    """Kinds, keys of subjects, blanks and letter case."""
    found, problems = read(" EMAIL: Ada@Example.org ", "phone:(415) 555-0100", "customer/7,1", "loyalty:X1")
    assert not problems
    assert [one.identity for one in found] == [
        Identity(match="email", value="ada@example.org"),
        Identity(match="phone", value="+14155550100"),
        Identity(match="customer/", value="7,1"),
        Identity(match="loyalty", value="X1"),
    ]


def test_the_same_identity_counts_once() -> None:
    """Two spellings of one identity are one."""
    found, _ = read("email:ada@example.org", "email:ADA@example.org")
    assert len(found) == 1


def test_every_fault_at_once_by_line_and_kind() -> None:
    """All that is wrong is said together."""
    _, problems = read(
        "email:", "email:secret", "phone:secret", "emial:secret", "secret", "ip:secret", "customr/1"
    )
    assert [(p.code, p.span.line if p.span else 0) for p in problems] == [
        ("bad-identity", 1),
        ("bad-identity", 2),
        ("bad-identity", 3),
        ("unknown-identity", 4),
        ("bad-identity", 5),
        ("bad-identity", 6),
        ("unknown-identity", 7),
    ]
    assert "line 2 (email)" in problems[1].message
    assert (problems[3].nearest, problems[6].nearest) == ("email", "customer")


@pytest.mark.parametrize(
    "text",
    ["secret", "email:secret", "phone:secret", "secret:secret", "secret/secret", "name:secret", "ip:secret"],
)
def test_no_message_repeats_what_was_typed(text: str) -> None:
    """Neither value nor what stands before the colon comes back."""
    _, problems = read(text)
    assert problems and "secret" not in render_text(problems, {})


def test_nobody_is_looked_for_by_name() -> None:
    """A name is no identity to start from, even where the data map has it."""
    _, problems = read("last-name:Lovelace")
    assert "shared" in problems[0].message


def test_nothing_given() -> None:
    """No identity at all is a fault."""
    assert [p.code for p in read()[1]] == ["bad-identity"]


def test_too_many() -> None:
    """More than ten thousand are refused before any is read."""
    assert [p.code for p in read(*["email:x"] * 10_001)[1]] == ["too-many-identities"]


def test_a_phone_without_a_country_needs_one() -> None:
    """Where the data map names no country, a number says its own."""
    _, problems = read("phone:(415) 555-0100", known=Known(kinds=("phone",), subjects=()))
    assert "country" in problems[0].message


def test_lines_of_a_file() -> None:
    """Line ends of every kind, empty lines and remarks."""
    found = list(typed.lines("email:a@b.c\r\n\n# remark\rid:1\n", "<file>"))
    assert [(one.line, one.text) for one in found] == [(1, "email:a@b.c"), (4, "id:1")]
