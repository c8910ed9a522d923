"""Text and tables as pipes get them."""

from __future__ import annotations

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
