"""The reference of the interface says what the interface is: addresses, scopes, problems, events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.serving import Served
from troth.app.systems.events import EVENTS
from troth.app.systems.keys import SCOPES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


@pytest.fixture(scope="module")
def page() -> str:
    """Return the reference."""
    return PAGE.read_text(encoding="utf-8")


def rows(page: str, section: str) -> list[list[str]]:
    """Return the rows of the first table of a section, cell by cell."""
    text = re.split(rf"^#+ {section}$", page, flags=re.M)[1]
    table = re.search(r"((?:^\|.*\|$\n?)+)", text, re.M)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()[2:]]


def test_every_address_is_listed_with_its_scope(desk: Served, page: str) -> None:
    """As the OpenAPI document has them; none is missing, none is too many."""
    document = desk.visitor().get("/api/v1/openapi.json").json
    found = {
        (f"{method.upper()} {path.removeprefix('/api/v1')}", (one["security"][0]["Bearer"] or ["any"])[0])
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    listed = set()
    for cells in rows(page, "Calls"):
        scope = re.findall(r"`([a-z:]+)`", cells[2])
        first = ""
        for name in re.findall(r"`([^`]+)`", cells[0]):
            whole = name if " " in name else f"{first.rpartition('/')[0]}/{name}"
            first = first or whole
            listed.add((whole, "any" if len(scope) != 1 else scope[0]))
    assert listed == found


def test_every_scope_is_listed(page: str) -> None:
    """In the order of the code."""
    assert [cells[0].strip("`") for cells in rows(page, "Keys")] == list(SCOPES)


def test_every_problem_is_listed(desk: Served, page: str) -> None:
    """Each with its status, as the desk's own page about them has it."""
    shown = desk.visitor().get("/api/problems").text
    found = set(re.findall(r'<tr id="([a-z-]+)">.*?<td>(\d+)</td>', shown, re.S))
    listed = {
        (name, cells[0]) for cells in rows(page, "Errors") for name in re.findall(r"`([a-z-]+)`", cells[1])
    }
    assert listed == found


def test_every_event_is_listed(page: str) -> None:
    """In the order of the code."""
    assert [cells[0].strip("`") for cells in rows(page, "Webhooks")] == list(EVENTS)


def test_the_document_is_whole(desk: Served) -> None:
    """Every operation has words, an id of its own, answers and errors; every POST wants its key."""
    document = desk.visitor().get("/api/v1/openapi.json").json
    every = [
        (path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()
    ]
    assert len({one["operationId"] for _, _, one in every}) == len(every)
    for path, method, one in every:
        assert one["summary"], path
        assert {"401", "403", "429", "503"} <= set(one["responses"]), path
        named = {parameter["name"] for parameter in one.get("parameters", ())}
        assert ("Idempotency-Key" in named) == (method == "post"), path
