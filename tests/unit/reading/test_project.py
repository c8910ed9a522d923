"""Projects as a whole: files joined, every fault at once, nothing secret repeated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.grammar.render import render_github, render_json, render_text
from troth.reading import Reading, read_project

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "policy-faults.yml").read_text()
)
HEAD = "troth: 1\norganisation: {name: X}\n"


def read(**files: str) -> Reading:
    """Read a project whose main file is `main`."""
    named = {f"{name}.yaml": text.encode() for name, text in files.items()}
    return read_project(named, main="main.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_faults(case: dict[str, Any]) -> None:
    """Each fault of the table has its code, place, value found, nearest name and something to do."""
    project = read(main=case["project"] if case.get("whole") else HEAD + case["project"])
    offset = 0 if case.get("whole") else 2
    found = [
        {
            "code": p.code,
            "at": f"{p.span.line - offset}:{p.span.column}" if p.span else "",
            "found": p.found,
            "nearest": p.nearest,
        }
        for p in project.problems
    ]
    expected = [{"found": "", "nearest": "", **fault} for fault in case["faults"]]
    assert found == expected
    assert all(p.hint for p in project.problems)
    assert (project.policy is None) == bool(expected)


def test_sections_are_joined_across_files() -> None:
    """Mappings join key by key, lists follow one another, places keep their file."""
    project = read(
        main=HEAD
        + "include: [more.yaml]\nretention: {a: {until: x}}\nno-personal-data: [app.a]\nstores: {app: {}}\n",
        more="retention: {b: {until: y}}\nno-personal-data: [app.b]\n",
    )
    assert project.policy is not None
    assert project.datamap is not None
    assert list(project.policy.retention) == ["a", "b"]
    assert project.datamap.no_personal_data == ("app.a", "app.b")
    assert project.spans[("retention", "b")].key.file == "more.yaml"
    assert project.spans[("no-personal-data", 1)].value.file == "more.yaml"


def test_a_key_in_two_files_names_both() -> None:
    """The same rule in two files is a fault with both places."""
    project = read(
        main=HEAD + "include: more.yaml\nretention: {a: {until: x}}\n", more="retention: {a: {until: y}}\n"
    )
    (fault,) = project.problems
    assert (fault.code, str(fault.span)) == ("duplicate-key", "more.yaml:1:13")
    assert "main.yaml:4:13" in fault.message


@pytest.mark.parametrize(
    ("include", "code", "column"),
    [
        ("[gone.yaml]", "unreadable-file", 11),
        ("[../secret.yaml]", "bad-value", 11),
        ("[/etc/passwd]", "bad-value", 11),
        ("[more.yaml, ./more.yaml]", "conflicting-keys", 22),
        ("[main.yaml]", "conflicting-keys", 11),
        ("{a: b}", "bad-value", 10),
        ("[1]", "bad-value", 11),
    ],
)
def test_a_bad_include_is_a_fault_at_its_place(include: str, code: str, column: int) -> None:
    """Missing files, paths that leave the folder, and cycles point at the line that asks for them."""
    project = read(main=HEAD + f"include: {include}\n", more="categories: {}\n")
    (fault,) = project.problems
    assert (fault.code, str(fault.span)) == (code, f"main.yaml:3:{column}")


def test_includes_are_found_from_the_file_that_asks() -> None:
    """A file in a folder includes its neighbour by its bare name."""
    files = {
        "troth.yaml": (HEAD + "include: sub/a.yaml\n").encode(),
        "sub/a.yaml": b"include: b.yaml\n",
        "sub/b.yaml": b"categories: {contact: {}}\n",
    }
    project = read_project({}, read=files.__getitem__)
    assert project.policy is not None
    assert "contact" in project.policy.categories


def test_one_slip_makes_one_fault() -> None:
    """A faulty rule still declares its name, so nothing that refers to it is a second fault."""
    project = read(main=HEAD + "retention: {a: {fro: x}, cap: {at-most: 1 year, after: y, over: [a]}}\n")
    assert [fault.code for fault in project.problems] == ["unknown-key"]


def test_an_unusable_file_hides_no_other_fault() -> None:
    """Faults of one file are shown though another cannot be parsed; names it may declare are not missed."""
    project = read(
        main=HEAD + "include: more.yaml\npurposes: {p: {uses: [contact], basi: x}}\n", more="categories: ["
    )
    assert sorted(fault.code for fault in project.problems) == ["bad-yaml", "unknown-key"]


SECRET = "geh3im"


@pytest.mark.parametrize(
    "written",
    [
        f"stores: {{app: {{url: postgresql://u:{SECRET}@h/db, kin: x}}}}",
        f"stores: {{app: {{url: [postgresql://u:{SECRET}@h/db]}}}}",
        f"stores: {{app: postgresql://u:{SECRET}@h/db}}",
        f"stores: {{app: {{kind: postgresql://u:{SECRET}@h/db}}}}",
        f"stores: {{app: {{ulr: postgresql://u:{SECRET}@h/db}}}}",
        f"stores:\n  app:\n    url: postgresql://u:{SECRET}@h/db\n    url: postgresql://u:{SECRET}@h/db",
        f"stores:\n  app:\n    password: {SECRET}\n",
        f"stores:\n  app:\n  url: postgresql://u:{SECRET}@h/db\n - x",
    ],
)
def test_no_message_holds_a_password(written: str) -> None:
    """Whatever is wrong with a store, its address is shown in no form of the report."""
    project = read(main=HEAD + written + "\n")
    assert project.problems
    assert SECRET not in render_text(project.problems, project.sources)
    assert SECRET not in render_json(project.problems)
    assert SECRET not in render_github(project.problems)


def test_a_large_project_is_read_and_linted_within_a_second() -> None:
    """Two thousand lines cost at most one CPU second, imports included."""
    code = """
