"""Values of a manifest, written for columns of other types: what they mean there, or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from troth.catalog.model import Column, ColumnKind
from troth.stores.sql.staging_values import Form, element, form, storable, written

ID = uuid.UUID("7f9c24e5-2c1b-4d0e-9a9b-1f2e3d4c5b6a")


@pytest.mark.parametrize(
    ("one", "value", "expected"),
    [
        (Form.INTEGER, "17", [17]),
        (Form.INTEGER, " 17 ", [17]),
        (Form.INTEGER, 17.0, [17]),
        (Form.INTEGER, Decimal("17.00"), [17]),
        (Form.INTEGER, "17.5", []),
        (Form.INTEGER, "x", []),
        (Form.INTEGER, True, []),
        (Form.INTEGER, 10**30, []),
        (Form.NUMBER, "17.5", [Decimal("17.5")]),
        (Form.NUMBER, "NaN", []),
        (Form.TEXT, 17, ["17"]),
        (Form.TEXT, Decimal("17.50"), ["17.50", "17.5"]),
        (Form.TEXT, ID, [str(ID), str(ID).upper()]),
        (Form.TEXT, "a\0b", []),
        (Form.TEXT, "half \ud800", []),
        (Form.TEXT, b"\xff", []),
        (Form.TEXT, dt.date(2020, 1, 2), ["2020-01-02"]),
        (Form.UUID, str(ID).upper(), [ID]),
        (Form.UUID, ID.bytes, [ID]),
        (Form.UUID, "7", []),
        (Form.INET, "192.0.2.7", ["192.0.2.7"]),
        (Form.INET, "nowhere", []),
        (Form.BYTES, ID, [ID.bytes]),
        (Form.BYTES, 7, []),
    ],
)
def test_a_value_is_written_as_what_it_means(one: Form, value: object, expected: list[object]) -> None:
    """What means nothing in a type is left out."""
    assert [row[0] for row in written("postgresql", (one,), (value,))] == expected


def test_a_key_of_two_columns_is_left_out_when_one_means_nothing() -> None:
    """All of a key's parts must be there."""
    assert list(written("sqlite", (Form.INTEGER, Form.TEXT), ("x", "y"))) == []
    assert list(written("sqlite", (Form.INTEGER, Form.TEXT), ("7", "y"))) == [(7, "y")]


@pytest.mark.parametrize(
    ("theirs", "own", "expected"),
    [
        (ColumnKind.INTEGER, ColumnKind.INTEGER, Form.OWN),
        (ColumnKind.TEXT, ColumnKind.INTEGER, Form.INTEGER),
        (ColumnKind.INTEGER, ColumnKind.TEXT, Form.TEXT),
        (ColumnKind.UUID, ColumnKind.TEXT, Form.TEXT),
        (None, ColumnKind.UUID, Form.UUID),
        (ColumnKind.DATE, ColumnKind.ENUM, Form.TEXT),
    ],
)
def test_only_columns_alike_keep_their_own_type(
    theirs: ColumnKind | None, own: ColumnKind, expected: Form
) -> None:
    """Any other column is compared with what the value means in it."""
    subject = None if theirs is None else Column(name="id", kind=theirs, declared=theirs.value)
    assert form(subject, Column(name="ref", kind=own, declared=own.value)) is expected


def test_elements_of_a_list_have_the_type_before_the_brackets() -> None:
    """A list of numbers is asked for numbers."""
    whole = Column(name="ids", kind=ColumnKind.ARRAY, declared="bigint[]")
    assert element(whole).kind is ColumnKind.INTEGER
    assert element(Column(name="to", kind=ColumnKind.ARRAY, declared="varchar(20)[]")).kind is ColumnKind.TEXT


def test_text_that_no_database_takes_is_known() -> None:
    """NUL and half a surrogate pair."""
    assert [storable(text) for text in ("", "ä", "a\0", "\udfff")] == [True, True, False, False]
