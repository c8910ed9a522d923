"""The documented commands, options and exit codes are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from troth import errors, problems
from troth.cli import exits
from troth.cli.main import app

DOCS = Path(__file__).parents[3] / "docs" / "reference"
ROW = re.compile(r"^\| (`[^|]+`) \| (.+) \|$", re.M)


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command with its whole name."""
    under = getattr(command, "commands", None)
    if under is None:
        yield path, command
    for name, one in (under or {}).items():
        yield from commands(one, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(app), "troth"))
SECTIONS = {
    section.partition("\n")[0]: section
    for section in (DOCS / "cli.md").read_text(encoding="utf-8").split("\n## ")[1:]
}


def test_each_command_has_a_section() -> None:
    """No command is missing from the page, none is too many."""
    assert [name for name in SECTIONS if name.startswith("troth ")] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_is_documented(name: str) -> None:
    """A section lists the options and arguments of its command with their help."""
    found = dict(ROW.findall(SECTIONS[name]))
    expected = {}
    for parameter in COMMANDS[name].params:
        if parameter.name == "help":
            continue
        names = (parameter.metavar,) if parameter.param_type_name == "argument" else parameter.opts
        expected[", ".join(f"`{one}`" for one in names)] = parameter.help
    assert found == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_says_what_it_is(name: str) -> None:
    """Every option, argument and command has a sentence that ends."""
    texts = [p.help for p in COMMANDS[name].params] + [COMMANDS[name].help]
    assert all(text and text.rstrip().endswith(".") for text in texts)


def test_each_exit_code_is_documented() -> None:
    """The table of exit codes is the list in the code."""
    text = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    found = {int(code): says for code, says in re.findall(r"^\| (\d+) \| (.+) \|$", text, re.M)}
    assert found == exits.ALL


def test_each_error_leaves_with_a_documented_code() -> None:
    """The exit code of every exception class is in the list."""
    classes = [problems.BadInput, *errors.TrothError.__subclasses__()]
    assert {one.exit_code for one in classes} <= set(exits.ALL)
