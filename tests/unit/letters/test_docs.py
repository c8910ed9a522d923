"""The page on letters names every kind, with the data it takes, and every template is there."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

from troth.letters import kinds, retry, template

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "letters.md").read_text(encoding="utf-8")


def row(kind: kinds.Kind) -> str:
    """Write a kind as the page has it."""
    must = ", ".join(f"`{one.name}`" for one in kind.data if one.required)
    may = ", ".join(f"`{one.name}`" for one in kind.data if not one.required)
    return f"| `{kind.name}` | {kind.says[0].lower()}{kind.says[1:].rstrip('.')} | {must} | {may} |"


def test_every_kind_stands_on_the_page() -> None:
    """With what it must and may be told; no other kind does."""
    rows = re.findall(r"^\| `[a-z-]+` \| .* \| .* \| .* \|$", PAGE, re.M)
    assert rows == [row(kind) for kind in kinds.ALL.values()]


def test_every_datum_is_explained() -> None:
    """Each has a line with what it is."""
    names = {datum.name for kind in kinds.ALL.values() for datum in kind.known.values()}
    assert names - set(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \|$", PAGE, re.M)) == set()


def test_every_kind_has_a_template_and_no_template_is_over() -> None:
    """Files are named as kinds; those that begin with a line are included by others."""
    folder = importlib.resources.files("troth.letters") / "templates"
    files = {file.name for file in folder.iterdir() if not file.name.startswith("_")}
    assert files == {kind + template.SUFFIX for kind in kinds.ALL}


def test_the_waits_are_those_of_the_page() -> None:
    """After 5, 15 and 30 minutes, 1, 2 and 4 hours, for four days."""
    minutes = [int(wait.total_seconds() // 60) for wait in retry.WAITS]
    assert minutes == [5, 15, 30, 60, 120, 240]
    assert "after 5, 15, 30 minutes, 1, 2, 4 hours and so on for four days" in PAGE
    assert retry.PATIENCE.days == 4
