"""How values are written: without loss, and never run by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.rights import export_cells, export_csv
from troth.rights.export_csv import file_name
from troth.rights.export_rows import Shown
from unit.rights.export_makers import dataset, labels


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), "2020-01-02T03:04:05+00:00"),
        (date(2020, 1, 2), "2020-01-02"),
        (time(3, 4), "03:04:00"),
        (Decimal("12345678901234567890.120"), "12345678901234567890.120"),
        (timedelta(days=-1, hours=-2), "-P1DT7200S"),
        (timedelta(0), "PT0S"),
        (UUID(int=10), "00000000-0000-0000-0000-00000000000a"),
        (ip_address("10.0.0.1"), "10.0.0.1"),
        (b"\x00\xff", {"base64": "AP8="}),
        (float("nan"), "nan"),
        ([1, float("inf")], [1, "inf"]),
        ({1: b"a"}, {"1": {"base64": "YQ=="}}),
        ({"b", "a"}, ["a", "b"]),
        (None, None), (True, True), (2**70, 2**70), ("\u00e9\ud800", "\u00e9\ud800"),
    ],
)  # fmt: skip
def test_json_of_every_type(value: object, written: object) -> None:
    """JSON has a form for each, and it is valid JSON in UTF-8."""
    data = export_cells.encode({"x": value}).encode("utf-8", "backslashreplace")
    assert json.loads(data, parse_constant=pytest.fail)["x"] == written


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"), ("+49 30", "'+49 30"), ("-x", "'-x"), ("@a", "'@a"), ("\tx", "'\tx"), ("\rx", "'\rx"),
        ("\uff1d1", "'\uff1d1"), ("a=b", "a=b"), (-5, "-5"), (-1.5, "-1.5"), (Decimal("-2"), "'-2"), (None, ""),
        (" =1", "' =1"), ("\u00a0=1", "'\u00a0=1"), ("\ufeff@x", "'\ufeff@x"), ("\v+1", "'\v+1"),
        ("\u200b-1", "'\u200b-1"), ("a;b-c", "a;b-c"), ("a -b", "a -b"),
        ("a;=1", "a;'=1"), ("a; \t@b", "a; \t'@b"), ("a\n=1\r\n-2", "a\n'=1\r\n'-2"),
        (True, "true"), (b"a", "base64:YQ=="), ({"a": [1]}, '{"a":[1]}'), ([], "[]"),
    ],
)  # fmt: skip
def test_cells(value: object, cell: str) -> None:
    """Text a spreadsheet would run has an apostrophe in front; numbers are numbers."""
    assert export_cells.cell(value) == cell


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1, max_size=5))
def test_csv_reads_back(rows: list[list[str]]) -> None:
    """Whatever stands in a cell, a reader of RFC 4180 gets the cells back, none of them a formula."""
    text = export_csv.lines(rows)
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [[export_cells.cell(value) for value in row] for row in rows]
    assert not any(cell.startswith(export_cells.RUN) for row in read for cell in row)


def test_a_table() -> None:
    """Headings, then one line a row, with roles and last day behind; a byte order mark in front."""
    sheet = labels().sheets["app.messages"]
    shown = Shown(values={"id": 7, "body": "a\nb"}, until={"communication": "2026-04-01"})
    text = export_csv.header(sheet) + export_csv.lines(
        [export_csv.row(sheet, shown, ("sender", "recipient"))]
    )
    assert text.startswith("\ufeff")
    head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert head[-2:] == ["you are", "kept until (communication)"]
    assert dict(zip(head, row, strict=True))["body"] == "a\nb"
    assert row[-2:] == ["sender recipient", "2026-04-01"]


def test_the_list_of_columns() -> None:
    """Every column of every dataset is explained, those not shown with the reason."""
    rows = list(csv.DictReader(io.StringIO(export_csv.fields(labels()).removeprefix("\ufeff"), newline="")))
    by_column = {(row["dataset"], row["column"]): row for row in rows}
    mail = by_column["app.customers", "email"]
    assert (mail["category"], mail["purposes"], mail["legal basis"]) == (
        "Contact data",
        "Customer support",
        "contract",
    )
    assert mail["kept"] == "for 2 years after account.closed"
    assert "password" in by_column["app.customers", "password_hash"]["not shown because"]


def test_the_list_of_columns_gives_labels() -> None:
    """What people call a dataset stands beside its name, and no spreadsheet runs it."""
    made = labels(datamap=dataset("app.messages", label="=Letters"))
    rows = list(csv.DictReader(io.StringIO(export_csv.fields(made).removeprefix("\ufeff"), newline="")))
    assert {row["dataset"]: row["label"] for row in rows} == {
        "app.customers": "",
        "app.messages": "'=Letters",
    }


def test_names_of_files() -> None:
    """A dataset of any name gives a file every system takes, and no two the same."""
    assert file_name(3, "app.customers") == "003-app.customers.csv"
    assert file_name(4, "app.../../\u00e9=x") == "004-app..._.._x.csv"
