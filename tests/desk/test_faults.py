"""What pages say of errors: what is wrong and what to do, and nothing of the machine to strangers."""

from __future__ import annotations

import json

import pytest

from desk.serving import Served

ERRORS = """
import errno, json
from django.db import DataError, OperationalError
from django.test import RequestFactory
from django.contrib.auth.models import AnonymousUser
from troth.desk import faults
from troth.errors import Damaged, Refused, StoreError
from troth.problems import BadInput, Problem
from troth.spans import Span

SECRET = "/srv/secret/ledger.sqlite"
here = Span(file="policy.yaml", line=3, column=1)
problem = lambda code, span=None: BadInput([Problem(code=code, message="It is wrong.", hint="Mend it.", span=span)])
errors = {
    "unknown": problem("unknown-name"),
    "input": problem("bad-value"),
    "files": problem("bad-value", here),
    "refused": Refused("A guard held."),
    "store": StoreError(f"The ledger, {SECRET}, cannot be reached."),
    "damaged": Damaged(f"The ledger is not whole: {SECRET}."),
    "locked": OperationalError("database is locked"),
    "text": DataError("NUL"),
    "full": OSError(errno.ENOSPC, "no room"),
    "broken": RuntimeError(SECRET),
}
told = {}
for name, error in errors.items():
    for path in ("/requests/", "/api/v1/requests"):
        request = RequestFactory().get(path, HTTP_HOST="localhost")
        request.user = AnonymousUser()
        try:
            raise error
        except Exception:
            found = faults.of(error)
            answer = faults.page(request, found) if found else faults.unforeseen(request)
        told[f"{name} {path[:5]}"] = [answer.status_code, answer.content.decode(), dict(answer.headers)]
sys.stdout.write(json.dumps(told))
"""
STATUS = {
    "unknown": 404,
    "input": 400,
    "files": 503,
    "refused": 409,
    "store": 503,
    "damaged": 500,
    "locked": 503,
    "text": 400,
    "full": 503,
    "broken": 500,
}


@pytest.fixture(scope="module")
def told(desk: Served) -> dict[str, tuple[int, str, dict[str, str]]]:
    """Turn each kind of error into a page and into JSON."""
    found = json.loads(desk.project.run(ERRORS))
    return {name: (status, text, headers) for name, (status, text, headers) in found.items()}


@pytest.mark.parametrize("name", STATUS)
def test_each_error_has_its_status(told: dict[str, tuple[int, str, dict[str, str]]], name: str) -> None:
    """An error becomes a page, or JSON below /api/, of the same status."""
    assert told[f"{name} /requ"][0] == told[f"{name} /api/"][0] == STATUS[name]
    assert told[f"{name} /requ"][1].lstrip().startswith("<!doctype html>")
    assert json.loads(told[f"{name} /api/"][1])["error"]


@pytest.mark.parametrize("name", STATUS)
def test_strangers_learn_nothing_of_the_machine(
    told: dict[str, tuple[int, str, dict[str, str]]], name: str
) -> None:
    """No path, no name of a file, no text of a database is shown."""
    page = told[f"{name} /requ"][1] + told[f"{name} /api/"][1]
    assert "/srv/" not in page
    assert "policy.yaml" not in page
    assert "database is locked" not in page


@pytest.mark.parametrize("name", ["store", "locked", "full"])
def test_what_is_away_says_when_to_come_back(
    told: dict[str, tuple[int, str, dict[str, str]]], name: str
) -> None:
    """A page that is not available says after how many seconds to try again."""
    assert int(told[f"{name} /requ"][2]["Retry-After"]) > 0
