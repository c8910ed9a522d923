"""Text and tables as pipes get them."""

from __future__ import annotations

import re
import sys

import pytest

from troth.cli import screen


def test_a_table_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """A cell of 400 characters stays whole, numbers stand to the right, no blank ends a line."""
    screen.table(("name", "rows"), [("x" * 400, "7"), ("[bold]y[/bold]", "1,200")], right=(1,))
    out = capsys.readouterr().out
    assert "x" * 400 in out
    assert "[bold]y[/bold]" in out
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())
    assert out.splitlines()[2].endswith("    7")


def test_what_is_captured_is_what_a_pipe_gets(capsys: pytest.CaptureFixture[str]) -> None:
    """A report written to a file has no colour."""
    kept = screen.captured(lambda: screen.say("hello", "bold red"))
    assert (kept, capsys.readouterr().out) == ("hello\n", "")


def test_a_narrow_terminal_breaks_no_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a table would break names, each row becomes a few lines with its headings; empty cells are left out."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for name, value in {"COLUMNS": "40", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    rows = [
        ("broken", "retention.communication", "7", "", "7 rows in app.support_tickets, oldest 2021-01-01")
    ]
    screen.table(("status", "promise", "rows", "oldest", "why"), rows)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert plain[0] == "broken  retention.communication"
    assert plain[1].startswith("    rows: 7 · why: 7 rows in")
    assert all(len(line) <= 40 for line in plain)
    assert "app.support_tickets," in " ".join(plain).split()
