"""What the docs show works: their YAML loads, their commands exist, and the walks through an example run.

Pages are read as they stand. What cannot be run here is named in `SKIPPED`, each with its reason; what stands for
something a reader puts in is named in `INSTEAD`.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer.main

from e2e import inside
from troth.cli.main import app
from troth.policy import lint
from troth.reading import read_project

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "janusipm"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), EXAMPLE / "README.md"])
WALKS = (*sorted((ROOT / "docs" / "tutorial").glob("*.md")), *sorted((ROOT / "docs" / "how-to").glob("*.md")))
PROBLEMS = ROOT / "docs" / "reference" / "problems.md"

OTHER_YAML = {"check-every-night.md": "the configuration of a CI service, not a project"}

SKIPPED = {
    "make demo": "runs this example for half a minute; CI runs it by itself",
    "make demo-serve": "serves until Ctrl-C; test_demo_serve runs it",
    "make test": "would run this test",
}
"""Command → why it is not run."""

INSTEAD = {
    "generate.py --out app.sqlite": "generate.py --out app.sqlite --accounts 1000",
    "--key …": "--key .troth/keys/signing.pub",
    "postgresql://reader:secret@db.example/shop": "sqlite:///app.sqlite",
    "app.customers/123": "app.accounts/123",
    "cd examples/janusipm": "true",
    "troth find --from -": "echo customer/123 | troth find --from -",
    "troth init": "troth init --into drafted",
}
"""What a reader puts in, and what is put in here: a smaller store, the key of this log, a database that is there."""

MAY_END_WITH = {"troth check": {0, 1, 4}, "troth why": {0, 1}}
"""Codes that are answers, where 0 is not the only one."""

PLAIN = {
    "troth": "1",
    "organisation": "{name: Example}",
    "categories": "{contact: {}, identity: {}, technical: {}, transaction: {}}",
    "retention": "{account: {for: 2 years, after: account.closed}, transaction: {until: transaction.made}}",
    "stores": '{app: {url: "${APP_DB}", located: US}}',
    "datasets": "{app.customers: {fields: {contact: [email]}}}",
}
"""What a fragment is completed with, beside a kind of subject that lives in its first dataset."""


def _name(page: Path) -> str:
    return page.relative_to(ROOT).with_suffix("").as_posix()


def _blocks(page: Path, kind: str) -> Iterator[str]:
    """Yield the fenced blocks of a kind, without their indent."""
    for found in re.finditer(rf"^( *)```{kind}\n(.*?)^ *```$", page.read_text(), re.M | re.S):
        yield re.sub(rf"^{found[1]}", "", found[2], flags=re.M)


def _commands(page: Path) -> Iterator[str]:
    """Yield the command lines of a page's console blocks, without what they print or say beside it."""
    for block in _blocks(page, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                yield re.sub(r"\s{2,}#.*", "", line[2:]).strip()


def _project(block: str) -> str:
    """Complete a fragment to a project; a whole project stays as it is."""
    keys = set(re.findall(r"^([a-z-]+):", block, re.M))
    if "troth" in keys:
        return block
    if not keys:
        pytest.fail("a fragment begins with a section, as `datasets:`")
    home = re.search(r"^  (app\.\w+):", block, re.M) if "datasets" in keys else None
    plain = {
        **PLAIN,
        "subjects": f"{{customer: {{dataset: {home[1] if home else 'app.customers'}, key: id}}}}",
    }
    return "\n".join(f"{key}: {value}" for key, value in plain.items() if key not in keys) + "\n" + block


def _yaml() -> Iterator[object]:
    for page in PAGES:
        if page != PROBLEMS and page.name not in OTHER_YAML:
            for number, block in enumerate(_blocks(page, "yaml"), start=1):
                yield pytest.param(block, id=f"{_name(page)}-{number}")


def _problems() -> Iterator[object]:
    for section in re.split(r"^## ", PROBLEMS.read_text(), flags=re.M)[1:]:
        found = re.search(r"^```yaml\n(.*?)^```$", section, re.M | re.S)
        if found:
            code = section.partition("\n")[0]
            yield pytest.param(code, found[1], id=code)


@pytest.mark.parametrize("block", [*_yaml()])
def test_yaml_of_the_docs_loads(block: str) -> None:
    """Every project and fragment the docs show is read without a fault."""
    read = read_project({"troth.yaml": _project(block).encode()})
    assert not [f"{p.code}: {p.message} {p.found}" for p in read.problems]


@pytest.mark.parametrize(("code", "block"), [*_problems()])
def test_yaml_of_a_problem_shows_it(code: str, block: str) -> None:
    """The example of a problem has that problem."""
    keys = set(re.findall(r"^([a-z-]+):", block, re.M))
    head = "" if "troth" in keys else "troth: 1\n"
    head += "" if "organisation" in keys else "organisation: {name: X}\n"
    read = read_project({"troth.yaml": (head + block).encode()})
    outcome = lint.outcome(read, text=None, lock=None, at=date(2026, 6, 1))
    assert code in {problem.code for problem in (*read.problems, *outcome.open)}


@functools.cache
def _program() -> Any:
    return typer.main.get_command(app)


def _known(words: list[str]) -> None:
    """Hold a command line against the commands and options there are."""
    command, *rest = _program(), *words
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"there is no command {' '.join(words)}"
        command, rest = command.commands[rest[0]], rest[1:]
    options = {o for parameter in command.params for o in (*parameter.opts, *parameter.secondary_opts)}
    for word in rest:
        if word.startswith("--"):
            assert word.partition("=")[0] in options | {"--help"}, (
                f"troth {' '.join(words)}: no option {word}"
            )


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_of_the_docs_exist(page: Path) -> None:
    """Each `troth …` in a console block or between back-ticks names a command and options that exist."""
    inline = re.findall(
        r"`troth ([a-z][^`\n]*)`", re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
    )
    shown = [part for line in _commands(page) for part in line.split(" | ") if part.startswith("troth ")]
    for line in (*inline, *(part.removeprefix("troth ") for part in shown)):
        if not re.match(r"[a-z]+ --?at\b", line):
            _known(shlex.split(line.partition(" > ")[0].partition(" < ")[0]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example with its store still to be made, and `troth` and `python` on a path of its own."""
    work = tmp_path / "janusipm"
    shutil.copytree(
        EXAMPLE, work, ignore=shutil.ignore_patterns("*.sqlite", ".troth", "policy.txt", "__pycache__")
    )
    text = Path(os.environ.get("TROTH_SHARED") or ROOT.parent / "shared") / "seeds" / "janusipm.txt"
    if text.exists():
        shutil.copy(text, work / "policy.txt")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in {"troth": "-m troth", "python": ""}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return work


def _run(line: str, work: Path, *, apart: bool) -> subprocess.CompletedProcess[str]:
    """Run one command line as a shell would, in the example's folder; `apart` in a process of its own.

    What only a shell understands goes to a shell anyway. Starting Troth is most of the work of a walk.
    """
    for shown, meant in INSTEAD.items():
        line = line.replace(shown, meant)
    path = f"{work.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "APP_DB": "sqlite:///app.sqlite"}
    if not apart and line.startswith("troth ") and not set("|<>$`&;*?~") & set(line):
        return inside.give(shlex.split(line)[1:], work, environment)
    return subprocess.run(
        line, shell=True, cwd=work, env=environment, capture_output=True, text=True, check=False, timeout=180
    )


def _walk(lines: list[str], work: Path, *, apart: bool) -> None:
    for line in lines:
        if line in SKIPPED or ("policy.txt" in line and not (work / "policy.txt").exists()):
            continue  # the published text is not part of the repository
        done = _run(line, work, apart=apart)
        allowed = next((codes for start, codes in MAY_END_WITH.items() if line.startswith(start)), {0})
        assert done.returncode in allowed, f"$ {line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", WALKS, ids=_name)
def test_a_walk_runs_as_written(page: Path, folder: Path) -> None:
    """Every command of the tutorial and the how-tos ends as the page says, one after the other."""
    lines = list(_commands(page))
    if lines and "generate.py" not in " ".join(lines):
        lines = ["python generate.py --out app.sqlite", *lines]
    _walk(lines, folder, apart=False)


def test_the_readme_runs_as_written(folder: Path) -> None:
    """The commands of the README do what they say on the example, each in a process of its own."""
    _walk(["python generate.py --out app.sqlite", *_commands(ROOT / "README.md")], folder, apart=True)


@pytest.mark.parametrize(("code", "expected"), [("not-built", 0), ("undeclared-column", 1)])
def test_the_step_in_ci_fails_for_undeclared_data_alone(code: str, expected: int, tmp_path: Path) -> None:
    """The script for CI passes while promises are unproven for other reasons, and fails with what is undeclared."""
    page = (ROOT / "docs" / "how-to" / "check-every-night.md").read_text()
    script = re.search(r"<<'END'\n(.*?)^ *END$", page, re.M | re.S)
    assert script
    reason = {"code": code, "message": "app.orders.note"}
    (tmp_path / "check.json").write_text(json.dumps({"results": [{"reasons": [reason]}]}))
    command = [sys.executable, "-c", textwrap.dedent(script[1])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "app.orders.note" in done.stderr) == (expected, bool(expected))
