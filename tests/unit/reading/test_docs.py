"""The language, its JSON Schema and its reference pages say the same."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from troth import codes, periods
from troth.catalog.datamap import DataMap
from troth.grammar import blocks
from troth.grammar.reference import table
from troth.policy import lint
from troth.policy.model import Policy
from troth.reading import json_schema, read_project

DOCS = Path(__file__).parents[3] / "docs"
PAGES = {
    name: (DOCS / "reference" / f"{name}.md").read_text()
    for name in ("policy", "datamap", "problems", "periods")
}
SCHEMA = json_schema()
BLOCKS = {block.__name__: block for top in (Policy, DataMap) for block in blocks.each_block(top)}
del BLOCKS["Policy"], BLOCKS["DataMap"]


@pytest.mark.parametrize("name", BLOCKS)
def test_schema_and_model_have_the_same_keys(name: str) -> None:
    """Each block of the declaration is in the schema with exactly its keys, each described."""
    properties = SCHEMA["$defs"][name]["properties"]
    assert tuple(properties) == blocks.keys(BLOCKS[name])
    assert all(value.get("description") for value in properties.values())


def test_schema_holds_no_block_that_is_not_declared() -> None:
    """The schema has a definition for each block and nothing else."""
    assert set(SCHEMA["$defs"]) == set(BLOCKS)


def test_schema_top_has_every_section() -> None:
    """The sections of policy and data map, the version and the includes are the keys of a file."""
    expected = {"troth", "include", *blocks.keys(Policy), *blocks.keys(DataMap)}
    assert set(SCHEMA["properties"]) == expected
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_schema_takes_what_the_files_take() -> None:
    """A text stands for a list of one, yes and no are valid, and forms may overlap."""
    assert {"type": "string"} in SCHEMA["$defs"]["Category"]["properties"]["covers"]["anyOf"]
    assert SCHEMA["$defs"]["Erasure"]["properties"]["confirm"]["enum"] == [True, False, "yes", "no"]
    assert "oneOf" not in repr(SCHEMA)


@pytest.mark.parametrize("name", BLOCKS)
def test_reference_has_the_table_of_each_block(name: str) -> None:
    """The table of each block stands under its name, as the declaration makes it."""
    page = PAGES["policy" if f"### {name}\n" in PAGES["policy"] else "datamap"]
    section = page.split(f"### {name}\n")[1].split("\n#")[0]
    assert table(SCHEMA["$defs"][name]) in section + "\n"


@pytest.mark.parametrize("key", SCHEMA["properties"])
def test_reference_lists_every_section(key: str) -> None:
    """Each section of a file is in the first table of one of the two pages."""
    assert any(f"| `{key}`" in PAGES[page].split("## Blocks")[0] for page in ("policy", "datamap"))


def examples(page: str) -> list[str]:
    """Return the YAML examples of a page."""
    return re.findall(r"```yaml\n(.*?)```", PAGES[page], re.DOTALL)


@pytest.mark.parametrize("example", [*examples("policy"), *examples("datamap")])
def test_examples_have_no_fault(example: str) -> None:
    """What the pages show can be copied."""
    assert read_project({"troth.yaml": example.encode()}).problems == ()


def test_forms_of_the_grammar_page_can_be_read() -> None:
    """Each form in the retention table is a rule without fault."""
    rows = re.findall(r"^\| `([^`]*)` \|", PAGES["policy"].split("## The retention grammar")[1], re.MULTILINE)
    assert len(rows) >= 11
    base = {"inactive": "for: 1 year, after: x, ", "because": "for: 1 year, after: x, "}
    rules = "".join(f"  r{n}: {{{base.get(row.split(':')[0], '')}{row}}}\n" for n, row in enumerate(rows))
    text = f"troth: 1\norganisation: {{name: X}}\nretention:\n  ticket: {{for: ever}}\n{rules}"
    assert read_project({"troth.yaml": text.encode()}).problems == ()


@pytest.mark.parametrize("code", codes.ALL)
def test_every_code_is_explained(code: str) -> None:
    """Each problem code has a section with what it means and what to do."""
    assert f"\n## {code}\n" in PAGES["problems"]


def test_no_section_explains_a_code_that_is_gone() -> None:
    """The page of problems has no section without a code, and none twice."""
    sections = re.findall(r"^## (\S+)$", PAGES["problems"], re.MULTILINE)
    assert set(sections) <= set(codes.ALL)
    assert len(sections) == len(set(sections))


def fault_examples() -> list[tuple[str, str]]:
    """Return the YAML example of each fault of the language that has one."""
    found = []
    for part in PAGES["problems"].split("\n## ")[1:]:
        code = part.split("\n")[0]
        example = re.search(r"```yaml\n(.*?)```", part, re.DOTALL)
        if example and example[1].split(":")[0] in SCHEMA["properties"]:
            found.append((code, example[1]))
    return found


@pytest.mark.parametrize(("code", "example"), fault_examples(), ids=lambda value: value[:20])
def test_examples_of_problems_show_them(code: str, example: str) -> None:
    """The example of each problem has that problem, and no fault besides."""
    head = (
        "troth: 1\n" + ("" if "organisation:" in example else "organisation: {name: X}\n") + _names(example)
    )
    project = read_project({"troth.yaml": (head + example).encode()})
    found = [*project.problems, *lint.run(project, text=None, lock=None, at=date(2025, 7, 1))]
    assert code in {problem.code for problem in found}
    faults = {problem.code for problem in project.problems}
    assert faults <= {code}


def _names(example: str) -> str:
    """Declare the categories an example refers to."""
    return (
        ""
        if "categories:" in example.split("recipients", maxsplit=1)[0]
        else "categories: {contact: {}, card: {}, order: {}}\n"
    )


@pytest.mark.parametrize(
    ("start", "written", "last"),
    re.findall(r"^\| (\d{4}-\d\d-\d\d) \| ([^|]+) \| (\d{4}-\d\d-\d\d) \|$", PAGES["periods"], re.MULTILINE),
)
def test_table_of_ends_is_right(start: str, written: str, last: str) -> None:
    """Each row of the table of ends is what the code computes."""
    assert str(periods.end(date.fromisoformat(start), periods.parse(written))) == last


@pytest.mark.parametrize(
    "written", re.findall(r"`([^`]+)`", PAGES["periods"].split("Units:")[0].split("|---|")[1])
)
def test_forms_of_the_periods_page_can_be_read(written: str) -> None:
    """Each way of writing a period that the page shows is understood."""
    assert periods.parse(written) != periods.ZERO