import time
from datetime import date
from troth.policy import lint
from troth.reading import read_project
rules = "".join(f"  c{n}:\\n    for: {n % 9 + 1} years\\n    after: event.e{n}\\n" for n in range(300))
cats = "".join(f"  c{n}:\\n    label: Category {n}\\n    covers: [thing {n}]\\n" for n in range(300))
sets = "".join(f"  app.t{n}:\\n    subject: p\\n    fields: {{c{n}: [a, b]}}\\n" for n in range(70))
text = f"troth: 1\\norganisation: {{name: X}}\\ncategories:\\n{cats}retention:\\n{rules}stores: {{app: {{}}}}\\n"
text += f"subjects: {{p: {{dataset: app.t0, key: id}}}}\\ndatasets:\\n{sets}"
assert text.count("\\n") > 2000, text.count("\\n")
project = read_project({"troth.yaml": text.encode()})
assert project.policy is not None, project.problems
assert lint.run(project, text=None, lock=None, at=date(2025, 7, 1))
print(time.process_time())
"""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert float(done.stdout) < 1.0


WHOLE = HEAD + (
    "categories: {contact: {covers: [e-mail]}}\nretention:\n  account: {for: 2 years, after: account.closed}\n"
    'stores: {app: {url: "${APP}"}}\ndatasets:\n  app.people: {kept-as: account, fields: {contact: [email]}}\n'
)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 12),
    st.sampled_from([*"{}[]:,-&*!|>'\"%@\t\n\x00é ", "null", "9", "- "]),
)
def test_a_damaged_file_is_read_or_explained(start: int, gone: int, put: str) -> None:
    """Whatever is cut out or put in, the project is read, or each fault has its place and something to do."""
    written = WHOLE[:start] + put + WHOLE[start + gone :]
    project = read(main=written)
    assert (project.policy is None) == bool(project.problems)
    assert all(fault.span and fault.hint for fault in project.problems)
    assert render_text(project.problems, project.sources)
